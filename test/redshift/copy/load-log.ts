import type { Client } from 'pg';
import type { LoadError } from './load-error.ts';

/** Who ran a COPY, and where. */
export interface CopyRun {
  readonly database: string;
  readonly userName: string;
  readonly sessionId: number;
  readonly queryId: number;
  readonly table: string;
  readonly tableId: number;
  readonly source: string;
  readonly format: string;
  readonly startedAt: Date;
}

/** How it ended. */
export interface CopyEnd {
  readonly status: 'completed' | 'aborted';
  readonly rows: number;
  readonly files: readonly { readonly url: string; readonly sizeBytes: number; readonly errors: number }[];
  readonly errors: readonly LoadError[];
  /** The errors can be read only this long afterwards (facts 1.13). */
  readonly errorLagMs: number;
}

/** How to reach the stand-in's own tables of a database. */
export type OpenLog = (database: string) => Client;

/** Writes the system tables of a COPY, in a transaction of its own: they outlive a rollback (facts 1.13). */
export async function logCopy(open: OpenLog, run: CopyRun, end: CopyEnd): Promise<void> {
  const client = open(run.database);
  await client.connect();
  try {
    await client.query('begin');
    const sizeBytes = end.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const user = await client.query<{ id: number }>('select usesysid::integer as id from pg_user where usename = $1', [
      run.userName,
    ]);
    await insert(client, 'load_history', [
      ...[
        user.rows[0]?.id,
        run.queryId,
        run.queryId,
        run.sessionId,
        run.database,
        end.status,
        run.table,
        run.startedAt.toISOString(),
        new Date().toISOString(),
      ],
      ...[run.source, run.format, end.rows, sizeBytes, end.files.length, sizeBytes, end.errors.length],
    ]);
    for (const { url, sizeBytes: bytes, errors } of end.files)
      await insert(client, 'load_files', [run.queryId, url, bytes, null, errors, 1, null]);
    const visibleAt = new Date(Date.now() + end.errorLagMs);
    for (const error of end.errors)
      await insert(client, 'load_errors', [
        ...[run.queryId, run.tableId, error.file, error.line, error.column ?? '', error.type ?? '', error.length ?? ''],
        ...[error.position ?? 0, error.code, error.reason, error.rawLine ?? '', error.rawValue ?? '', visibleAt],
      ]);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

async function insert(client: Client, table: string, values: readonly unknown[]): Promise<void> {
  const places = values.map((_, i) => `$${i + 1}`).join(', ');
  await client.query(`insert into redshift.${table} values (${places})`, [...values]);
}
