import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { TableShape } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { duplicatesShape, ledgerSchema, stagingShape, starShape, viewShape, winnersShape } from '../sql/shapes.ts';

/** Name and type of each column of a table, as `Dialect.typeName` writes types; empty where this user may not see them. */
export type FoundColumns = ReadonlyMap<string, string>;

/** The tables and views of a warehouse, as a target has them. */
export interface Found {
  /** Declared, and not there, in the order of the model. */
  readonly missing: readonly string[];
  readonly columnsOf: (table: string) => FoundColumns;
  /** Views that give other columns than are declared. */
  readonly otherViews: readonly string[];
  /** The staging tables whose duplicates are not there, or have other columns than are declared; or whose winners are not. */
  readonly withoutDuplicates: readonly string[];
}

/**
 * What a target has of staging, star and views.
 * @throws TARGET_UNUSABLE where a view stands in place of a table, or a table in place of a view
 */
export async function findTables(warehouse: Warehouse, session: Session): Promise<Found> {
  const { staging, tables, views } = warehouse;
  const names = [...staging, ...tables, ...views].map(({ name }) => name);
  const find = await relationsIn(warehouse, session);
  const inStar = (name: string) => find(session.schemas, name);
  const inLedger = (name: string) => find([ledgerSchema], name)?.columns;
  refuseOtherKinds(warehouse, (name) => inStar(name)?.kind);
  const hasDuplicates = (table: Staging) => {
    const shape = duplicatesShape(table);
    const there = inLedger(shape.name);
    if (there === undefined || inLedger(winnersShape(table).name) === undefined) return false;
    return there.size === 0 || (there.size === shape.columns.length && alterations(shape, there, session).length === 0);
  };
  const isOther = (name: string, columns: readonly string[]) => {
    const there = [...(inStar(name)?.columns ?? new Map()).keys()];
    return there.length > 0 && there.join() !== columns.join();
  };
  return {
    missing: names.filter((name) => inStar(name) === undefined),
    columnsOf: (table) => inStar(table)?.columns ?? new Map(),
    otherViews: views
      .map(viewShape)
      .filter(({ name, columns }) => isOther(name, columns))
      .map(({ name }) => name),
    withoutDuplicates: staging.filter((table) => !hasDuplicates(table)).map(({ name }) => name),
  };
}

/** @throws TARGET_UNUSABLE naming the tables and views that are not there, or columns that are not as they are declared */
export async function refuseAltered(warehouse: Warehouse, session: Session): Promise<void> {
  const { missing, columnsOf, otherViews } = await findTables(warehouse, session);
  if (missing.length > 0) {
    throw new SparkifyError('TARGET_UNUSABLE', `The target lacks ${missing.join(', ')}.`, {
      hint: `It was altered by hand or holds another warehouse. ${nextRun}`,
      details: { missing },
    });
  }
  const shapes = [...warehouse.staging.map(stagingShape), ...warehouse.tables.map(starShape)];
  const altered = [
    ...shapes.flatMap((shape) => alterations(shape, columnsOf(shape.name), session)),
    ...otherViews.map((view) => `${view} has other columns`),
  ];
  if (altered.length === 0) return;
  throw new SparkifyError('TARGET_UNUSABLE', `Tables are not as they are declared:\n  - ${altered.join('\n  - ')}`, {
    hint: `They were altered by hand, or come of another declaration. ${nextRun}`,
    details: { missing: altered },
  });
}

const nextRun =
  'The next `sparkify run` puts it right where it can, and asks before lines are lost; `sparkify plan` shows what it does.';

/** What stands there is somebody's, and is not taken away unasked. */
function refuseOtherKinds({ staging, tables, views }: Warehouse, kindOf: (name: string) => string | undefined): void {
  const declared = [
    ...[...staging, ...tables].map(({ name }) => ({ name, is: 'table' })),
    ...views.map(({ name }) => ({ name, is: 'view' })),
  ];
  for (const { name, is } of declared) {
    const kind = kindOf(name) ?? is;
    if (kind === is) continue;
    throw new SparkifyError('TARGET_UNUSABLE', `${name} is a ${kind}, where a ${is} is declared.`, {
      hint: `Drop it, or rename it: drop ${kind} ${identifier(name)}. The next \`sparkify run\` makes what is declared.`,
      details: { name, kind },
    });
  }
}

/** Each as people read it; none where nothing is seen of the table. */
function alterations({ name, columns }: TableShape, there: FoundColumns, { dialect }: Session): readonly string[] {
  if (there.size === 0) return [];
  return columns.flatMap((column) => {
    const [type, declared] = [there.get(column.name), dialect.typeName(column.type)];
    if (type === undefined) return [`${name} has no column ${column.name}`];
    return type === declared ? [] : [`${name}.${column.name} is ${type}, where ${declared} is declared`];
  });
}

interface Relation {
  readonly kind: string;
  readonly columns: FoundColumns;
}

/** Gives what a name stands for in the first of several schemas that has it, as statements without a schema find it. */
type FindRelation = (schemas: readonly string[], name: string) => Relation | undefined;

async function relationsIn(
  { staging, tables, views }: Warehouse,
  { all, dialect, schemas }: Session,
): Promise<FindRelation> {
  const everywhere = [...schemas, ledgerSchema];
  const names = [
    ...[...staging, ...tables, ...views].map(({ name }) => name),
    ...staging.flatMap((table) => [duplicatesShape(table).name, winnersShape(table).name]),
  ];
  const relations = await all(`-- look for the tables and views\n${dialect.relations(everywhere, names)}`);
  const columns = await all(`-- look for their columns\n${dialect.columnTypes(everywhere, names)}`);
  const found = new Map<string, { kind: string; columns: Map<string, string> }>();
  const at = (schema: unknown, name: unknown) => JSON.stringify([schema, name]);
  for (const [schema, name, kind] of relations.rows)
    found.set(at(schema, name), { kind: String(kind), columns: new Map() });
  for (const [schema, name, column, type] of columns.rows)
    found.get(at(schema, name))?.columns.set(String(column), String(type));
  return (among, name) => among.map((schema) => found.get(at(schema, name))).find((relation) => relation !== undefined);
}
