import { SparkifyError } from '../../errors.ts';
import type { TitledDdl } from '../../sql/dialect.ts';
import { comment } from '../../sql/quote.ts';
import { ledgerSchema } from '../../sql/shapes.ts';
import type { Session } from '../engine.ts';
import type { Connection } from './connection.ts';
import { createSchema, writerLock } from './ddl.ts';
import { statementFailure } from './failures.ts';

/** Who waits for a lock on a table keeps all its readers waiting behind (facts 3.7). */
const lockWaitMs = 60_000;

/**
 * Runs the statements whose work is not done yet; where all of it is, that is one question. They are one transaction
 * that keeps other writers out, so that a view which goes for a change of its table is there again when that fails
 * (facts 2.7). Those that cannot be in it follow, but what is in their way is found while it can be rolled back.
 * @throws TARGET_UNUSABLE naming what is in the way, with nothing changed
 */
export async function define({ connection, statements, transaction, before }: Define): Promise<void> {
  if (statements.length === 0 || (await isAllDone(connection, statements))) return;
  const alone = statements.filter((statement) => statement.alone);
  await bringEach(connection, lockStatements);
  await transaction(async () => {
    await before?.();
    await setTimeLimit(connection, lockLimitOf(connection));
    for (const statement of statements)
      await (statement.alone ? confirmNext(connection, statement) : bring(connection, statement));
    await setTimeLimit(connection, connection.address.statementTimeoutMs);
  });
  if (alone.length > 0) await bringEach(connection, alone);
}

export interface Define {
  readonly connection: Connection;
  readonly statements: readonly TitledDdl[];
  /** Keeps other writers out. */
  readonly transaction: Session['transaction'];
  /** Comes first in it. */
  readonly before: (() => Promise<void>) | undefined;
}

/** What the lock is taken on has to be made without it. */
const lockStatements: readonly TitledDdl[] = [
  ...createSchema(ledgerSchema).map((statement) => ({ title: `create schema ${ledgerSchema}`, ...statement })),
  ...writerLock.create,
];

/** Outside a transaction. Another run may be at the same: a failure of what is done by then is none. */
async function bringEach(connection: Connection, statements: readonly TitledDdl[]): Promise<void> {
  await setTimeLimit(connection, lockLimitOf(connection));
  try {
    for (const statement of statements) {
      await bring(connection, statement).catch(async (error: unknown) => {
        if (!(await isDone(connection, statement).catch(() => false))) throw error;
      });
    }
  } finally {
    await setTimeLimit(connection, connection.address.statementTimeoutMs).catch(() => {});
  }
}

async function bring(connection: Connection, statement: TitledDdl): Promise<void> {
  if (await isDone(connection, statement)) return;
  await confirmWay(connection, statement);
  // Under a lock that is held already.
  if (statement.copies) await setTimeLimit(connection, connection.address.statementTimeoutMs);
  await send(connection, comment(statement.title), statement.sql);
  if (statement.copies) await setTimeLimit(connection, lockLimitOf(connection));
}

/** What stands behind it may need it done: it would fail for what is in the way of this one, and not say so. */
async function confirmNext(connection: Connection, statement: TitledDdl): Promise<void> {
  if (!(await isDone(connection, statement))) await confirmWay(connection, statement);
}

const lockLimitOf = ({ address: { statementTimeoutMs } }: Connection): number =>
  Math.min(lockWaitMs, statementTimeoutMs || lockWaitMs);

async function setTimeLimit(connection: Connection, limitMs: number): Promise<void> {
  await send(connection, '-- say how long a statement may take', `set statement_timeout to ${limitMs}`);
}

async function isDone(connection: Connection, { title, unless }: TitledDdl): Promise<boolean> {
  if (unless === undefined) return false;
  return (await send(connection, `${comment(title)}: is it done?`, unless)).rows.length > 0;
}

async function confirmWay(connection: Connection, { title, obstacles = [] }: TitledDdl): Promise<void> {
  const found: (readonly (string | null)[])[] = [];
  for (const query of obstacles) {
    const { rows } = await send(connection, `${comment(title)}: what is in the way?`, query);
    found.push(...rows);
  }
  if (found.length === 0) return;
  const { shown } = connection.place;
  const [whats, hints] = [0, 1].map((at) => [...new Set(found.map((row) => row[at] ?? ''))]);
  throw new SparkifyError('TARGET_UNUSABLE', `${shown} does not let a run ${title}: ${whats?.join(', ')}.`, {
    hint: hints?.join(' ') ?? '',
    details: { target: shown, obstacles: whats },
  });
}

async function isAllDone(connection: Connection, statements: readonly TitledDdl[]): Promise<boolean> {
  const questions = statements.flatMap(({ unless }) => (unless === undefined ? [] : [unless]));
  if (questions.length < statements.length) return false;
  const steps = questions.map((unless, step) => `select ${step} as step from (${unless}) q${step}`);
  const { rows } = await send(connection, '-- look for what is defined already', steps.join('\nunion all\n'));
  return new Set(rows.map(([step]) => step)).size === statements.length;
}

function send(connection: Connection, heading: string, sql: string) {
  return connection.ask(`${heading}\n${sql}`).catch((error: unknown) => {
    throw statementFailure(heading, error, connection.place);
  });
}
