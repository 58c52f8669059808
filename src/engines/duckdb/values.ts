import type { DuckDBResultReader, DuckDBType, DuckDBValue, DuckDBTypeId as TypeId } from '@duckdb/node-api';
import type { QueryResult, Value, ValueKind } from '../engine.ts';
import { DuckDBTypeId } from './binding.ts';

const kinds: ReadonlyMap<TypeId, ValueKind> = new Map([
  [DuckDBTypeId.TINYINT, 'integer'],
  [DuckDBTypeId.SMALLINT, 'integer'],
  [DuckDBTypeId.INTEGER, 'integer'],
  [DuckDBTypeId.BIGINT, 'integer'],
  [DuckDBTypeId.UTINYINT, 'integer'],
  [DuckDBTypeId.USMALLINT, 'integer'],
  [DuckDBTypeId.UINTEGER, 'integer'],
  [DuckDBTypeId.UBIGINT, 'integer'],
  [DuckDBTypeId.HUGEINT, 'integer'],
  [DuckDBTypeId.UHUGEINT, 'integer'],
  [DuckDBTypeId.FLOAT, 'double'],
  [DuckDBTypeId.DOUBLE, 'double'],
  [DuckDBTypeId.DECIMAL, 'decimal'],
  [DuckDBTypeId.VARCHAR, 'text'],
  [DuckDBTypeId.TIMESTAMP, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_S, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_MS, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_NS, 'timestamp'],
  [DuckDBTypeId.DATE, 'date'],
  [DuckDBTypeId.BOOLEAN, 'boolean'],
]);

/** A DuckDB result as every engine gives it. */
export function resultOf(reader: DuckDBResultReader): QueryResult {
  const types = reader.columnTypes();
  const columns = reader.deduplicatedColumnNames().map((name, index) => ({ name, kind: kindOf(types[index]) }));
  // By column: row by row the binding takes ten times as long.
  const values = reader.getColumns().map((column, index) => {
    const { kind = 'other' } = columns[index] ?? {};
    return column.map((value) => toValue(value, kind));
  });
  const rows = Array.from({ length: reader.currentRowCount }, (_, row) => values.map((column) => column[row] ?? null));
  return { columns, rows };
}

function kindOf(type: DuckDBType | undefined): ValueKind {
  return (type && kinds.get(type.typeId)) ?? 'other';
}

function toValue(value: DuckDBValue, kind: ValueKind): Value {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (kind === 'integer') return BigInt(value as number | bigint);
  if (kind === 'double') return Number(value);
  if (kind === 'timestamp') return timestampText(String(value));
  return String(value);
}

/** Always three decimals, as `2018-11-01 21:01:46.796`; finer ones are kept. */
function timestampText(text: string): string {
  const [whole = '', fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(3, '0')}`;
}
