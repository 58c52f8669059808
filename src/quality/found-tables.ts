import type { Session } from '../engines/engine.ts';
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
}

/** What a target has of staging, star and views. */
export async function findTables({ staging, tables, views }: Warehouse, session: Session): Promise<Found> {
  const names = [...staging, ...tables, ...views].map(({ name }) => name);
  const found = await relationsIn(session.schemas, session);
  const columns = await columnsIn(session.schemas, session);
  return {
    missing: names.filter((name) => !found.has(name)),
    columnsOf: (table) => columns.get(table) ?? new Map(),
  };
}

/** The staging tables whose duplicates are not there, or have other columns than are declared; or whose winners are not. */
export async function withoutDuplicates({ staging }: Warehouse, session: Session): Promise<readonly Staging[]> {
  const found = await relationsIn([ledgerSchema], session);
  const columns = await columnsIn([ledgerSchema], session);
  return staging.filter((table) => {
    const shape = duplicatesShape(table);
    if (!found.has(shape.name) || !found.has(winnersShape(table).name)) return true;
    const there = columns.get(shape.name);
    return there !== undefined && (there.size !== shape.columns.length || !fits(shape, there, session));
  });
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

function fits(shape: TableShape, there: FoundColumns, session: Session): boolean {
  return alterations(shape, there, session).length === 0;
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

/** The names of tables and views. */
async function relationsIn(schemas: readonly string[], session: Session): Promise<ReadonlySet<string>> {
  const { rows } = await session.all(`-- look for the tables and views\n${session.dialect.relationNames(schemas)}`);
  return new Set(rows.map(([name]) => String(name)));
}

/** The columns of tables, by the table's name. */
async function columnsIn(schemas: readonly string[], session: Session): Promise<ReadonlyMap<string, FoundColumns>> {
  const { rows } = await session.all(`-- look for their columns\n${session.dialect.columnTypes(schemas)}`);
  const found = new Map<string, Map<string, string>>();
  for (const [table, column, type] of rows) {
    const columns = found.get(String(table)) ?? new Map<string, string>();
    found.set(String(table), columns.set(String(column), String(type)));
  }
  return found;
}
