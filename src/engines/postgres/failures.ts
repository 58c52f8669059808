import { codeOf, messageOf, SparkifyError } from '../../errors.ts';
import { identifier } from '../../sql/quote.ts';
import { engineFailure } from '../duckdb/failures.ts';
import type { OpenOptions } from '../engine.ts';

/** Where a statement ran, for messages. */
export interface Place {
  /** `host:port/database` */
  readonly shown: string;
  /** The role; the database; the schema of the star, where the server has told it. */
  readonly user?: string | undefined;
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
  /** What the session may do. Default 'write'. */
  readonly mode?: OpenOptions['mode'];
}

/** Why no connection could be opened. */
export function openFailure({ shown, user = 'ROLE', database = 'DATABASE' }: Place, cause: unknown): SparkifyError {
  const [code, message] = [codeOf(cause) ?? '', withoutPassword(messageOf(cause))];
  const {
    what,
    hint,
    retryable = false,
  } = openReasons.find(({ when }) => when.test(`${code} ${message}`)) ?? {
    what: `cannot be opened: ${message || code}`,
    hint: 'Look at host, port and settings in --target.',
  };
  return new SparkifyError('TARGET_UNUSABLE', `${shown} ${what}.`, {
    hint: hint.replaceAll('ROLE', identifier(user)).replaceAll('DATABASE', identifier(database)),
    cause,
    details: { target: shown, ...(/^\w{5}$/.test(code) && { sqlState: code }) },
    retryable,
  });
}

/** Why a statement of the tool failed. `sql` begins with a comment that names it. */
export function statementFailure(sql: string, cause: unknown, place: Place): SparkifyError {
  if (cause instanceof SparkifyError) return cause;
  const parsed = engineFailure(sql, cause);
  if (parsed instanceof SparkifyError) return parsed;
  const [code, message] = [codeOf(cause) ?? '', messageOf(cause)];
  const title = (sql.split('\n', 1)[0] ?? '').replace(/^-- /, '');
  const {
    says,
    hint,
    retryable = false,
    errorCode = 'STATEMENT_FAILED',
  } = statementReasons.find(({ when }) => when.test(`${code} ${message}`)) ?? { hint: noneOfOurs };
  return new SparkifyError(errorCode, `${title} failed: ${says ?? withoutValues(code, message)}${dependants(cause)}`, {
    hint: typeof hint === 'string' ? hint : hint(message, place),
    cause,
    details: { target: place.shown, ...(/^\w{5}$/.test(code) && { sqlState: code }) },
    retryable,
  });
}

/** Whether the connection is gone, so that nobody knows what became of the statement. */
export function isConnectionLost(cause: unknown): boolean {
  return lost.test(`${codeOf(cause) ?? ''} ${messageOf(cause)}`);
}

/** Why a statement that a person wrote failed, in the engine's own words. `before` is what the tool put in front of it. */
export function queryFailure(cause: unknown, before: string, place: Place): SparkifyError {
  const { position } = cause as { position?: string };
  const at = position === undefined ? '' : ` (at character ${Number(position) - before.length})`;
  const message = messageOf(cause).trim();
  const isSeveral = /cannot insert multiple commands/.test(message);
  return new SparkifyError(
    'QUERY_FAILED',
    isSeveral ? 'These are several statements; one can be run at a time.' : `${message}${at}`,
    { hint: isSeveral ? 'Give one SELECT.' : isClosed(cause) ? grantsFor(message, place) : readOnlyHint, cause },
  );
}

const readOnlyHint =
  'Only reading is allowed. The tables are listed by `sparkify query --sql "select table_name from information_schema.tables where table_schema = current_schema()"`.';

/** Whether a grant of a reader would open it. A function may be for administrators alone. */
function isClosed(cause: unknown): boolean {
  return codeOf(cause) === '42501' && /for (schema|table|view|materialized view) /.test(messageOf(cause));
}

interface Reason {
  /** Of `code message`: an SQLSTATE of PostgreSQL (Appendix A of its manual) or a code of Node, and what it says. */
  readonly when: RegExp;
  readonly retryable?: boolean;
}

const encodeHint =
  'Give the password in --target, in PGPASSWORD or in ~/.pgpass; in a URL, @ / : ? # % are written %40 %2F %3A %3F %23 %25.';
const tlsHint =
  'Name the certificate of its authority by &sslrootcert=FILE; sslmode=require encrypts without verifying.';

/** The settings by which a server ends a session. Sessions of the tool set them to 0; until they have, they may be ended. */
const ending: readonly { readonly when: RegExp; readonly setting: string }[] = [
  { when: /^25P03/, setting: 'idle_in_transaction_session_timeout' },
  { when: /^25P04/, setting: 'transaction_timeout' },
  { when: /^57P05/, setting: 'idle_session_timeout' },
];

const lift = (setting: string): string =>
  `Set ${setting} to 0, or to more, where the server, the database, the role or PGOPTIONS sets it.`;

/** The first that fits counts. */
const openReasons: readonly (Reason & { readonly what: string; readonly hint: string })[] = [
  {
    when: /^ECONNREFUSED/,
    what: 'does not take connections: nothing listens there',
    hint: 'Look at host and port in --target; start the server.',
    retryable: true,
  },
  {
    when: /^(ENOTFOUND|EAI_AGAIN)/,
    what: 'cannot be found: its host has no address',
    hint: 'Look at the host in --target.',
    retryable: true,
  },
  {
    when: /^ENOENT/,
    what: 'cannot be found: there is no socket in that folder',
    hint: 'Look at the host in --target; start the server.',
  },
  {
    when: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)|timeout expired/,
    what: 'does not answer',
    hint: 'Look at host, port and firewall; &connect_timeout=SECONDS waits longer.',
    retryable: true,
  },
  { when: /^28P01|password must be a/, what: 'does not take this user with this password', hint: encodeHint },
  {
    when: /^28000.*(no encryption|SSL off)/,
    what: 'does not take connections without TLS',
    hint: 'Add ?sslmode=require to --target, or verify-full with &sslrootcert=FILE.',
  },
  {
    when: /^28/,
    what: 'does not let this user in',
    hint: 'Look at the user in --target, and at pg_hba.conf of the server.',
  },
  {
    when: /^3D000/,
    what: 'is a database that does not exist',
    hint: "Create it first: create database NAME encoding 'UTF8' template template0",
  },
  {
    when: /^42501 permission denied for database/,
    what: 'does not let this user connect',
    hint: 'An administrator grants it: grant connect on database DATABASE to ROLE',
  },
  {
    when: /^53300/,
    what: 'has no connection left',
    hint: 'End some sessions, or raise max_connections; then run again.',
    retryable: true,
  },
  ...ending.map(({ when, setting }) => ({
    when,
    what: `ended the session by its ${setting}`,
    hint: lift(setting),
  })),
  { when: /^57P0/, what: 'is starting up or shutting down', hint: 'Run again in a moment.', retryable: true },
  {
    when: /does not support SSL/,
    what: 'does not offer TLS',
    hint: 'Use sslmode=prefer or disable, or configure TLS on the server.',
  },
  {
    when: /ALTNAME/,
    what: 'shows a certificate of another name',
    hint: 'Connect by the name in it, or use sslmode=verify-ca.',
  },
  {
    when: /CERT_HAS_EXPIRED/,
    what: 'shows a certificate that has expired',
    hint: 'Renew it; sslmode=require encrypts without verifying.',
  },
  { when: /CERT|UNABLE_TO_|SELF_SIGNED/, what: 'shows a certificate that is not trusted', hint: tlsHint },
  {
    when: /^(ECONNRESET|EPIPE|EPROTO|ERR_SSL)|SSL connection|terminated|not queryable/,
    what: 'broke the connection off',
    hint: 'Look at host, port and sslmode in --target; it may be no PostgreSQL.',
    retryable: true,
  },
];

const noneOfOurs = 'If the target was altered by hand, put it back; else report this.';
const runAgain = 'Run again.';
const lost = /^(08|57P0)|^(ECONNRESET|EPIPE|ETIMEDOUT)|terminat|not queryable|socket has been ended/;

const statementReasons: readonly (Reason & {
  readonly says?: string;
  readonly hint: string | ((message: string, place: Place) => string);
  readonly errorCode?: 'STATEMENT_FAILED' | 'TARGET_UNUSABLE' | 'TRANSACTION_BROKEN';
})[] = [
  {
    when: /shared memory segment/,
    says: 'the server has too little shared memory',
    hint: 'Give it more (docker run --shm-size=256m) and run again.',
  },
  { when: /^(53100|58030)|No space left/, hint: 'Free some disk space on the server and run again.', retryable: true },
  {
    when: /^(53200|53400)/,
    hint: 'Give the server more memory, or end other sessions, and run again.',
    retryable: true,
  },
  {
    when: /^57014.*statement timeout/,
    says: 'it took longer than the statement_timeout of the server or target',
    hint: 'Add ?statement_timeout=0 to --target, or a longer time.',
  },
  { when: /^57014/, says: 'somebody cancelled it', hint: 'Run again, unless there was a reason for it.' },
  {
    when: /^55P03/,
    says: 'another session kept a lock for longer than the lock_timeout',
    hint: 'End the sessions that idle in a transaction (pg_stat_activity shows them) and run again.',
    retryable: true,
  },
  {
    when: /^(40001|40P01)/,
    says: 'another session got in the way',
    hint: runAgain,
    retryable: true,
    errorCode: 'TRANSACTION_BROKEN',
  },
  {
    when: /^25006/,
    says: 'the server allows reading only',
    hint: 'Name the primary server, or a role without default_transaction_read_only.',
    errorCode: 'TARGET_UNUSABLE',
  },
  { when: /^42501/, hint: grantsFor, errorCode: 'TARGET_UNUSABLE' },
  {
    when: /^2BP01|^0A000.*used by a view/,
    hint: 'Drop the view that is named, run again, then create it anew with its grants.',
    errorCode: 'TARGET_UNUSABLE',
  },
  ...ending.map(({ when, setting }) => ({
    when,
    says: `the server ended the session by its ${setting}`,
    hint: lift(setting),
  })),
  {
    when: lost,
    says: 'the connection was lost',
    hint: 'The ledger tells what was loaded: run again, and nothing is loaded twice.',
    retryable: true,
    errorCode: 'TRANSACTION_BROKEN',
  },
];

/** The GRANT that mends a refusal, from the name in its message. */
function grantsFor(message: string, { user = 'ROLE', schema = 'SCHEMA', mode = 'write' }: Place): string {
  const role = identifier(user);
  const [onSchema, onTables] =
    mode === 'read' ? ['usage', 'select'] : ['usage, create', 'select, insert, update, delete'];
  const [, kind = '', name = ''] =
    /(?:for|of) (database|schema|table|view|relation|sequence) "?([^"]+)"?/.exec(message) ?? [];
  if (kind === 'database')
    return `An administrator grants it: grant create, temporary on database ${identifier(name)} to ${role}`;
  if (kind === 'schema')
    return `An administrator grants it: grant ${onSchema} on schema ${identifier(name)} to ${role}`;
  if (/owner/.test(message))
    return `An administrator makes it this role's own: alter ${kind || 'table'} ${identifier(name)} owner to ${role}`;
  return `An administrator grants it: grant ${onTables} on all tables in schema ${identifier(schema)} to ${role}; the same for schema etl`;
}

/** Errors about data (class 22) quote it, and what a trigger says (P0) may; in others names stand in quotes. */
function withoutValues(code: string, message: string): string {
  const [said = ''] = message.split('\n', 1);
  return /^(22|P0)/.test(code) ? said.replaceAll(/"(?:.*"|.*$)|'(?:.*'|.*$)|\d[\d.e+-]*/gi, '…') : said;
}

/** What stands in the way of another statement, as PostgreSQL names it: a view, of whomever. */
function dependants(cause: unknown): string {
  const { detail = '' } = cause as { readonly detail?: string };
  const names = [...detail.matchAll(/^(?:rule \w+ on )?((?:materialized )?view \S+) depends on /gm)].map(
    ([, name]) => name,
  );
  return names.length === 0 ? '' : ` (${[...new Set(names)].join(', ')})`;
}

/** pg quotes none; should a message ever hold the URL, its password stays out. */
function withoutPassword(message: string): string {
  return message.replaceAll(/:\/\/[^@\s]*@/g, '://…@');
}
