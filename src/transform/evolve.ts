import type { Definition } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import type { View } from '../model/view.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ColumnShape, Dialect, TableShape } from '../sql/dialect.ts';
import { duplicatesShape, stagingShape, starShape, tableName, viewShape, winnersName } from '../sql/shapes.ts';
import { type DefiningStatement, defining } from './statements.ts';

/** A declaration, and what the tables of a target were computed by before it. */
export interface Evolution {
  readonly warehouse: Warehouse;
  /** What the ledger says of the target. */
  readonly definitions: readonly Definition[];
  /** What the declaration computes tables by. */
  readonly today: readonly Definition[];
  /** Tables that somebody has dropped, or their duplicates, so that they are made anew, with nothing in them yet. */
  readonly missing: readonly string[];
}

/**
 * Gives tables whose declaration changed their new columns and types. They are filled by the run that follows, as what
 * a table was computed by changed too. Tables are altered, not made anew: views and grants upon them survive.
 */
export function widenTables(evolution: Evolution, dialect: Dialect): readonly DefiningStatement[] {
  const { warehouse, definitions } = evolution;
  return [
    ...warehouse.staging.flatMap((staging) => forgetDerived(staging, evolution)),
    ...warehouse.views.flatMap((view) => forgetView(view, definitions, dialect)),
    ...shapesOf(warehouse).flatMap((shape) => widenTable(shape, columnsBefore(shape, definitions), dialect)),
  ];
}

/** A column that goes, and what drops it. */
export interface ColumnDrop {
  readonly table: string;
  readonly column: string;
  readonly statements: readonly DefiningStatement[];
}

/** Drops the columns of tables that are declared no more. */
export function dropColumns(
  warehouse: Warehouse,
  definitions: readonly Definition[],
  dialect: Dialect,
): readonly ColumnDrop[] {
  return shapesOf(warehouse).flatMap((shape) =>
    [...columnsBefore(shape, definitions).keys()]
      .filter((name) => !shape.columns.some((column) => column.name === name))
      .map((name) => {
        const title = `drop column ${name} of ${shape.name}`;
        return {
          table: shape.name,
          column: name,
          statements: defining(shape.name, title, dialect.dropColumn(shape, name)),
        };
      }),
  );
}

/**
 * What the ledger must say of tables while they are made or altered: that they are computed by nothing known, and may
 * have these columns, of which it is not known how far they got. Whatever becomes of the run, the next one, by this
 * declaration or by another, alters them once more and computes them anew. Another declaration says otherwise.
 */
export function whileAltered(evolution: Evolution, dialect: Dialect): readonly Definition[] {
  const { warehouse, definitions, missing } = evolution;
  const derived = warehouse.staging.filter((staging) => isDerivedAnew(staging, evolution)).map(({ name }) => name);
  const emptied = new Set([...missing, ...derived]);
  return shapesOf(warehouse).flatMap(({ name, columns }) => {
    const known = definitions.find((definition) => definition.name === name);
    if (!known)
      return [{ name, fingerprint: '', version: 0, columns: columns.map((column) => typed(column, dialect)) }];
    const before = new Map(known.columns);
    const changed = columns.filter((column) => before.get(column.name) !== dialect.typeName(column.type));
    if (changed.length === 0 && !emptied.has(name)) return [];
    for (const column of changed) before.set(column.name, typeOnTheWay(dialect.typeName(column.type)));
    return [{ ...known, fingerprint: '', columns: [...before] }];
  });
}

function typed({ name, type }: ColumnShape, dialect: Dialect): Definition['columns'][number] {
  return [name, dialect.typeName(type)];
}

/**
 * The staging tables whose lines are to land again: those that are made anew, and those of which columns change their
 * type, as some values may be lost.
 */
export function stagingToFill({ warehouse, definitions, missing }: Evolution, dialect: Dialect): readonly Staging[] {
  return warehouse.staging.filter((table) => {
    const shape = stagingShape(table);
    const before = columnsBefore(shape, definitions);
    return missing.includes(table.name) || shape.columns.some((column) => isRetyped(column, before, dialect));
  });
}

/**
 * Definitions with the columns and tables that are declared no more, as long as they are still there: a table that is
 * declared again may be so with other columns.
 */
export function withLeftovers(now: readonly Definition[], before: readonly Definition[]): readonly Definition[] {
  const tables = before.filter(({ name }) => now.every((definition) => definition.name !== name));
  const kept = now.map((definition) => {
    const declared = new Set(definition.columns.map(([name]) => name));
    const known = before.find(({ name }) => name === definition.name)?.columns ?? [];
    return { ...definition, columns: [...definition.columns, ...known.filter(([name]) => !declared.has(name))] };
  });
  return [...kept, ...tables.map((definition) => ({ ...definition, fingerprint: '' }))];
}

/** No type is called so: a column that has it may not be there, or have the type before or the one it says. */
const typeOnTheWay = (type: string): string => `?${type}`;

function shapesOf({ staging, tables }: Warehouse): readonly TableShape[] {
  return [...staging.map(stagingShape), ...tables.map(starShape)];
}

/** Empty where the table was not there. */
function columnsBefore({ name }: TableShape, definitions: readonly Definition[]): ReadonlyMap<string, string> {
  return new Map(definitions.find((definition) => definition.name === name)?.columns ?? []);
}

function widenTable(shape: TableShape, before: ReadonlyMap<string, string>, dialect: Dialect): DefiningStatement[] {
  if (before.size === 0) return [];
  return shape.columns.flatMap((column) => {
    const change = `column ${column.name} of ${shape.name}`;
    const type = before.get(column.name);
    const add = type === undefined || type.startsWith('?');
    return [
      ...(add ? defining(shape.name, `add ${change}`, dialect.addColumn(shape, column)) : []),
      ...(isRetyped(column, before, dialect)
        ? defining(shape.name, `change the type of ${change}`, dialect.changeColumnType(shape, column))
        : []),
    ];
  });
}

function isRetyped({ name, type }: ColumnShape, before: ReadonlyMap<string, string>, dialect: Dialect): boolean {
  return before.has(name) && before.get(name) !== dialect.typeName(type);
}

/**
 * Duplicates have the columns that their staging table had when they were made, which may be fewer than it has by now, as
 * a column that could not be taken away stays. They are found again from it: nobody else depends on them.
 */
function forgetDerived(staging: Staging, evolution: Evolution): DefiningStatement[] {
  if (!isDerivedAnew(staging, evolution)) return [];
  const { name } = duplicatesShape(staging);
  const title = `drop the view of the winners of ${staging.name}`;
  return [
    ...defining(name, title, [{ sql: `drop view if exists ${winnersName(staging)}` }]),
    ...defining(name, `drop ${name}`, [{ sql: `drop table if exists ${tableName(duplicatesShape(staging))}` }]),
  ];
}

/** Whether the duplicates of a staging table were found by another definition than today's, or by none that is known. */
function isDerivedAnew({ name }: Staging, { definitions, today }: Evolution): boolean {
  const fingerprintIn = (all: readonly Definition[]) => all.find((definition) => definition.name === name)?.fingerprint;
  const before = fingerprintIn(definitions);
  return before !== undefined && before !== fingerprintIn(today);
}

/** A view stands in the way of another type of a column that it reads; it is created again right after. */
function forgetView(view: View, definitions: readonly Definition[], dialect: Dialect): DefiningStatement[] {
  const tables = [view.fact, ...view.joins.map(({ dimension }) => dimension)].map(starShape);
  const isInTheWay = tables.some((shape) => {
    const before = columnsBefore(shape, definitions);
    return shape.columns.some((column) => isRetyped(column, before, dialect));
  });
  if (!isInTheWay) return [];
  const sql = `drop view if exists ${tableName(viewShape(view))}`;
  return defining(view.name, `drop the view ${view.name}`, [{ sql }]);
}
