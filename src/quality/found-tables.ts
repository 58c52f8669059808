import type { Session, Value } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { TableShape } from '../sql/dialect.ts';
import { duplicatesShape, ledgerSchema, stagingShape, starShape, winnersShape } from '../sql/shapes.ts';

/** Name and type of each column of a table, as `Dialect.typeName` writes types; empty where this user may not see them. */
export type FoundColumns = ReadonlyMap<string, string>;

/** The tables and views of a warehouse, as a target has them. */
export interface Found {
  /** Declared, and not there, in the order of the model. */
  readonly missing: readonly string[];
  readonly columnsOf: (table: string) => FoundColumns;
  /** The staging tables whose duplicates are not there, or have other columns than are declared; or whose winners are not. */
  readonly withoutDuplicates: readonly string[];
}

/** What a target has of staging, star and views. */
export async function findTables({ staging, tables, views }: Warehouse, session: Session): Promise<Found> {
  const names = [...staging, ...tables, ...views].map(({ name }) => name);
  const { star, ledger } = await relationsIn(session);
  const hasDuplicates = (table: Staging) => {
    const shape = duplicatesShape(table);
    const there = ledger.get(shape.name);
    if (there === undefined || !ledger.has(winnersShape(table).name)) return false;
    return there.size === 0 || (there.size === shape.columns.length && alterations(shape, there, session).length === 0);
  };
  return {
    missing: names.filter((name) => !star.has(name)),
    columnsOf: (table) => star.get(table) ?? new Map(),
    withoutDuplicates: staging.filter((table) => !hasDuplicates(table)).map(({ name }) => name),
  };
}

/** @throws TARGET_UNUSABLE naming the tables and views that are not there, or columns that are not as they are declared */
export async function refuseAltered(warehouse: Warehouse, session: Session): Promise<void> {
  const { missing, columnsOf } = await findTables(warehouse, session);
  if (missing.length > 0) {
    throw new SparkifyError('TARGET_UNUSABLE', `The target lacks ${missing.join(', ')}.`, {
      hint: 'It was altered by hand or holds another warehouse. `sparkify run --full-refresh` puts everything back.',
      details: { missing },
    });
  }
  const shapes = [...warehouse.staging.map(stagingShape), ...warehouse.tables.map(starShape)];
  const altered = shapes.flatMap((shape) => alterations(shape, columnsOf(shape.name), session));
  if (altered.length === 0) return;
  throw new SparkifyError('TARGET_UNUSABLE', `Tables are not as they are declared:\n  - ${altered.join('\n  - ')}`, {
    hint: 'They were altered by hand, or come of another declaration. The next `sparkify run` puts them right.',
    details: { missing: altered },
  });
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

type Relations = ReadonlyMap<string, FoundColumns>;

/** Tables and views by name: of the star, and of the tool's own. */
async function relationsIn({ all, dialect, schemas }: Session): Promise<{ star: Relations; ledger: Relations }> {
  const everywhere = [...schemas, ledgerSchema];
  const relations = await all(`-- look for the tables and views\n${dialect.relationNames(everywhere)}`);
  const columns = await all(`-- look for their columns\n${dialect.columnTypes(everywhere)}`);
  const star = new Map<string, Map<string, string>>();
  const ledger = new Map<string, Map<string, string>>();
  const sideOf = (schema: Value | undefined) => (schema === ledgerSchema ? ledger : star);
  for (const [schema, name] of relations.rows) sideOf(schema).set(String(name), new Map());
  for (const [schema, name, column, type] of columns.rows)
    sideOf(schema).get(String(name))?.set(String(column), String(type));
  return { star, ledger };
}
