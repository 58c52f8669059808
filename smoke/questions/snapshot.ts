import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from '../../src/engines/redshift/connection.ts';
import { type Answer, answerTo, isRefused, onlyValue, shownAnswer } from '../answer.ts';
import type { Question, Told } from '../question.ts';
import type { Scene } from '../scene.ts';

/** What a run sees that has waited for the lock of another one. */
export const snapshotQuestions: readonly Question[] = [
  {
    point: 4,
    asks: 'Does a transaction that waited for LOCK see what the holder has committed?',
    assumed: 'it does',
    indifferent: 'the UPDATE of one row before the ledger is read is refused otherwise, and the batch begins again',
    ask: (scene) => askAfterLock(scene, ({ read }) => onlyValue(read) === '1'),
  },
  {
    point: 4,
    asks: 'Is the UPDATE refused where it does not, so that no run goes on with an old ledger?',
    assumed: 'what the holder has committed is seen, or the UPDATE is refused',
    ask: (scene) => askAfterLock(scene, ({ update, read }) => isRefused(update) || onlyValue(read) === '1'),
  },
];

interface Waited {
  readonly update: Answer;
  readonly read: Answer;
}

const lock = 'lock smoke_writer';
const update = 'update smoke_mutex set n = n + 1 where id = 1';
const read = 'select count(*) from smoke_ledger';

/** Two sessions do what two runs do (facts 3.7): the second waits for the first, then counts what it has written. */
async function askAfterLock(scene: Scene, asAssumed: (waited: Waited) => boolean): Promise<Told> {
  await createTables(scene.connection);
  const [holder, waiter] = [await scene.connect(), await scene.connect()];
  try {
    for (const sql of ['begin', lock, update, 'insert into smoke_ledger values (1)']) await holder.ask(sql);
    await waiter.ask('begin');
    const locked = answerTo(waiter, lock);
    await hasToWait(locked);
    await holder.ask('commit');
    const waited = await goOn(waiter, await locked);
    return {
      sent: ['begin', lock, '-- waits until the other session has inserted a row and committed', update, read],
      cameBack: `UPDATE: ${shownAnswer(waited.update)}. Rows seen: ${shownAnswer(waited.read)}`,
      asAssumed: asAssumed(waited),
    };
  } finally {
    await Promise.allSettled([holder.end(), waiter.end()]);
  }
}

async function createTables(connection: Connection): Promise<void> {
  for (const table of ['writer', 'mutex', 'ledger']) await connection.ask(`drop table if exists smoke_${table}`);
  await connection.ask('create table smoke_writer (id integer)');
  await connection.ask('create table smoke_mutex (id integer, n integer)');
  await connection.ask('create table smoke_ledger (id integer)');
  await connection.ask('insert into smoke_mutex values (1, 0)');
}

/** Long enough for the statement to have come to the warehouse. */
const headStartMs = 2_000;

async function hasToWait(locked: Promise<Answer>): Promise<void> {
  const early = await Promise.race([locked, wait(headStartMs, undefined)]);
  if (early) throw new Error(`LOCK did not wait for the other session: ${shownAnswer(early)}`);
}

async function goOn(waiter: Connection, locked: Answer): Promise<Waited> {
  if (isRefused(locked)) return { update: locked, read: locked };
  const updated = await answerTo(waiter, update);
  return { update: updated, read: isRefused(updated) ? updated : await answerTo(waiter, read) };
}
