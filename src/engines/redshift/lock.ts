import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { SparkifyError } from '../../errors.ts';
import { ledgerSchema } from '../../sql/shapes.ts';
import { pause } from '../pause.ts';
import { fromRelation, oid } from './catalogue.ts';
import type { Connection } from './connection.ts';
import { writerLock } from './ddl.ts';
import { isTimeout, statementFailure } from './failures.ts';
import type { LandingFolder } from './landing-folder.ts';

/** What stands beside the lock: who took it last. No heartbeat; whether it is held says the warehouse. */
interface Holder {
  readonly backendPid: number;
  readonly processId: number;
  readonly host: string;
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
  // Looked at before it is waited for, as nothing but its timeout ends a LOCK.
  while ((await isInTheWay(connection)) || !(await beginAndLock(connection))) {
    if (Date.now() >= deadline) throw await inUse(connection, folder);
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

/** Whether another writer has the lock. One of our own, lost without a word, may until the warehouse notices: it is ended. */
async function isInTheWay(connection: Connection): Promise<boolean> {
  const pid = await holderPid(connection);
  if (pid === undefined || pid !== connection.lostPid()) return pid !== undefined;
  await endSession(connection, pid);
  return false;
}

/** A LOCK that is granted at once takes no longer, even as the first statement after a rest. */
const lockMs = 15_000;

/** Whether the lock was granted before long; if not, there is no transaction. */
async function beginAndLock(connection: Connection): Promise<boolean> {
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
 * Ends the session that holds the lock, if it is the one that took it last as a run, and waits until it is gone.
 * @throws TARGET_UNUSABLE where it is somebody else's, or may not be ended
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
  await send(connection, 'end the session of a run that died', `select pg_terminate_backend(${pid})`);
  for (let round = 0; (await holderPid(connection)) === pid; round += 1) {
    if (round === 60) throw notOurs(connection, pid);
    await wait(500);
  }
}

function me(connection: Connection): Holder {
  const since = `${new Date().toISOString().slice(0, 19)}Z`;
  return { backendPid: connection.backendPid(), processId: process.pid, host: hostname(), since };
}

/** A record that is damaged or cannot be read is none. */
async function readHolder(folder: LandingFolder): Promise<Holder | undefined> {
  try {
    const text = await folder.get(holderKey);
    return text === undefined ? undefined : (JSON.parse(text) as Holder);
  } catch {
    return undefined;
  }
}

/** Of the session that holds the lock just now, if another one does. All users see all locks (dg:r_SVV_TRANSACTIONS). */
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

async function inUse(connection: Connection, folder: LandingFolder): Promise<SparkifyError> {
  const { shown } = connection.place;
  const [pid, holder] = [await holderPid(connection), await readHolder(folder)];
  const isKnown = holder !== undefined && (pid === undefined || pid === holder.backendPid);
  const who = isKnown
    ? `process ${holder.processId} on ${holder.host} since ${holder.since}`
    : `session ${pid ?? 'that has just ended'}`;
  return new SparkifyError('TARGET_IN_USE', `${shown} is being loaded by another run: ${who}.`, {
    hint: isKnown
      ? 'Add --wait to wait until it has finished. If that host died, add --take-over to end its session.'
      : `Add --wait to wait until it has finished, or end it: select pg_terminate_backend(${pid})`,
    details: { target: shown, backendPid: pid, ...(isKnown && { ...holder }) },
    retryable: true,
  });
}

function notOurs({ place: { shown } }: Connection, pid: number): SparkifyError {
  return new SparkifyError(
    'TARGET_UNUSABLE',
    `${shown} is held by session ${pid}, which is no run's or cannot be ended.`,
    {
      hint: `Its user or a superuser ends it: select pg_terminate_backend(${pid})`,
      details: { target: shown, backendPid: pid },
    },
  );
}
