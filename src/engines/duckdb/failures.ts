import { messageOf, SparkifyError } from '../../errors.ts';

/** Why the database file could not be opened, as our error. */
export function openFailure(path: string, cause: unknown): SparkifyError {
  const message = messageOf(cause);
  const holder = /PID (\d+)/.exec(message)?.[1];
  if (/Could not set lock|Conflicting lock|being used by another process/i.test(message)) {
    return new SparkifyError(
      'TARGET_IN_USE',
      `${path} is held open by another process${holder ? ` (PID ${holder})` : ''}.`,
      {
        hint: 'Add --wait to wait until it has finished, or end it.',
        cause,
        details: { path, pid: holder && Number(holder) },
        retryable: true,
      },
    );
  }
  if (/not a valid DuckDB database|not.*DuckDB database file/i.test(message)) {
    return unusable(path, 'is no DuckDB database', 'Name another file in --target; this one is left as it is.', cause);
  }
  if (/newer version|storage version|serialization version/i.test(message)) {
    return unusable(path, 'was written by a newer DuckDB', 'Update this tool, or load into a new file.', cause);
  }
  if (/Permission denied|read-only/i.test(message)) {
    return unusable(
      path,
      'cannot be written or read with the rights of this user',
      'Grant the rights, or name another file.',
      cause,
    );
  }
  return unusable(path, `cannot be opened: ${firstLine(message)}`, 'Look at the path in --target.', cause);
}

/** Why a statement of the tool failed. `sql` begins with a comment that names it. */
export function statementFailure(sql: string, cause: unknown): SparkifyError {
  const [title = ''] = sql.split('\n', 1);
  const message = messageOf(cause);
  const full = /No space left|disk.*full|out of disk/i.test(message);
  return new SparkifyError('STATEMENT_FAILED', `${title.replace(/^-- /, '')} failed: ${withoutValues(message)}`, {
    hint: full
      ? 'Free some disk space and run again.'
      : 'Nothing was changed. If the target was altered by hand, put it back; else report this.',
    cause,
    retryable: full,
  });
}

/** Why a statement that a person wrote failed, in the engine's own words. */
export function queryFailure(cause: unknown): SparkifyError {
  return new SparkifyError('QUERY_FAILED', messageOf(cause).trim(), {
    hint: 'The tables are listed by `sparkify query --sql "show tables"`; only reading is allowed.',
    cause,
  });
}

/** A person's query is one statement. DuckDB takes a PIVOT without IN for two. */
export function severalStatements(count: number): SparkifyError {
  return new SparkifyError('QUERY_FAILED', `These are ${count} statements; one can be run at a time.`, {
    hint: 'Give one SELECT. A PIVOT counts as one when it lists its values: PIVOT … ON … IN (…).',
  });
}

function unusable(path: string, what: string, hint: string, cause: unknown): SparkifyError {
  return new SparkifyError('TARGET_UNUSABLE', `${path} ${what}.`, { hint, cause, details: { path } });
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? '';

/** Conversion errors quote the value they choke on; values stay out of messages. */
function withoutValues(message: string): string {
  return firstLine(message).replaceAll(/'[^']*'/g, "'…'");
}
