import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { runWatched } from '../../src/land/run-watched.ts';

/** Would take minutes. */
const long = 'create table hashes as select max(hash(a.i, b.i)) from numbers a, numbers b';

test('what a watcher throws ends the statement and is thrown, and the connection can go on', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('create table numbers as select i from range(200000) r(i)');
  await connection.run('begin transaction');
  const stopped = new Error('stop');
  const watched = runWatched(connection, long, () => {
    throw stopped;
  });
  await expect(watched).rejects.toBe(stopped);
  await connection.run('rollback');
  const rows = await connection.runAndReadAll("select count(*) from duckdb_tables() where table_name = 'hashes'");
  expect(rows.getRows()).toEqual([[0n]]);
  connection.closeSync();
}, 20_000);
