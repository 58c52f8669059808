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
 * Runs the statements whose work is not done yet; where all of it is, that is one question. They are one transaction that
 * keeps other writers out; those that cannot be in it follow.
 */
export async function define({ connection, statements, transaction, confirm }: Define): Promise<void> {
  if (statements.length === 0 || (await isAllDone(connection, statements))) return;
  await bringEach(connection, lockStatements);
  await transaction(async () => {
    await confirm?.();
    await withLimit(connection, () => bringAll(connection, statements));
  });
  const alone = statements.filter((statement) => statement.alone);
  if (alone.length > 0) await withLimit(connection, () => bringEach(connection, alone));
}

export interface Define {
  readonly connection: Connection;
  readonly statements: readonly TitledDdl[];
  /** Keeps other writers out. */
  readonly transaction: Session['transaction'];
  /** Comes first in it. */
  readonly confirm: (() => Promise<void>) | undefined;
}

/** What the lock is taken on has to be made without it. */
const lockStatements: readonly TitledDdl[] = [
  ...createSchema(ledgerSchema).map((statement) => ({ title: `create schema ${ledgerSchema}`, ...statement })),
  ...writerLock.create,
];

async function withLimit(connection: Connection, work: () => Promise<void>): Promise<void> {
  const { statementTimeoutMs } = connection.address;
  const limitMs = statementTimeoutMs === 0 ? lockWaitMs : Math.min(lockWaitMs, statementTimeoutMs);
  await send(connection, '-- wait no longer for locks', `set statement_timeout to ${limitMs}`);
  await work();
  await send(connection, '-- give statements their time', `set statement_timeout to ${statementTimeoutMs}`);
}

async function bringAll(connection: Connection, statements: readonly TitledDdl[]): Promise<void> {
  for (const statement of statements) if (!statement.alone) await bring(connection, statement);
}

/** Outside the transaction another run may be at the same: a failure of what is done by then is none. */
async function bringEach(connection: Connection, statements: readonly TitledDdl[]): Promise<void> {
  for (const statement of statements) {
    try {
      await bring(connection, statement);
    } catch (error) {
      if (!(await isAllDone(connection, [statement]).catch(() => false))) throw error;
    }
  }
}

async function bring(connection: Connection, { title, sql, unless }: TitledDdl): Promise<void> {
  const heading = comment(title);
  const done = unless === undefined ? undefined : await send(connection, `${heading}: is it done?`, unless);
  if (!done || done.rows.length === 0) await send(connection, heading, sql);
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
