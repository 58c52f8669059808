import { hostname } from 'node:os';
import type { Client } from 'pg';
import { codeOf, SparkifyError } from '../../errors.ts';
import { identifier, textLiteral } from '../../sql/quote.ts';
import type { OpenOptions } from '../engine.ts';
import { pause } from '../pause.ts';
import { waitHint } from '../wait-hint.ts';
import { type Connection, connectTo } from './client.ts';
import { readRow, type Server } from './server.ts';

/** The lock that lets one run at a time write to a warehouse. It ends with the connection, however that ends. */
export interface WriterLock {
  /** Confirms that this connection holds it, where something between us and the server may have passed us on. */
  confirm(): Promise<void>;
}

interface Taking extends Pick<OpenOptions, 'waitMs' | 'signal' | 'takeOver'> {
  /** The process that served this session before its connection was lost: it is ended, should it hold the lock still. */
  readonly lostPid?: number | undefined;
}

/**
 * Takes the advisory lock of the warehouse, waiting so many milliseconds for it.
 * @throws TARGET_IN_USE naming who holds it; INTERRUPTED when the signal comes meanwhile; TARGET_UNUSABLE behind a pooler that gives each transaction another session, and where the holder is not this role's to end
 */
export async function takeLock(
  connection: Connection,
  server: Server,
  { waitMs = 0, signal, takeOver = false, lostPid }: Taking = {},
): Promise<WriterLock> {
  const { client, shown } = connection;
  const isPooled = (client as Client & { processID: number }).processID !== server.backendPid;
  if (isPooled && (await changesSessions(connection))) throw pooled(shown);
  const isEnded =
    (takeOver || lostPid !== undefined) && (await endHolder(connection, server, takeOver ? undefined : lostPid));
  // A session that is being ended rolls back first.
  const deadline = Date.now() + Math.max(waitMs, isEnded ? 10_000 : 0);
  while (!(await tryLock(client))) {
    if (Date.now() >= deadline) throw await inUse(connection, waitMs);
    await pause(Math.min(200, Math.max(1, deadline - Date.now())), signal);
  }
  await client.query(
    `set application_name = ${textLiteral(`sparkify ${process.pid}@${hostname().slice(0, 25)} ${now()}`)}`,
  );
  const confirm = async () => {
    if (isPooled && !(await holdsLock(client))) throw pooled(shown);
  };
  await confirm();
  return { confirm };
}

/** Advisory locks are a database's own, as is the ledger; the numbers keep those of other programs out of the way. */
const key = [0x53_50_4b, 1] as const;

/** Ends whoever holds the lock, or that process alone if it does. Needs the same role, or more. Says whether it did. */
async function endHolder({ client, shown }: Connection, server: Server, lostPid: number | undefined): Promise<boolean> {
  const holder = lostPid === undefined ? theLock : `${theLock} and pid = ${lostPid}`;
  try {
    const { rowCount } = await client.query(`select pg_terminate_backend(pid) from pg_locks where ${holder}`);
    return rowCount !== 0;
  } catch (error) {
    if (codeOf(error) !== '42501') throw error;
    const sql = `select pid, usename from pg_locks left join pg_stat_activity using (pid) where ${theLock}`;
    throw notOurs({ shown, user: server.user }, await readRow(client, sql), error);
  }
}

function notOurs(
  { shown, user }: { readonly shown: string; readonly user: string },
  [pid, owner = 'another role']: readonly (string | undefined)[],
  cause: unknown,
): SparkifyError {
  if (pid === undefined) return justEnded(shown, cause);
  return new SparkifyError(
    'TARGET_UNUSABLE',
    `${shown} is held by session ${pid} of ${owner}, which ${user} may not end.`,
    {
      hint: `End it as ${owner} or as an administrator: select pg_terminate_backend(${pid}). For another time, unless ${owner} is a superuser: grant pg_signal_backend to ${identifier(user)}`,
      cause,
      details: { target: shown, backendPid: Number(pid), sqlState: '42501' },
    },
  );
}

const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

async function tryLock(client: Client): Promise<boolean> {
  const [taken] = await readRow(client, `select pg_try_advisory_lock(${key.join(', ')})`);
  return taken === 't';
}

const theLock = `locktype = 'advisory' and granted and classid = ${key[0]} and objid = ${key[1]} and objsubid = 2
  and database = (select oid from pg_database where datname = current_database())`;

async function holdsLock(client: Client): Promise<boolean> {
  const [held] = await readRow(client, `select count(*) from pg_locks where ${theLock} and pid = pg_backend_pid()`);
  return held !== '0';
}

/** What stands beside the lock: the holder has written process, host and time into the name of its connection. */
async function inUse({ client, shown }: Connection, waitMs: number): Promise<SparkifyError> {
  const [pid, name = ''] = await readRow(
    client,
    `select pid, application_name from pg_locks left join pg_stat_activity using (pid) where ${theLock}`,
  );
  if (pid === undefined) return justEnded(shown);
  const [, processId, host, since] = /^sparkify (\d+)@(\S+) (\S+)$/.exec(name) ?? [];
  const holder = since === undefined ? `session ${pid} (${name})` : `process ${processId} on ${host} since ${since}`;
  return new SparkifyError('TARGET_IN_USE', `${shown} is being loaded by another run: ${holder}.`, {
    hint: `${waitHint(waitMs)}, or end it: select pg_terminate_backend(${pid})`,
    details: { target: shown, backendPid: Number(pid), processId: processId && Number(processId), host, since },
    retryable: true,
  });
}

/** Whoever held the lock as it was asked for, and does no more as it is asked who. */
function justEnded(shown: string, cause?: unknown): SparkifyError {
  return new SparkifyError('TARGET_IN_USE', `${shown} was being loaded by a run that has just ended.`, {
    hint: 'Run again.',
    cause,
    details: { target: shown },
    retryable: true,
  });
}

/**
 * Whether a pooler hands our session on between statements: a second client then gets it, or we get another one while
 * that holds ours. Several rounds, as a pooler may have idle sessions to choose from.
 */
async function changesSessions({ client, address }: Connection): Promise<boolean> {
  const other = (await connectTo(address)).client;
  try {
    for (let round = 0; round < 3; round += 1) {
      const ours = await backendPid(client);
      await other.query('begin');
      if ((await backendPid(other)) === ours || (await backendPid(client)) !== ours) return true;
      await other.query('rollback');
    }
    return false;
  } finally {
    await other.end();
  }
}

async function backendPid(client: Client): Promise<string | undefined> {
  return (await readRow(client, 'select pg_backend_pid()'))[0];
}

function pooled(shown: string): SparkifyError {
  return new SparkifyError(
    'TARGET_UNUSABLE',
    `${shown} is reached through a connection pooler (such as PgBouncer) that gives each transaction another session.`,
    {
      hint: 'The advisory lock that keeps a second run out belongs to a session: name the server itself in --target, or a pool in session mode. Reading works as it is.',
      details: { target: shown },
    },
  );
}
