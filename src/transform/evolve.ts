import type { Definition } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ColumnShape, Dialect, TableShape } from '../sql/dialect.ts';
import { qualified } from '../sql/quote.ts';
import { duplicatesShape, ledgerSchema, stagingShape, starShape, tableName } from '../sql/shapes.ts';
import type { Statement } from './statements.ts';

/**
 * Gives tables whose declaration changed their new columns and types. They are filled by the run that follows, as what
 * a table was computed by changed too. Tables are altered, not made anew: views and grants upon them survive.
 */
export function widenTables(
  warehouse: Warehouse,
  definitions: readonly Definition[],
  dialect: Dialect,
): readonly Statement[] {
  return [
    ...warehouse.staging.flatMap((staging) => forgetDerived(staging, definitions, dialect)),
    ...shapesOf(warehouse).flatMap((shape) => widenTable(shape, columnsBefore(shape, definitions), dialect)),
  ];
}

/** Drops the columns of tables that are declared no more. */
export function dropColumns(
  warehouse: Warehouse,
  definitions: readonly Definition[],
  dialect: Dialect,
): readonly Statement[] {
  return shapesOf(warehouse).flatMap((shape) =>
    [...columnsBefore(shape, definitions).keys()]
      .filter((name) => !shape.columns.some((column) => column.name === name))
      .map((name) => ({
        table: shape.name,
        title: `drop column ${name} of ${shape.name}`,
        sql: dialect.dropColumn(shape, name),
      })),
  );
}

function shapesOf({ staging, tables }: Warehouse): readonly TableShape[] {
  return [...staging.map(stagingShape), ...tables.map(starShape)];
}

/** Empty where the table was not there. */
function columnsBefore({ name }: TableShape, definitions: readonly Definition[]): ReadonlyMap<string, string> {
  return new Map(definitions.find((definition) => definition.name === name)?.columns ?? []);
}

function widenTable(shape: TableShape, before: ReadonlyMap<string, string>, dialect: Dialect): Statement[] {
  if (before.size === 0) return [];
  return shape.columns.flatMap((column) => {
    const type = before.get(column.name);
    const change = `column ${column.name} of ${shape.name}`;
    if (type === undefined) {
      return [{ table: shape.name, title: `add ${change}`, sql: dialect.addColumn(shape, column) }];
    }
    if (type === dialect.typeName(column.type)) return [];
    return [{ table: shape.name, title: `change the type of ${change}`, sql: dialect.changeColumnType(shape, column) }];
  });
}

/** Duplicates have the columns of their staging table, and are found again from it: nobody else depends on them. */
function forgetDerived(staging: Staging, definitions: readonly Definition[], dialect: Dialect): Statement[] {
  const shape = stagingShape(staging);
  const before = columnsBefore(shape, definitions);
  const typed = (column: ColumnShape) => before.get(column.name) === dialect.typeName(column.type);
  if (before.size === 0 || (before.size === shape.columns.length && shape.columns.every(typed))) return [];
  const view = qualified(ledgerSchema, `${staging.name}_winners`);
  const { name } = duplicatesShape(staging);
  return [
    { table: name, title: `drop the view of the winners of ${staging.name}`, sql: `drop view if exists ${view}` },
    { table: name, title: `drop ${name}`, sql: `drop table if exists ${tableName(duplicatesShape(staging))}` },
  ];
}
