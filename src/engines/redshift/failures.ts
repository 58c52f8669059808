import { messageOf, SparkifyError } from '../../errors.ts';
import { identifier } from '../../sql/quote.ts';
import { engineFailure } from '../duckdb/failures.ts';
import { type Place, textToMatch, type WireError, wireErrorOf } from './place.ts';

/** Why a statement of the tool failed. `sql` begins with a comment that names it. */
export function statementFailure(sql: string, cause: unknown, place: Place): SparkifyError {
  if (cause instanceof SparkifyError) return cause;
  const parsed = engineFailure(sql, cause);
  if (parsed instanceof SparkifyError) return parsed;
  const error = wireErrorOf(cause);
  const { says, hint, retryable = false, code = 'STATEMENT_FAILED' } = reasonFor(error);
  return new SparkifyError(code, `${titleOf(sql)} failed: ${says ?? withoutValues(error)}`, {
    hint: typeof hint === 'string' ? hint : hint(error.message, place),
    cause,
    details: detailsOf(error, place),
    retryable,
  });
}

/** Whether the connection is gone, so that nobody knows what became of the statement. */
export function isConnectionLost(cause: unknown): boolean {
  return lost.test(textToMatch(wireErrorOf(cause)));
}

/** Whether the statement was ended because it took too long. */
export function isTimeout(cause: unknown): boolean {
  const text = textToMatch(wireErrorOf(cause));
  return timedOut.test(text) && !byRule.test(text);
}

/** Why a statement that a person wrote failed, in Redshift's own words. */
export function queryFailure(cause: unknown): SparkifyError {
  if (cause instanceof SparkifyError) return cause;
  const several = /cannot insert multiple commands|several statements/i.test(messageOf(cause));
  const position = (cause as { position?: string }).position;
  const at = position === undefined ? '' : ` (at character ${position})`;
  return new SparkifyError(
    'QUERY_FAILED',
    several ? 'These are several statements; one can be run at a time.' : `${messageOf(cause).trim()}${at}`,
    { hint: several ? 'Give one SELECT.' : readOnlyHint, cause },
  );
}

/** What a person's query may be. */
export const readOnlyHint =
  'Only reading is allowed. The tables are listed by `sparkify query --sql "select table_name from svv_tables where table_schema = \'public\'"`.';

/** What a statement is for: its leading comment. */
export function titleOf(sql: string): string {
  return (sql.split('\n', 1)[0] ?? '').replace(/^-- /, '');
}

/** For `--json`: no more of an error than its numbers. */
export function detailsOf({ code }: WireError, { shown }: Place): Record<string, unknown> {
  return { target: shown, ...(/^\w{5}$/.test(code) && { sqlState: code }) };
}

const noneOfOurs = 'If the target was altered by hand, put it back; else report this.';
const lost =
  /^(08\w{3}|57P0\d|ECONNRESET|EPIPE|ETIMEDOUT|ERR_STREAM_DESTROYED)|Connection terminated|not queryable|socket has been ended|terminating connection|closed the connection/i;
const timedOut = /^57014|cancell?ed on user's request|statement timeout/i;
const byRule = /aborted by|WLM|query monitoring rule/i;

interface Reason {
  readonly says?: string;
  readonly hint: string | ((message: string, place: Place) => string);
  readonly retryable?: boolean;
  readonly code?: 'STATEMENT_FAILED' | 'TARGET_UNUSABLE' | 'TRANSACTION_BROKEN';
}

function reasonFor(error: WireError): Reason {
  const text = textToMatch(error);
  return reasons.find(({ when }) => when.test(text)) ?? { hint: noneOfOurs };
}

/**
 * Of `code message detail`: Redshift says XX000 of nearly everything (facts 3.7), so that words tell more. The first
 * that fits counts.
 */
const reasons: readonly (Reason & { readonly when: RegExp })[] = [
  {
    when: lost,
    says: 'the connection was lost',
    hint: 'The ledger tells what was loaded: run again, and nothing is loaded twice.',
    code: 'TRANSACTION_BROKEN',
    retryable: true,
  },
  {
    when: /\b1023\b|serializable isolation violation|conflict with concurrent transaction|^40001|^40P01|deadlock detected/i,
    says: 'another session got in the way',
    hint: 'Run again; who else writes to these tables?',
    code: 'TRANSACTION_BROKEN',
    retryable: true,
  },
  {
    when: /\b1018\b.*relation.*does not exist/i,
    says: 'a table was made anew by another session meanwhile',
    hint: 'Run again.',
    code: 'TRANSACTION_BROKEN',
    retryable: true,
  },
  {
    when: byRule,
    says: 'a rule of the workload management ended it',
    hint: 'Give the user of this tool a queue without such a rule.',
  },
  {
    when: timedOut,
    says: 'it took longer than the statement_timeout of the target, the user or the queue, or somebody cancelled it',
    hint: 'Add &statement_timeout=0 to --target, or a longer time; svv_transactions shows who holds a lock.',
  },
  {
    when: /disk full|\b1016\b|no space left/i,
    hint: 'Free some space in the warehouse, or resize it, and run again.',
    retryable: true,
  },
  {
    when: /^53200|out of memory|insufficient memory/i,
    hint: 'Give the queue more memory, or run again when there is less to do.',
    retryable: true,
  },
  {
    when: /usage limit/i,
    says: 'the workgroup has used up what it may',
    hint: 'Raise the usage limit of the workgroup, or wait for the next period.',
  },
  {
    when: /^25006|read.only transaction/i,
    says: 'the session may only read',
    hint: 'Name a warehouse and user that may write.',
    code: 'TARGET_UNUSABLE',
  },
  {
    when: /^2BP01|because other objects depend on it/i,
    hint: 'Drop the views that read it (pg_views shows what each reads), run again, then create them anew with their grants; WITH NO SCHEMA BINDING keeps a view out of the way.',
    code: 'TARGET_UNUSABLE',
  },
  { when: /^42501|permission denied|must be owner|not authorized/i, hint: grantsFor, code: 'TARGET_UNUSABLE' },
];

/** The GRANT that mends a refusal, from the name in its message. */
function grantsFor(message: string, { user = 'USER', schema = 'public' }: Place): string {
  const who = identifier(user);
  const [, kind = '', name = ''] = /(?:for|of) (database|schema|table|view|relation) "?([\w$]+)"?/i.exec(message) ?? [];
  if (kind === 'database')
    return `An administrator grants it: grant create, temporary on database ${identifier(name)} to ${who}`;
  if (kind === 'schema')
    return `An administrator grants it: grant usage, create on schema ${identifier(name)} to ${who}`;
  if (/owner/.test(message))
    return `An administrator makes it this user's own: alter table ${identifier(name)} owner to ${who}`;
  return `An administrator grants it: grant select, insert, update, delete on all tables in schema ${identifier(schema)} to ${who}; the same for schema etl`;
}

/** Errors about data (class 22) and those of the nodes quote it; in others names stand in quotes. */
function withoutValues({ code, message }: WireError): string {
  const [said = ''] = message.split('\n', 1);
  const quotes = /"(?:.*"|.*$)|'(?:.*'|.*$)/g;
  return /^(22|XX000)/.test(code) && !/^(relation|cannot insert a null)/i.test(said)
    ? said.replaceAll(quotes, '…')
    : said;
}
