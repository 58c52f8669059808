import type { Definition } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import type { View } from '../model/view.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ColumnShape, Dialect, TableShape } from '../sql/dialect.ts';
import { duplicatesShape, stagingShape, starShape, tableName, viewShape, winnersName } from '../sql/shapes.ts';
import { type DefiningStatement, defining } from './statements.ts';

/**
 * Gives tables whose declaration changed their new columns and types. They are filled by the run that follows, as what
 * a table was computed by changed too. Tables are altered, not made anew: views and grants upon them survive.
 */
export function widenTables(
  warehouse: Warehouse,
  definitions: readonly Definition[],
  dialect: Dialect,
): readonly DefiningStatement[] {
  return [
    ...warehouse.staging.flatMap((staging) => forgetDerived(staging, definitions, dialect)),
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
export function whileAltered(
  warehouse: Warehouse,
  definitions: readonly Definition[],
  dialect: Dialect,
): readonly Definition[] {
  return shapesOf(warehouse).flatMap(({ name, columns }) => {
    const known = definitions.find((definition) => definition.name === name);
    if (!known)
      return [{ name, fingerprint: '', version: 0, columns: columns.map((column) => typed(column, dialect)) }];
    const before = new Map(known.columns);
    const changed = columns.filter((column) => before.get(column.name) !== dialect.typeName(column.type));
    if (changed.length === 0) return [];
    for (const column of changed) before.set(column.name, typeOnTheWay(dialect.typeName(column.type)));
    return [{ ...known, fingerprint: '', columns: [...before] }];
  });
}

function typed({ name, type }: ColumnShape, dialect: Dialect): Definition['columns'][number] {
  return [name, dialect.typeName(type)];
}

/** Of the staging tables those of which columns change their type: some values may be lost before lines land again. */
export function retypedStaging(
  { staging }: Warehouse,
  definitions: readonly Definition[],
  dialect: Dialect,
): readonly Staging[] {
  return staging.filter((table) => {
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

/** Duplicates have the columns of their staging table, and are found again from it: nobody else depends on them. */
function forgetDerived(staging: Staging, definitions: readonly Definition[], dialect: Dialect): DefiningStatement[] {
  const shape = stagingShape(staging);
  const before = columnsBefore(shape, definitions);
  const isSame = (column: ColumnShape) => before.has(column.name) && !isRetyped(column, before, dialect);
  if (before.size === 0 || shape.columns.every(isSame)) return [];
  const { name } = duplicatesShape(staging);
  const title = `drop the view of the winners of ${staging.name}`;
  return [
    ...defining(name, title, [{ sql: `drop view if exists ${winnersName(staging)}` }]),
    ...defining(name, `drop ${name}`, [{ sql: `drop table if exists ${tableName(duplicatesShape(staging))}` }]),
  ];
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
