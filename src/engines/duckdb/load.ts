import type { DuckDBAppender, DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { ColumnType } from '../../model/column-type.ts';
import type { Staging } from '../../model/staging.ts';
import type { TableShape } from '../../sql/dialect.ts';
import { stagingShape, tableName } from '../../sql/shapes.ts';
import type { LandingTable, Value } from '../engine.ts';
import { openAside } from './aside.ts';
import { DuckDBTimestampValue } from './binding.ts';

/** The parser is the engine: rows land in the staging table itself, inside the load transaction. */
export function landingTable(connection: DuckDBConnection, staging: Staging, instance: DuckDBInstance): LandingTable {
  return { connection, name: tableName(stagingShape(staging)), openAside: () => openAside(instance, staging) };
}

/** Adds rows through an Appender, in the transaction of the connection. */
export async function insertRows(
  connection: DuckDBConnection,
  { schema, name, columns }: TableShape,
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const appender = await connection.createAppender(name, schema);
  const appends = columns.map(({ type }) => appendOf(type));
  for (const row of rows) {
    for (const [index, append] of appends.entries()) {
      const value = row[index] ?? null;
      if (value === null) appender.appendNull();
      else append(appender, value);
    }
    appender.endRow();
  }
  appender.closeSync();
}

type Append = (appender: DuckDBAppender, value: Exclude<Value, null>) => void;

function appendOf(type: ColumnType): Append {
  switch (type.kind) {
    case 'text':
      return (appender, value) => appender.appendVarchar(String(value));
    case 'double':
      return (appender, value) => appender.appendDouble(Number(value));
    case 'boolean':
      return (appender, value) => appender.appendBoolean(Boolean(value));
    case 'timestamp':
      return (appender, value) => appender.appendTimestamp(new DuckDBTimestampValue(microsOf(String(value))));
    case 'integer':
      return appendIntegers[type.bits];
  }
}

const appendIntegers: Readonly<Record<16 | 32 | 64, Append>> = {
  16: (appender, value) => appender.appendSmallInt(Number(value)),
  32: (appender, value) => appender.appendInteger(Number(value)),
  64: (appender, value) => appender.appendBigInt(BigInt(value)),
};

/** Microseconds since 1970 of a `YYYY-MM-DD HH:MM:SS.mmm` in UTC. */
function microsOf(timestamp: string): bigint {
  return BigInt(Date.parse(`${timestamp.replace(' ', 'T')}Z`)) * 1000n;
}
