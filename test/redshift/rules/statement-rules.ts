import { notEmulated, Refusal, syntaxError } from '../refusal.ts';
import { isWord, wordsAt } from '../sql/scan.ts';
import { place, type Rule } from './rule.ts';

const known = new Set([
  ...['select', 'insert', 'update', 'delete', 'merge', 'copy', 'truncate', 'lock', 'analyze', 'vacuum', 'explain'],
  ...['begin', 'commit', 'rollback', 'set', 'reset', 'show', 'grant', 'revoke', 'cancel'],
  ...['create table', 'create view', 'create schema', 'create database'],
  ...['drop table', 'drop view', 'drop schema', 'drop database', 'alter table', 'comment on'],
]);

/** Statements Redshift has and the stand-in does not: nothing of the product needs them. */
const missing = new Set([
  ...['unload', 'call', 'declare', 'fetch', 'close', 'prepare', 'execute', 'deallocate', 'use', 'refresh'],
  ...['create materialized', 'create external', 'create user', 'create group', 'create role', 'create function'],
  ...['create procedure', 'create library', 'create datashare', 'create model', 'create identity'],
  ...['drop user', 'drop group', 'drop role', 'drop function', 'drop procedure', 'drop materialized'],
  ...['alter user', 'alter group', 'alter schema', 'alter database', 'alter default', 'alter role'],
]);

function unknownStatement(kind: string, examples: readonly string[], fact: string, check: Rule['check']): Rule {
  return { name: kind, fact, examples, check };
}

/** Which statements there are, and where they may stand. */
export const statementRules: readonly Rule[] = [
  {
    name: 'savepoints',
    fact: '3.2',
    examples: ['savepoint a', 'release savepoint a', 'rollback to savepoint a', 'rollback to a'],
    check: ({ statement: { kind }, tokens }) => {
      const to = kind === 'rollback' && place(tokens, (token) => isWord(token, 'to')) !== undefined;
      return to || kind === 'savepoint' || kind === 'release' ? syntaxError(to ? 'to' : kind) : undefined;
    },
  },
  unknownStatement(
    'indexes, sequences, triggers, types, rules, extensions',
    [
      'create index i on t (a)',
      'create unique index i on t (a)',
      'create sequence s',
      "create type mood as enum ('sad', 'ok')",
      'create domain d as int',
      'create trigger g before insert on t for each row execute function f()',
      'create extension pgcrypto',
      'create rule r as on insert to t do nothing',
      'create statistics s on a, b from t',
      'create tablespace x',
      'drop index i',
    ],
    '2.1',
    ({ statement: { kind } }) =>
      /^(create|drop|alter) /.test(kind) && !known.has(kind) && !missing.has(kind)
        ? syntaxError(kind.split(' ')[1] ?? '')
        : undefined,
  ),
  unknownStatement(
    'LISTEN, NOTIFY, DO and other statements of PostgreSQL',
    ['listen channel', 'notify channel', 'do x', 'reindex table t', 'cluster t', 'values (1)', 'checkpoint', 'table t'],
    '3.2',
    ({ statement: { kind } }) => (known.has(kind) || missing.has(kind) ? undefined : syntaxError(kind)),
  ),
  {
    name: 'not in a transaction block',
    fact: '2.7',
    examples: [
      'begin; vacuum t',
      'begin; alter table t alter column c type varchar(30)',
      'begin; alter table t alter distkey a',
      'begin; alter table t alter sortkey (a)',
      'begin; alter table t append from s',
      'begin; create database d',
      'begin; drop database d',
    ],
    check: ({ statement: { kind }, tokens, inTransaction }) => {
      if (!inTransaction) return undefined;
      const alters = kind === 'alter table' && place(tokens, (_, at) => at > 1 && alone(tokens, at)) !== undefined;
      if (!alters && !['vacuum', 'create database', 'drop database'].includes(kind)) return undefined;
      return new Refusal('25001', `${kind.toUpperCase()} cannot run inside a transaction block`);
    },
  },
  {
    name: 'COPY FROM STDIN, COPY TO',
    fact: '3.2',
    examples: ['copy t from stdin', "copy t from '/tmp/x'", 'copy t to stdout', 'copy (select 1) to stdout'],
    check: ({ statement: { kind }, tokens }) => {
      if (kind !== 'copy') return undefined;
      const from = place(tokens, (token) => isWord(token, 'from')) ?? tokens.length - 1;
      const source = tokens[from + 1];
      if (source?.kind === 'string' && /^'s3:\/\//.test(source.text)) return undefined;
      return syntaxError(source?.text || 'to');
    },
  },
  {
    name: 'session settings Redshift does not have',
    fact: '3.9',
    examples: [
      'set idle_in_transaction_session_timeout to 1000',
      "set lock_timeout = '1s'",
      "set default_transaction_isolation to 'serializable'",
      'set standard_conforming_strings to on',
      'set transaction isolation level serializable',
      'show lock_timeout',
    ],
    check: ({ statement: { kind }, tokens }) => {
      if (!['set', 'reset', 'show'].includes(kind)) return undefined;
      const name = tokens[isWord(tokens[1], 'session', 'local') ? 2 : 1]?.value ?? '';
      // A parameter of the warehouse, which no session sets.
      if (kind === 'show' && name === 'require_ssl') return undefined;
      return settings.has(name) ? undefined : new Refusal('42704', `unrecognized configuration parameter "${name}"`);
    },
  },
  {
    name: 'TRUNCATE of several tables, CASCADE, RESTART IDENTITY',
    fact: '3.2',
    examples: ['truncate t cascade', 'truncate t restart identity', 'truncate t, s', 'truncate only t'],
    check: ({ statement: { kind }, tokens }) => {
      if (kind !== 'truncate') return undefined;
      const extra = place(
        tokens,
        (token) => token.text === ',' || isWord(token, 'cascade', 'restart', 'only', 'continue'),
      );
      return extra === undefined ? undefined : syntaxError(tokens[extra]?.text ?? '');
    },
  },
  {
    name: 'LOCK in a weaker mode, or without waiting',
    fact: '3.7',
    examples: ['begin; lock table t in share mode', 'begin; lock t nowait', 'begin; lock t in access exclusive mode'],
    check: ({ statement: { kind }, tokens }) => {
      if (kind !== 'lock') return undefined;
      const extra = place(tokens, (token) => isWord(token, 'in', 'nowait'));
      return extra === undefined ? undefined : syntaxError(tokens[extra]?.text ?? '');
    },
  },
  {
    name: 'EXPLAIN with options',
    fact: '5',
    examples: ['explain analyze select 1', 'explain (analyze) select 1'],
    check: ({ statement: { kind }, tokens }) =>
      kind === 'explain' && (isWord(tokens[1], 'analyze') || tokens[1]?.text === '(')
        ? syntaxError(tokens[1]?.text ?? '')
        : undefined,
  },
];

/** Statements that exist in Redshift but not here. */
export function refuseMissing(kind: string): void {
  if (missing.has(kind)) throw notEmulated(kind.toUpperCase());
}

/** What a session may set (facts 3.9), with what Redshift documents besides. */
export const settings: ReadonlySet<string> = new Set([
  ...['statement_timeout', 'search_path', 'query_group', 'enable_result_cache_for_session', 'timezone', 'datestyle'],
  ...['extra_float_digits', 'client_encoding', 'application_name', 'enable_case_sensitive_identifier'],
  ...['error_on_nondeterministic_update', 'wlm_query_slot_count', 'analyze_threshold_percent', 'server_version'],
]);

function alone(tokens: Parameters<typeof wordsAt>[0], at: number): boolean {
  return (
    wordsAt(tokens, at, 'append', 'from') ||
    (isWord(tokens[at], 'alter') && isWord(tokens[at + 1], 'distkey', 'diststyle', 'sortkey', 'compound', 'encode')) ||
    (isWord(tokens[at], 'alter') && place(tokens, (token) => isWord(token, 'type')) !== undefined)
  );
}
