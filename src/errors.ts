/**
 * Every way the tool can fail on purpose. What is thrown and is no SparkifyError is a bug.
 * docs/errors.md is made from `errorCatalogue`.
 */
export const errorCatalogue = {
  USAGE: 'The command line, a setting or an argument is wrong.',
  MODEL_INVALID: 'A warehouse is declared wrongly.',
  ROOT_NOT_FOUND: 'The root to read does not exist.',
  ROOT_EMPTY: 'The root holds no object of any source.',
  STORAGE_DENIED: 'The object store or the file system refused access.',
  STORAGE_UNREACHABLE: 'The object store did not answer.',
  OBJECT_UNREADABLE: 'An object could not be read.',
  OBJECT_CHANGED: 'An object changed or vanished between listing and reading.',
  OBJECT_CHANGED_SINCE_LOAD: 'An object that is loaded already has other content now.',
  JSONPATHS_INVALID: 'The JSONPaths file of a source is missing or wrong.',
  TARGET_INVALID: 'The target does not name a warehouse.',
  TARGET_IN_USE: 'Another process holds the target open.',
  TARGET_UNUSABLE: 'The target cannot be opened, read or written.',
  TARGET_EMPTY: 'The target holds no warehouse yet.',
  TARGET_NEWER: 'The target was written by a newer version of this tool.',
  BALANCE: 'A count does not add up, so the run changed nothing.',
  CHECK_FAILED: 'A check of the warehouse failed, so the run changed nothing.',
  CONFLICTS: 'Lines with one natural key contradict each other.',
  EXPECTED_MISMATCH: 'A query does not give its expected result.',
  QUERY_FAILED: 'A statement given by the user failed.',
  STATEMENT_FAILED: 'A statement of the tool failed on the engine.',
} as const satisfies Record<string, string>;

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
  readonly details: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, { hint, cause, details = {}, retryable = false }: ErrorParts = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.details = details;
    this.retryable = retryable;
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
  const near = allowed
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length * 0.4)))
    .sort((left, right) => left.distance - right.distance);
  return near[0] ? `Did you mean '${near[0].candidate}'? ` : '';
}

/** Levenshtein's: how many letters must be added, left out or replaced. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...from].entries()) {
    const line = [row + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (to[column - 1] === letter ? 0 : 1);
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1));
    }
    above = line;
  }
  return above.at(-1) ?? 0;
}
