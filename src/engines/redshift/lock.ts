import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { SparkifyError } from '../../errors.ts';
import { ledgerSchema } from '../../sql/shapes.ts';
import { pause } from '../pause.ts';
import { waitHint } from '../wait-hint.ts';
import { fromRelation, oid } from './catalogue.ts';
import type { Connection } from './connection.ts';
import { writerLock } from './ddl.ts';
import { isConnectionLost, isTimeout, statementFailure } from './failures.ts';
import type { LandingFolder } from './landing-folder.ts';

/** What stands beside the lock: who took it last. No heartbeat; whether it is held says the warehouse. */
interface Holder {
  readonly backendPid: number;
  readonly processId: number;
  readonly host: string;
  /** In the database. */
  readonly user: string;
  readonly since: string;
}

const holderKey = 'writer.json';

export interface Waiting {
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Opens a transaction and keeps other writers out of it, waiting for those there are (facts 3.7).
 * @throws TARGET_IN_USE naming who is in the way; INTERRUPTED when the signal comes meanwhile
 */
export async function beginExclusively(
  connection: Connection,
  folder: LandingFolder,
  { waitMs, signal }: Waiting,
): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    // Looked at before it is waited for, as nothing but its timeout ends a LOCK.
    const pid = await pidInTheWay(connection);
    if (pid === undefined && (await beginAndLock(connection))) break;
    if (Date.now() >= deadline) {
      const held = { pid: pid ?? (await holderPid(connection)), waitMs };
      throw await inUse(connection, folder, held);
    }
    await pause(Math.min(500, Math.max(1, deadline - Date.now())), signal);
  }
  try {
    const { statementTimeoutMs } = connection.address;
    await send(connection, 'give statements their time', `set statement_timeout to ${statementTimeoutMs}`);
    await folder.put(holderKey, JSON.stringify(me(connection)));
  } catch (error) {
    await rollBack(connection);
    throw error;
  }
}

/** Of another writer that has the lock. One of our own, lost without a word, may until the warehouse notices: it is ended. */
async function pidInTheWay(connection: Connection): Promise<number | undefined> {
  const pid = await holderPid(connection);
  if (pid === undefined || pid !== connection.lostPid()) return pid;
  await endSession(connection, pid);
  return undefined;
}

/** A LOCK that is granted at once takes no longer, even as the first statement after a rest. */
const longestLockMs = 15_000;

/** Whether the lock was granted before long; if not, there is no transaction. */
async function beginAndLock(connection: Connection): Promise<boolean> {
  const { statementTimeoutMs } = connection.address;
  const lockMs = Math.min(longestLockMs, statementTimeoutMs || longestLockMs);
  await send(connection, 'wait no longer for the lock', `set statement_timeout to ${lockMs}`);
  await send(connection, 'begin', 'begin');
  try {
    for (const { title, sql } of writerLock.take) await connection.ask(`-- ${title}\n${sql}`);
    return true;
  } catch (error) {
    await rollBack(connection);
    if (isTimeout(error)) return false;
    throw statementFailure('-- keep other writers out', error, connection.place);
  }
}

function send(connection: Connection, title: string, sql: string) {
  return connection.ask(sql).catch((error: unknown) => {
    throw statementFailure(`-- ${title}`, error, connection.place);
  });
}

/** Ends the transaction. Fails in silence where the connection is lost: then the warehouse does it. */
export async function rollBack(connection: Connection): Promise<void> {
  const isOver = await connection.ask('-- roll back\nrollback').then(
    () => true,
    () => false,
  );
  // A rollback takes settings back that were made inside.
  if (isOver) await connection.ask(`set statement_timeout to ${connection.address.statementTimeoutMs}`).catch(() => {});
}

/**
 * Ends the session that holds the lock, if it is the one that took it last as a run, and waits until it is gone. One
 * that this user cannot see is left to whoever waits for the lock.
 * @throws TARGET_UNUSABLE where it is no run's, or may not be ended
 */
export async function takeOver(connection: Connection, folder: LandingFolder): Promise<void> {
  const pid = await holderPid(connection);
  if (pid === undefined) return;
  const holder = await readHolder(folder);
  if (holder?.backendPid !== pid) throw notOurs(connection, pid);
  await endSession(connection, pid);
}

/** It rolls back first, which may take a while. */
async function endSession(connection: Connection, pid: number): Promise<void> {
  const title = '-- end the session of a run that died';
  await connection.ask(`${title}\nselect pg_terminate_backend(${pid})`).catch((error: unknown) => {
    // One's own alone can be ended, but for superusers (dg:PG_TERMINATE_BACKEND).
    throw isConnectionLost(error) ? statementFailure(title, error, connection.place) : notOurs(connection, pid, error);
  });
  for (let round = 0; (await holderPid(connection)) === pid; round += 1) {
    if (round === 60) throw notOurs(connection, pid);
    await wait(500);
  }
}

function me(connection: Connection): Holder {
  const since = `${new Date().toISOString().slice(0, 19)}Z`;
  const { user } = connection.place;
  return { backendPid: connection.backendPid(), processId: process.pid, host: hostname(), user, since };
}

/** A record that is damaged or cannot be read is none. */
async function readHolder(folder: LandingFolder): Promise<Holder | undefined> {
  try {
    const text = await folder.get(holderKey);
    return text === undefined ? undefined : ((JSON.parse(text) as Holder | null) ?? undefined);
  } catch {
    return undefined;
  }
}

/**
 * Of the session that holds the lock just now, if another one does and this user can see it: superusers see all locks,
 * others those of their own sessions (dg:r_SVV_TRANSACTIONS; dg:cm_chap_system-tables says that all see all).
 */
async function holderPid(connection: Connection): Promise<number | undefined> {
  const [table] = await firstRow(
    connection,
    `select c.${oid} ${fromRelation({ schema: ledgerSchema, name: 'writer' })}`,
  );
  if (table === undefined) return undefined;
  const [pid] = await firstRow(
    connection,
    `select pid from svv_transactions where relation = ${table} and granted and lock_mode = 'AccessExclusiveLock' and pid <> ${connection.backendPid()}`,
  );
  return pid === undefined ? undefined : Number(pid);
}

async function firstRow(connection: Connection, sql: string): Promise<readonly (string | undefined)[]> {
  const { rows } = await send(connection, 'look for who holds the lock', sql);
  return (rows[0] ?? []).map((value) => value ?? undefined);
}

interface Held {
  /** undefined for a session that this user cannot see. */
  readonly pid: number | undefined;
  /** How long it was waited for. */
  readonly waitMs: number;
}

async function inUse(connection: Connection, folder: LandingFolder, { pid, waitMs }: Held): Promise<SparkifyError> {
  const { shown } = connection.place;
  const holder = await readHolder(folder);
  if (pid === undefined) return inUseUnseen(connection, holder, waitMs);
  const isKnown = holder?.backendPid === pid;
  const who = isKnown ? runOf(holder) : `session ${pid}`;
  return new SparkifyError('TARGET_IN_USE', `${shown} is being loaded by another run: ${who}.`, {
    hint: isKnown
      ? `${waitHint(waitMs)}. If that host died, add --take-over to end its session.`
      : `${waitHint(waitMs)}, or end it: select pg_terminate_backend(${pid})`,
    details: { target: shown, backendPid: pid, ...(isKnown && { ...holder }) },
    retryable: true,
  });
}

const runOf = ({ processId, host, since }: Holder): string => `process ${processId} on ${host} since ${since}`;

/** A LOCK was waited for in vain, and no session that this user can see has it. */
function inUseUnseen(
  { place: { shown, user } }: Connection,
  holder: Holder | undefined,
  waitMs: number,
): SparkifyError {
  const isAnothers = holder?.user !== undefined && holder.user !== user;
  const guess = isAnothers ? ` The last one to load was ${holder.user}: ${runOf(holder)}.` : '';
  return new SparkifyError(
    'TARGET_IN_USE',
    `${shown} is held by a session that has just ended, or by that of another user, which ${user} cannot see.${guess}`,
    {
      hint: `${waitHint(waitMs, 'it has ended')}; --take-over ends sessions of ${user} alone. A superuser finds it: select pid, txn_owner from svv_transactions where lock_mode = 'AccessExclusiveLock'. Have all runs log in as one user.`,
      details: { target: shown, ...(isAnothers && { lastRun: holder }) },
      retryable: true,
    },
  );
}

function notOurs({ place: { shown } }: Connection, pid: number, cause?: unknown): SparkifyError {
  return new SparkifyError(
    'TARGET_UNUSABLE',
    `${shown} is held by session ${pid}, which is no run's or cannot be ended.`,
    {
      hint: `Its user or a superuser ends it: select pg_terminate_backend(${pid})`,
      cause,
      details: { target: shown, backendPid: pid },
    },
  );
}
