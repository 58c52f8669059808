/**
 * Every way the tool can fail on purpose. What is thrown and is no SparkifyError is a bug.
 * docs/errors.md is made from this catalogue.
 */
export const errorCatalogue = {
  USAGE: {
    means: 'The command line, a setting or an argument is wrong.',
    remedy: 'Read the hint; `sparkify VERB --help` shows an example.',
  },
  MODEL_INVALID: {
    means: 'A warehouse is declared wrongly; every problem is listed.',
    remedy: 'Mend each point in the declaration.',
  },
  ROOT_NOT_FOUND: {
    means: 'The root to read does not exist.',
    remedy: "Look at `--from`: a folder, or `s3://bucket/prefix` with the bucket's exact name.",
  },
  ROOT_EMPTY: {
    means: 'The root holds no object of any source.',
    remedy: 'The root is the folder above `log_data/` and `song_data/`, not one of them.',
  },
  STORAGE_DENIED: {
    means: 'The object store or the file system refused access.',
    remedy: 'Grant what the hint names (`s3:ListBucket`, `s3:GetObject`, read permission), or give credentials.',
  },
  STORAGE_UNREACHABLE: {
    means: 'The object store did not answer.',
    remedy: 'Look at the network, the region and `AWS_ENDPOINT_URL`; then run again.',
  },
  OBJECT_UNREADABLE: {
    means:
      'An object could not be read, for example because its compression is damaged; the others were loaded, unless a staging table that was dropped would lose its lines.',
    remedy: 'Put a sound copy in its place, or take it out of the root.',
  },
  OBJECT_CHANGED: {
    means: 'An object changed or vanished between listing and reading; the others were loaded.',
    remedy: 'Run again once its writer is done.',
  },
  OBJECT_SHRANK: {
    means: 'An object was replaced by one with less than half of its lines, so the batch was rolled back.',
    remedy: 'Look at what writes the object; where the loss is meant, run with `--allow-shrink`.',
  },
  ROOT_UNKNOWN: {
    means: 'The warehouse was loaded from another root, so the run changed nothing.',
    remedy: 'Look at `--from`; where the warehouse shall hold both, run once with `--add-root`.',
  },
  OBJECT_COPIED: {
    means:
      'An object that came by `copy=direct` changed, or would have to be read again, and its rows cannot be told from those of others; the run changed nothing.',
    remedy: 'Put new lines under a new key. To have everything read again: `--full-refresh`.',
  },
  CONFIRMATION_NEEDED: {
    means: 'What was asked for drops rows or lands very many objects again, and was not confirmed.',
    remedy: 'Look at what `sparkify plan` shows, then add `--yes`.',
  },
  JSONPATHS_INVALID: {
    means: 'The JSONPaths file of a source is missing or wrong.',
    remedy: 'Mend the file at the element and position named.',
  },
  TEMPORARY_FOLDER_UNUSABLE: {
    means: 'An object could not be copied to the folder for temporary files.',
    remedy: 'Free some space there, or name another folder in `TMPDIR`.',
  },
  TARGET_INVALID: {
    means: 'The target does not name a warehouse.',
    remedy: 'Write it in one of the forms the hint lists.',
  },
  TARGET_IN_USE: {
    means: 'Another process holds the target open.',
    remedy:
      'Wait for it (`--wait`), or end the process named. If its host died, `--take-over` ends what a server keeps of it.',
  },
  TARGET_UNUSABLE: {
    means: 'The target cannot be opened, read or written.',
    remedy: 'Look at path, permissions and free space.',
  },
  TARGET_EMPTY: {
    means: 'The target holds no warehouse yet.',
    remedy: 'Load one with `sparkify run`.',
  },
  TARGET_NEWER: {
    means: 'The target was written by a newer version of this tool.',
    remedy: 'Update sparkify-warehouse.',
  },
  TARGET_OLDER: {
    means: 'The target was written by an older version of this tool, whose ledger only a run brings to this one.',
    remedy: 'Run `sparkify run` once; everything stays, and every object is read again where its rules have changed.',
  },
  TARGET_ELSEWHERE: {
    means: 'The database holds a warehouse in another schema than the one this user and target look in first.',
    remedy: 'Give each warehouse a database of its own; for this one, mend the `search_path` of the user or target.',
  },
  MODEL_OLDER: {
    means: 'The target was loaded with a newer version of the model.',
    remedy: 'Use the newer declaration.',
  },
  TRANSACTION_BROKEN: {
    means:
      'The target broke a transaction off, because another session was in its way or the connection was lost; a batch five times.',
    remedy: 'Run again.',
  },
  COMMIT_UNKNOWN: {
    means: 'The connection was lost while a transaction was committed, and it could not be found out whether it was.',
    remedy: 'Run again: the ledger tells what is loaded, and nothing is loaded twice.',
  },
  RECORD_REFUSED: {
    means: 'COPY met a record that does not fit its table, so the batch was rolled back.',
    remedy:
      'Leave `copy=direct` out of the target: by way of landing it becomes a reject. Without it: mend the table where it was altered by hand; else report it.',
  },
  LEDGER_MOVED: {
    means:
      'Another run loaded the target, or changed its tables or views, between the plan and the load of this one, whose batch was rolled back.',
    remedy: 'Run again.',
  },
  INTERRUPTED: {
    means: 'The run was stopped by a signal. What it had committed stays.',
    remedy: 'Run again to load the rest.',
  },
  TOO_MANY_REJECTS: {
    means: 'More lines were rejected than `--max-rejects` allows, so the batch was rolled back.',
    remedy: '`sparkify rejects` lists them; mend the source, or allow more.',
  },
  DRIFT: {
    means:
      'The lines differ from those seen before, and the run was asked to fail for that; the batch was rolled back.',
    remedy: 'Mend the source or map the new keys; to accept the lines as they are, run once with `--on-drift warn`.',
  },
  BALANCE: {
    means: 'A count does not add up, so the batch was rolled back.',
    remedy:
      'Keep the report and the object named, and report it: this is a defect of the tool or a target altered by hand.',
  },
  CHECK_FAILED: {
    means: 'A check of the warehouse failed, so the batch was rolled back.',
    remedy: '`sparkify sql` prints the statement of the check; look for the rows it counts.',
  },
  CONFLICTS: {
    means: 'Lines with one natural key contradict each other, so the batch was rolled back.',
    remedy: 'Mend the source, or accept them with `--max-conflicts`.',
  },
  QUERY_FAILED: {
    means: 'A statement given by the user failed.',
    remedy: 'Mend the statement; only reading is allowed.',
  },
  STATEMENT_FAILED: {
    means: 'A statement of the tool failed on the engine, so the batch was rolled back.',
    remedy: 'Free space if the disk is full; undo what was altered by hand; else report it.',
  },
} as const satisfies Record<string, { readonly means: string; readonly remedy: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

export interface ErrorParts {
  /** What to do next, listing what is allowed where that is a short list. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Plain data for `--json`: keys, positions and counts, never a secret or a row's values. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whether the same call may succeed when tried again unchanged. */
  readonly retryable?: boolean;
}

/** An expected failure: what happened and to what (`message`), and what to do about it (`hint`). */
export class SparkifyError extends Error {
  override readonly name = 'SparkifyError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, { hint, cause, details = {}, retryable = false }: ErrorParts = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.details = details;
    this.retryable = retryable;
  }

  /** Adds what was found out while the error was on its way. */
  addDetail(name: string, value: unknown): void {
    this.details = { ...this.details, [name]: value };
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node or AWS error (`ENOENT`, `NoSuchKey`), or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : undefined;
}

/** For hints: `Did you mean 'top_songs'? ` where a word is close to one of those allowed, else nothing. */
export function didYouMean(word: string, allowed: readonly string[]): string {
  const near = nearest(word, allowed);
  return near === undefined ? '' : `Did you mean '${near}'? `;
}

/** Of the words allowed the one that is closest, where it is close at all. */
export function nearest(word: string, allowed: readonly string[]): string | undefined {
  const near = allowed
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length * 0.4)))
    .sort((left, right) => left.distance - right.distance);
  return near[0]?.candidate;
}

/** How many letters must be added, left out, replaced or swapped with their neighbour. */
function editDistance(from: string, to: string): number {
  const lines = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => lines[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    lines.push(line);
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swaps = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = swaps ? at(row - 2, column - 2) + 1 : replaced;
      line.push(Math.min(replaced, swapped, at(row - 1, column) + 1, at(row, column - 1) + 1));
    }
  }
  return at(from.length, to.length);
}
