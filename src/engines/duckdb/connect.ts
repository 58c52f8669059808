import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { SparkifyError } from '../../errors.ts';
import { shellWord } from '../../shell-word.ts';
import { defineEach } from '../define-each.ts';
import type { OpenOptions, QueryResult, Session } from '../engine.ts';
import { dialect } from './dialect.ts';
import { openFailure, queryFailure, severalStatements, statementFailure } from './failures.ts';
import { insertRows, landingTable } from './load.ts';
import { openLocked } from './lock.ts';
import { resultOf } from './values.ts';

/** Opens the database file, creating it and its folder in 'write' mode. */
export async function openDuckDB(
  path: string,
  { mode, waitMs = mode === 'read' ? 5_000 : 0, signal, takeOver = false }: OpenOptions,
): Promise<Session> {
  if (takeOver) throw nothingToTakeOver();
  const file = resolve(path);
  const isNew = !existsSync(file);
  if (mode === 'write') createFolder(file);
  else if (isNew) throw absent(path);
  const { instance, close } = await openLocked(file, { mode, waitMs, signal });
  try {
    const connection = await instance.connect();
    await settle(connection, mode);
    if (isNew) await connection.run(newFileSettings);
    return sessionOf(instance, connection, () => {
      connection.closeSync();
      close();
    });
  } catch (error) {
    close();
    throw error;
  }
}

/** The one that every file has, and where a session begins. */
export const schema = 'main';

function nothingToTakeOver(): SparkifyError {
  return new SparkifyError('USAGE', 'There is nothing to take over of a DuckDB file: its lock ends with the process.', {
    hint: 'Leave --take-over out; --wait waits for a process that is alive.',
  });
}

function createFolder(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw openFailure(file, error);
  }
}

function absent(path: string): SparkifyError {
  return new SparkifyError('TARGET_EMPTY', `There is no warehouse at ${path}.`, {
    hint: `Load one first: sparkify run --from ROOT --target ${shellWord(`duckdb:${path}`)}`,
    details: { path },
  });
}

/**
 * Divides and orders as the other engines do, so that a query means the same on each. A reader loses the file system
 * (`read_csv('/etc/passwd')`, COPY TO), and the way to get it back.
 */
async function settle(connection: DuckDBConnection, mode: OpenOptions['mode']): Promise<void> {
  await connection.run(
    "set integer_division = true; set default_null_order = 'nulls_last_on_asc_first_on_desc'; set timezone = 'UTC'",
  );
  await connection.run(mode === 'read' ? readerSettings : writerSettings);
}

const readerSettings = 'set enable_external_access = false; set lock_configuration = true';

/**
 * Without the optimizer named, a fact and its lookup, which both read the winners, would have all of them written out
 * and read back: twice the time (1.5.6).
 * FSST, one of the ways to compress text, is tried on every column at a checkpoint, which takes a tenth of a load; where
 * it would be chosen, the file is a third larger without it.
 */
const writerSettings = "set disabled_optimizers = 'common_subplan'; set disabled_compression_methods = 'fsst'";

/**
 * A first load leaves nothing to reclaim, but row groups slightly short of full, which the checkpoint would write a
 * second time to fill them up: a fifth of the run (1.5.6).
 */
const newFileSettings = 'set max_vacuum_tasks = 0';

function sessionOf(instance: DuckDBInstance, connection: DuckDBConnection, close: () => void): Session {
  const run = async (sql: string): Promise<number> => {
    const result = await connection.run(sql).catch((error: unknown) => {
      throw statementFailure(sql, error);
    });
    return result.rowsChanged;
  };
  const read = async (sql: string): Promise<QueryResult> => resultOf(await connection.runAndReadAll(sql));
  return {
    dialect,
    schemas: [schema],
    run,
    all: (sql) =>
      read(sql).catch((error: unknown) => {
        throw statementFailure(sql, error);
      }),
    query: async (sql) => {
      await refuseSeveral(connection, sql);
      return read(sql).catch((error: unknown) => {
        throw queryFailure(error);
      });
    },
    define: (statements, before) => transaction(connection, run, () => defineEach(run, statements, before)),
    transaction: (work) => transaction(connection, run, work),
    insertRows: (table, rows) =>
      insertRows(connection, table, rows).catch((error: unknown) => {
        throw statementFailure(`-- add rows to ${table.name}`, error);
      }),
    landingTable: async (staging) => landingTable(connection, staging, instance),
    landingBytes: Number.POSITIVE_INFINITY,
    loadLanded: async () => {},
    describeLoaded: async () => {},
    copyObjects: undefined,
    reconnect: async () => {},
    close: async () => close(),
  };
}

/** What cannot be taken apart is left to the engine, whose message is the better one. */
async function refuseSeveral(connection: DuckDBConnection, sql: string): Promise<void> {
  const statements = await connection.extractStatements(sql).catch(() => undefined);
  if (statements && statements.count > 1) throw severalStatements(statements.count);
}

async function transaction<T>(
  connection: DuckDBConnection,
  run: (sql: string) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  await run('begin transaction');
  try {
    const result = await work();
    await run('-- commit\ncommit');
    return result;
  } catch (error) {
    // Fails where a failed COMMIT or a full disk has ended the transaction already. What failed first is to be told.
    await connection.run('rollback').catch(() => {});
    throw error;
  }
}
