import type { Connection } from './connection.ts';
import { type CopyAccess, copyFailure } from './copy-failure.ts';
import { statementFailure } from './failures.ts';

export interface RunCopy extends Omit<CopyAccess, 'since'> {
  readonly title: string;
  readonly copy: string;
}

/** Runs a COPY and gives the number of rows that it loaded. @throws RECORD_REFUSED, TARGET_UNUSABLE, STATEMENT_FAILED */
export async function runCopy({ connection, title, copy, iamRole, from }: RunCopy): Promise<number> {
  const sql = `-- ${title}\n${copy}`;
  const since = await justNow(connection);
  try {
    await connection.ask(sql);
  } catch (error) {
    throw await copyFailure(sql, error, { connection, iamRole, from, since });
  }
  const { rows } = await send(connection, 'count what COPY loaded', 'select pg_last_copy_count()');
  return Number(rows[0]?.[0]);
}

/** The time of the warehouse in UTC, as the session is set to; GETDATE knows whole seconds (dg:r_GETDATE). */
async function justNow(connection: Connection): Promise<string> {
  const { rows } = await send(connection, 'look at the clock', 'select dateadd(second, -1, getdate())');
  return rows[0]?.[0] ?? '';
}

/** Runs a statement of the tool. @throws STATEMENT_FAILED, TRANSACTION_BROKEN */
export function send(connection: Connection, title: string, sql: string) {
  return connection.ask(`-- ${title}\n${sql}`).catch((error: unknown) => {
    throw statementFailure(`-- ${title}`, error, connection.place);
  });
}
