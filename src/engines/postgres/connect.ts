import type { Client } from 'pg';
import { SparkifyError } from '../../errors.ts';
import type { Staging } from '../../model/staging.ts';
import type { TableShape } from '../../sql/dialect.ts';
import { textLiteral } from '../../sql/quote.ts';
import { stagingShape } from '../../sql/shapes.ts';
import { commitUnknown } from '../commit-unknown.ts';
import { defineEach } from '../define-each.ts';
import type { LandingTable, OpenOptions, Session, Value } from '../engine.ts';
import { type LandingDatabase, openLandingDatabase } from '../landing-database.ts';
import { asText, resultOf } from '../wire-values.ts';
import { ask } from './ask.ts';
import { type Connection, connect } from './client.ts';
import { dialect } from './dialect.ts';
import { isConnectionLost, openFailure, type Place, statementFailure } from './failures.ts';
import { insertRows, loadLanded, refreshStatistics } from './load.ts';
import { takeLock, type WriterLock } from './lock.ts';
import { confirmReader } from './reader.ts';
import { readServer, type Server } from './server.ts';

/** Opens a database, which must exist. A reader sees it as it is at that moment, however often it asks. */
export async function openPostgres(target: string, options: OpenOptions): Promise<Session> {
  const again = { ...options, takeOver: false };
  return sessionOf(await open(target, options), (lostPid) => open(target, again, lostPid));
}

/** A connection that is ready for statements. */
interface Opened {
  readonly client: Client;
  readonly place: Place;
  readonly schemas: Session['schemas'];
  /** To write. */
  readonly lock: WriterLock | undefined;
  /** The process that serves it. */
  readonly backendPid: number;
}

async function open(target: string, { mode, ...waiting }: OpenOptions, lostPid?: number): Promise<Opened> {
  const connection = await connect(target);
  const { client, shown } = connection;
  try {
    if (mode === 'read') await client.query('begin isolation level repeatable read, read only');
    const server = await readServer(connection, mode);
    const place = { shown, user: server.user, schema: server.schema, mode };
    await settle(connection, server, mode).catch(failure('-- prepare the session', place));
    if (mode === 'read') await confirmReader(connection, server);
    const lock = mode === 'write' ? await takeLock(connection, server, { ...waiting, lostPid }) : undefined;
    const schemas = mode === 'write' ? [server.schema] : server.searchPath;
    return { client, place, schemas, lock, backendPid: server.backendPid };
  } catch (error) {
    await client.end();
    throw error instanceof SparkifyError
      ? error
      : openFailure({ shown, user: client.user, database: client.database }, error);
  }
}

const failure =
  (sql: string, place: Place) =>
  (error: unknown): never => {
    throw statementFailure(sql, error, place);
  };

/** What a session needs to be the same whatever server, database and role have set; and limits where they set none. */
async function settle({ client, address }: Connection, { version }: Server, mode: OpenOptions['mode']): Promise<void> {
  const settings = {
    ...common,
    ...(Number.parseInt(version, 10) >= 17 && { transaction_timeout: '0' }),
    ...(mode === 'write' && writer),
  };
  const given = {
    ...(address.lockTimeout !== undefined && { lock_timeout: address.lockTimeout }),
    ...(address.statementTimeout !== undefined && { statement_timeout: address.statementTimeout }),
  };
  const set = Object.entries({ ...settings, ...given }).map(([name, value]) => `set ${name} = ${textLiteral(value)}`);
  const limits = Object.entries(
    mode === 'write' ? { lock_timeout: '60s' } : { lock_timeout: '10s', statement_timeout: '1h' },
  );
  const limit = limits
    .filter(([name]) => !(name in given))
    .map(([name, value]) => {
      const [named, valued] = [textLiteral(name), textLiteral(value)];
      return `select set_config(${named}, ${valued}, false) where current_setting(${named}) = '0'`;
    });
  await client.query([...set, ...limit].join('; '));
  // Not every system that the server may run on can do it.
  if (mode === 'write') await client.query("set client_connection_check_interval = '10s'").catch(() => {});
}

/**
 * A connection whose other end has gone without a word is noticed, and with it the lock is freed, in two minutes. No
 * other one is ended: a load waits inside its transaction while objects are read, and a reader while a person thinks.
 */
const common = {
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  client_min_messages: 'warning',
  tcp_keepalives_idle: '60',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '6',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};

/**
 * A load sorts and groups by the million. Compiling queries costs more than it brings to any of them. What parallel
 * workers share must fit into the 64 MB that a container has.
 */
const writer = {
  work_mem: '32MB',
  hash_mem_multiplier: '4',
  enable_parallel_hash: 'off',
  maintenance_work_mem: '256MB',
  jit: 'off',
};

/** Enough for the server to take some seconds over. */
const landingBytes = 2 ** 26;

/**
 * One core less than there are, as while objects land, those before them are handed over by a thread of its own, to a
 * server that may be on this machine: on two cores a load takes a fifth less time than with all of them.
 */
const sparedCores = 1;

function sessionOf(first: Opened, openAgain: (lostPid: number) => Promise<Opened>): Session {
  let opened = first;
  let landings: LandingDatabase | undefined;
  const run = async (sql: string): Promise<number> => {
    const { client, place } = opened;
    const { rowCount } = await client.query(sql).catch(failure(sql, place));
    return rowCount ?? 0;
  };
  return {
    dialect,
    schemas: first.schemas,
    run,
    all: async (sql) => {
      const { client, place } = opened;
      const query = { text: sql, rowMode: 'array' as const, types: asText };
      return resultOf(await client.query<(string | null)[]>(query).catch(failure(sql, place)));
    },
    query: (sql) => ask(opened.client, sql, opened.place),
    define: (statements, before) => transaction(opened, () => defineEach(run, statements, before)),
    transaction: (work) => transaction(opened, work).finally(() => landings?.clear()),
    insertRows: (table: TableShape, rows: readonly (readonly Value[])[]) =>
      insertRows(opened.client, table, rows).catch(failure(`-- add rows to ${table.name}`, opened.place)),
    landingTable: async (staging: Staging) => {
      landings ??= await openLandingDatabase({ sparedCores });
      return landings.create(stagingShape(staging));
    },
    landingBytes,
    loadLanded: async (staging: Staging, landing: LandingTable) => {
      const { client, place } = opened;
      await loadLanded(client, staging, landing).catch(failure(`-- load what landed into ${staging.name}`, place));
      await landings?.drop(landing);
    },
    describeLoaded: (staging) => {
      const { client, place } = opened;
      return refreshStatistics(client, staging).catch(failure(`-- describe ${staging.name}`, place));
    },
    copyObjects: undefined,
    reconnect: async () => {
      if (!(await answers(opened.client))) opened = await openAgain(opened.backendPid);
    },
    close: async () => {
      landings?.close();
      await opened.client.end();
    },
  };
}

function answers(client: Client): Promise<boolean> {
  return client.query('select 1').then(
    () => true,
    () => false,
  );
}

async function transaction<T>({ client, place, lock }: Opened, work: () => Promise<T>): Promise<T> {
  await client.query('begin').catch(failure('-- begin', place));
  try {
    await lock?.confirm();
    const result = await work();
    await commit(client).catch((error: unknown) => {
      throw isConnectionLost(error) ? commitUnknown(place.shown, error) : statementFailure('-- commit', error, place);
    });
    return result;
  } catch (error) {
    // Fails where the connection is lost, and the server rolls back by itself. What failed first is to be told.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** Where a statement failed, COMMIT rolls back and calls that a success. */
async function commit(client: Client): Promise<void> {
  const { command } = await client.query('commit');
  if (command !== 'COMMIT') throw new Error('a statement of the transaction had failed');
}
