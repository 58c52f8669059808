import { messageOf, SparkifyError } from '../../errors.ts';
import { readHolder } from './holder.ts';

/** Why the database file could not be opened, as our error. */
export function openFailure(path: string, cause: unknown): SparkifyError {
  const message = messageOf(cause);
  if (/Conflicting lock|being used by another process/i.test(message)) return inUse(path, message, cause);
  const { what, hint } = openReasons.find(({ says }) => says.test(message)) ?? {
    what: `cannot be opened: ${firstLine(message)}`,
    hint: 'Look at the path in --target.',
  };
  return new SparkifyError('TARGET_UNUSABLE', `${path} ${what}.`, { hint, cause, details: { path } });
}

/** Why a statement of the tool failed. `sql` begins with a comment that names it. */
export function statementFailure(sql: string, cause: unknown): SparkifyError {
  const [title = ''] = sql.split('\n', 1);
  const message = messageOf(cause);
  const full = diskFull.test(message);
  return new SparkifyError('STATEMENT_FAILED', `${title.replace(/^-- /, '')} failed: ${withoutValues(message)}`, {
    hint: full ? freeSpace : /Out of Memory/i.test(message) ? freeMemory : noneOfOurs,
    cause,
    retryable: full,
  });
}

/** As `statementFailure` where the engine threw it; anything else as it is. */
export function engineFailure(sql: string, error: unknown): unknown {
  const isOfEngine = !(error instanceof SparkifyError) && /^[A-Z][A-Za-z ]* Error: |^Failed to /.test(messageOf(error));
  return isOfEngine ? statementFailure(sql, error) : error;
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

function inUse(path: string, message: string, cause: unknown): SparkifyError {
  const pid = Number(/PID (\d+)/.exec(message)?.[1] ?? 0);
  // DuckDB says so where a reader is in the way; the note beside the file is about writers.
  const isRead = message.includes('read-only mode');
  const holder = isRead ? undefined : readHolder(path, pid);
  const who = pid === 0 ? '' : ` (PID ${pid})`;
  const says = holder
    ? `is being loaded by another run: process ${holder.pid} on ${holder.host} since ${holder.since}`
    : `is ${isRead ? 'being read' : 'held open'} by another process${who}`;
  return new SparkifyError('TARGET_IN_USE', `${path} ${says}.`, {
    hint: 'Try again when it has finished; a run waits for that with --wait.',
    cause,
    details: { path, ...(pid !== 0 && { pid }), ...holder },
    retryable: true,
  });
}

/** Also a limit on the size of files (`ulimit -f`) or a quota. */
const diskFull = /No space left|ENOSPC|File too large|EFBIG|quota exceeded|EDQUOT|max_temp_directory_size/i;

const freeSpace = 'Free some disk space and run again.';
const freeMemory = 'Give it more memory, or end other programs, and run again.';
const noneOfOurs = 'If the target was altered by hand, put it back; else report this.';

/** What DuckDB or the system says when the file cannot be opened, and what it means. The first that fits counts. */
const openReasons: readonly { readonly says: RegExp; readonly what: string; readonly hint: string }[] = [
  {
    says: /Could not set lock/i,
    what: 'lies on a file system that has no file locks',
    hint: 'Name a file on a local disk in --target.',
  },
  {
    says: /not a valid DuckDB database|not.*DuckDB database file/i,
    what: 'is no DuckDB database',
    hint: 'Name another file in --target; this one is left as it is.',
  },
  {
    says: /newer version|storage version|serialization version/i,
    what: 'was written by a newer DuckDB',
    hint: 'Update this tool, or load into a new file.',
  },
  {
    says: /Corrupt database|checksum|Could not read enough bytes/i,
    what: 'is damaged',
    hint: 'Put back a copy of it, or load into a new file: everything can be read from the root again.',
  },
  {
    says: /Is a directory|EISDIR/i,
    what: 'is a folder',
    hint: 'Name a file in it: --target duckdb:FOLDER/warehouse.duckdb',
  },
  {
    says: /Not a directory|ENOTDIR|EEXIST/i,
    what: 'lies below a file, not below a folder',
    hint: 'Name a file in a folder in --target.',
  },
  { says: diskFull, what: 'cannot be written, as its disk is full', hint: freeSpace },
  {
    says: /Read-only file system|EROFS/i,
    what: 'cannot be written, as its disk is read-only',
    hint: 'Make it writable, or name a file on another disk in --target.',
  },
  {
    says: /Permission denied|EACCES|Operation not permitted|EPERM|read-only/i,
    what: 'cannot be written or read with the rights of this user',
    hint: 'Grant the rights, or name another file.',
  },
  {
    // What Node says of a read-only disk as well.
    says: /ENOENT.*mkdir/,
    what: 'lies in a folder that cannot be created',
    hint: 'Create the folder, or name a file in another one in --target.',
  },
];

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? '';

/** A name behind a word that says what it names, or anything in quotes, to its last quote as a value may hold some. */
const quoted = /(\b(?:file|directory|schema|table|column|name|named) )"[^"\n]*"|"(?:.*"|.*$)|'(?:.*'|.*$)/gis;
const numbers = /(\bvalue |\()-?\d[\d.e+ -]*/gi;

/** The first line, without the values that the engine quotes where it chokes on one; names stay. */
function withoutValues(message: string): string {
  const [said = ''] = message.split(/\n+LINE \d+:/, 1);
  const withoutTexts = said.replaceAll(quoted, (text: string, word?: string) =>
    word ? text : `${text[0]}…${text[0]}`,
  );
  return firstLine(withoutTexts.replaceAll(numbers, '$1…'));
}
