import type { DuckDBInstance } from '@duckdb/node-api';
import type { Staging } from '../../model/staging.ts';
import { identifier } from '../../sql/quote.ts';
import { stagingShape, tableName } from '../../sql/shapes.ts';
import type { AsideTable } from '../engine.ts';

let opened = 0;

/**
 * A table in a database in memory, attached for it alone: a transaction sees each database as it was when it first
 * looked into it.
 */
export async function openAside(instance: DuckDBInstance, staging: Staging): Promise<AsideTable> {
  opened += 1;
  const database = identifier(`${staging.name}$${opened}`);
  const name = `${database}.main.parsed`;
  const connection = await instance.connect();
  await connection.run(`attach ':memory:' as ${database}`);
  await connection.run(`create table ${name} as select * from ${tableName(stagingShape(staging))} limit 0`);
  return {
    connection,
    name,
    close: async () => {
      await connection.run(`detach ${database}`);
      connection.closeSync();
    },
  };
}
