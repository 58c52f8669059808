import type { Definition } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import type { View } from '../model/view.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ColumnShape, Dialect, TableShape } from '../sql/dialect.ts';
import { duplicatesShape, stagingShape, starShape, tableName, viewShape, winnersName } from '../sql/shapes.ts';
import { type DefiningStatement, defining } from './statements.ts';
import { insertDuplicates } from './winners.ts';

/** A declaration, and the tables of a target as they were before it. */
export interface Evolution {
  readonly warehouse: Warehouse;
  /** What the ledger says of the target. */
  readonly definitions: readonly Definition[];
  /** What the declaration computes tables and views by. */
  readonly today: readonly Definition[];
  /** Tables that are not there, so that they are made anew. */
  readonly dropped: readonly string[];
  /** Staging tables that have not the lines that the ledger tells of. */
  readonly emptied: readonly string[];
  /** Staging tables whose duplicates are not there, or have other columns than are declared. */
  readonly withoutDuplicates: readonly string[];
}

/**
 * Gives tables whose declaration changed their new columns and types. They are filled by the run that follows, as what
 * a table was computed by changed too. Tables are altered, not made anew: views and grants upon them survive. Duplicates
 * alone are made anew, and filled at once: whatever becomes of the run, staging has its winners.
 */
export function widenTables(evolution: Evolution, dialect: Dialect): readonly DefiningStatement[] {
  const { warehouse, definitions, dropped, emptied } = evolution;
  const derived = warehouse.staging.filter((staging) => isDerivedAnew(staging, evolution, dialect));
  const altered = shapesOf(warehouse).filter(({ name }) => !dropped.includes(name));
  return [
    ...derived.flatMap(dropDuplicates),
    ...warehouse.views.flatMap((view) => forgetView(view, definitions, dialect)),
    // First: what goes must not be in the way of a type.
    ...warehouse.staging.filter(({ name }) => emptied.includes(name)).map(emptyStaging),
    ...altered.flatMap((shape) => widenTable(shape, columnsBefore(shape, definitions), dialect)),
    ...derived.flatMap((staging) => findDuplicates(staging, dialect)),
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
 * What the ledger must say while tables and views are made or altered: that they are on the way to what is declared, of
 * which it is not known how far they got. Whatever becomes of the run, the next one, by this declaration or by another,
 * alters them once more and computes them anew. Another declaration says otherwise.
 */
export function whileAltered({ definitions, today, dropped }: Evolution): readonly Definition[] {
  const declared = new Map(today.map((definition) => [definition.name, definition]));
  const known = new Set(definitions.map(({ name }) => name));
  return [
    ...definitions.map((before) => {
      const now = declared.get(before.name);
      return now ? whileOne(before, now, dropped.includes(before.name)) : before;
    }),
    ...today
      .filter(({ name }) => !known.has(name))
      .map((now) => ({ ...now, fingerprint: onTheWay(now.fingerprint), version: 0 })),
  ];
}

function whileOne(before: Definition, now: Definition, isDropped: boolean): Definition {
  const columns = new Map(before.columns.map((column) => [column[0], column]));
  const changed = now.columns.filter(([name, type]) => columns.get(name)?.[1] !== type);
  if (before.fingerprint === now.fingerprint && changed.length === 0 && !isDropped) return before;
  const fingerprint = onTheWay(now.fingerprint);
  if (isDropped) return { ...before, fingerprint, columns: now.columns };
  for (const [name, type, ...of] of changed) columns.set(name, [name, onTheWay(type), ...of]);
  return { ...before, fingerprint, columns: [...columns.values()] };
}

/** Of the staging tables those of which columns change their type: some values may be lost before lines land again. */
export function retypedStaging({ warehouse, definitions }: Evolution, dialect: Dialect): readonly Staging[] {
  return warehouse.staging.filter((table) => {
    const shape = stagingShape(table);
    const before = columnsBefore(shape, definitions);
    return shape.columns.some((column) => isRetyped(column, before, dialect));
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

/**
 * No type is called so: a column that has it may not be there, or have the type before or the one it says. Nor has a
 * fingerprint a question mark, nor would the ledger have room for it and all of one.
 */
const onTheWay = (text: string): string => `?${text.slice(0, 63)}`;

/** Whether a fingerprint says that what it is of was being made or altered, and may be so still. */
export const isOnTheWay = (fingerprint: string): boolean => fingerprint.startsWith('?');

function shapesOf({ staging, tables }: Warehouse): readonly TableShape[] {
  return [...staging.map(stagingShape), ...tables.map(starShape)];
}

/** Empty where the table was not there. */
function columnsBefore({ name }: TableShape, definitions: readonly Definition[]): ReadonlyMap<string, string> {
  const columns = definitions.find((definition) => definition.name === name)?.columns ?? [];
  return new Map(columns.map(([column, type]) => [column, type]));
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

/** Duplicates have the columns of their staging table, and are found again from it: nobody else depends on them. */
function isDerivedAnew(
  staging: Staging,
  { definitions, emptied, withoutDuplicates }: Evolution,
  dialect: Dialect,
): boolean {
  const shape = stagingShape(staging);
  const before = columnsBefore(shape, definitions);
  if (before.size === 0) return false;
  const isSame = (column: ColumnShape) => before.has(column.name) && !isRetyped(column, before, dialect);
  return [...emptied, ...withoutDuplicates].includes(staging.name) || !shape.columns.every(isSame);
}

function dropDuplicates(staging: Staging): DefiningStatement[] {
  const { name } = duplicatesShape(staging);
  const title = `drop the view of the winners of ${staging.name}`;
  return [
    ...defining(name, title, [{ sql: `drop view if exists ${winnersName(staging)}` }]),
    ...defining(name, `drop ${name}`, [{ sql: `drop table if exists ${tableName(duplicatesShape(staging))}` }]),
  ];
}

function findDuplicates(staging: Staging, dialect: Dialect): DefiningStatement[] {
  const shape = duplicatesShape(staging);
  const sql = insertDuplicates(staging, tableName(stagingShape(staging)), dialect);
  return [
    ...defining(shape.name, `create ${shape.name}`, dialect.createTable(shape)),
    ...defining(shape.name, `find the duplicates of ${staging.name}`, [{ sql, copies: true }]),
  ];
}

function emptyStaging(staging: Staging): DefiningStatement {
  const { name } = staging;
  return { table: name, title: `empty ${name}`, sql: `delete from ${tableName(stagingShape(staging))}`, copies: true };
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
