import type { Connection } from './connection.ts';
import { type CopyAccess, copyFailure } from './copy-failure.ts';
import { statementFailure } from './failures.ts';

export interface RunCopy extends CopyAccess {
  readonly title: string;
  readonly copy: string;
}

/** Runs a COPY and gives the number of rows that it loaded. @throws RECORD_REFUSED, TARGET_UNUSABLE, STATEMENT_FAILED */
export async function runCopy({ connection, title, copy, iamRole, from }: RunCopy): Promise<number> {
  const sql = `-- ${title}\n${copy}`;
  try {
    await connection.ask(sql);
  } catch (error) {
    throw await copyFailure(sql, error, { connection, iamRole, from });
  }
  const { rows } = await send(connection, 'count what COPY loaded', 'select pg_last_copy_count()');
  return Number(rows[0]?.[0]);
}

/** Runs a statement of the tool. @throws STATEMENT_FAILED, TRANSACTION_BROKEN */
export function send(connection: Connection, title: string, sql: string) {
  return connection.ask(`-- ${title}\n${sql}`).catch((error: unknown) => {
    throw statementFailure(`-- ${title}`, error, connection.place);
  });
}
