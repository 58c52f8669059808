import { type Expression, operandsOf } from '../model/expression.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, type StarTable } from '../model/star-table.ts';
import type { Warehouse } from '../model/warehouse.ts';

/** A key of a source that a column is made from. */
export interface SourceKey {
  readonly source: string;
  readonly key: string;
  /** 'value': it is in the column. 'match': it decides which row of a dimension the column is taken from. */
  readonly role: 'value' | 'match';
}

/** Where a column of the star comes from, down to the keys of the sources. */
export interface ColumnLineage {
  readonly table: string;
  readonly column: string;
  readonly keys: readonly SourceKey[];
}

/** The lineage of every column of the star, in the order of the tables. */
export function lineageOf({ tables }: Warehouse): readonly ColumnLineage[] {
  return tables.flatMap((table) =>
    Object.entries(columnsOf(table)).map(([column, { is }]) => ({
      table: table.name,
      column,
      keys: distinct(keysOf(is, table.from, 'value')),
    })),
  );
}

function keysOf(expression: Expression, from: Staging | StarTable, role: SourceKey['role']): SourceKey[] {
  const { node } = expression;
  if (node.op === 'column') return keysOfColumn(node.name, from, role);
  if (node.op !== 'lookedUp') return operandsOf(expression).flatMap((operand) => keysOf(operand, from, role));
  const { dimension, on, nearest } = node.lookup;
  const deciding = [...Object.values(on), ...(nearest ? [nearest.to] : [])];
  return [...keysOfColumn(node.name, dimension, role), ...deciding.flatMap((value) => keysOf(value, from, 'match'))];
}

function keysOfColumn(name: string, table: Staging | StarTable, role: SourceKey['role']): SourceKey[] {
  if (table.kind === 'staging') {
    const column = table.columns[name];
    return column ? [{ source: table.source.name, key: column.from, role }] : [];
  }
  const column = columnsOf(table)[name];
  return column ? keysOf(column.is, table.from, role) : [];
}

function distinct(keys: readonly SourceKey[]): readonly SourceKey[] {
  const seen = new Map(keys.map((key) => [`${key.role} ${key.source} ${key.key}`, key]));
  return [...seen.values()];
}
