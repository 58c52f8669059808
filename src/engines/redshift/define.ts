import type { TitledDdl } from '../../sql/dialect.ts';
import { comment } from '../../sql/quote.ts';
import type { Connection } from './connection.ts';
import { statementFailure } from './failures.ts';

/** Who waits for a lock on a table keeps all its readers waiting behind (facts 3.7). */
const lockWaitMs = 60_000;

/** Runs the statements whose work is not done yet; where all of it is, that is one question. */
export async function define(connection: Connection, statements: readonly TitledDdl[]): Promise<void> {
  if (statements.length === 0 || (await isAllDone(connection, statements))) return;
  const { statementTimeoutMs } = connection.address;
  const limitMs = statementTimeoutMs === 0 ? lockWaitMs : Math.min(lockWaitMs, statementTimeoutMs);
  await send(connection, '-- wait no longer for locks', `set statement_timeout to ${limitMs}`);
  for (const { title, sql, unless } of statements) {
    const heading = comment(title);
    const done = unless === undefined ? undefined : await send(connection, `${heading}: is it done?`, unless);
    if (!done || done.rows.length === 0) await send(connection, heading, sql);
  }
  await send(connection, '-- give statements their time', `set statement_timeout to ${statementTimeoutMs}`);
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
