import { Refusal } from '../refusal.ts';
import { closingOf, isWord, nameAt } from './scan.ts';
import { render, type Token, tokenize } from './tokens.ts';

/** What a statement does, by its leading words: `select`, `create table`, `commit` … */
export type StatementKind = string;

/** One statement, without its semicolon; the last token is of kind 'end'. */
export interface Statement {
  readonly kind: StatementKind;
  readonly tokens: readonly Token[];
  /** Where the verb stands: behind the queries of a leading WITH. */
  readonly verbAt: number;
  /** The table that is written, as it stands there; for DML, COPY, TRUNCATE and LOCK. */
  readonly target: string | undefined;
}

/**
 * The statements of a text; empty ones count for none. Quoted names fold to lower case as bare ones do, unless the
 * session has enable_case_sensitive_identifier (facts 2.6).
 */
export function parseStatements(sql: string, { caseSensitive = false } = {}): Statement[] {
  const sizeBytes = Buffer.byteLength(sql);
  if (sizeBytes > maxStatementBytes)
    throw new Refusal(
      '54001',
      `Statement is too large. Statement Size: ${sizeBytes} bytes. Maximum Allowed: ${maxStatementBytes} bytes`,
    );
  const statements: Statement[] = [];
  let current: Token[] = [];
  for (const token of tokenize(sql).map((token) => (caseSensitive ? token : foldQuoted(token)))) {
    if (token.text !== ';' && token.kind !== 'end') {
      current.push(token);
      continue;
    }
    if (current.length > 0)
      statements.push(statementOf([...current, { kind: 'end', before: '', text: '', value: '' }]));
    current = [];
  }
  return statements;
}

/** Facts 2.6. */
const maxStatementBytes = 16 * 1024 * 1024;

function foldQuoted(token: Token): Token {
  if (token.kind !== 'quoted') return token;
  return { ...token, text: token.text.toLowerCase(), value: token.value.toLowerCase() };
}

/** The kinds whose second word belongs to the kind. */
const twoWords = new Set(['create', 'drop', 'alter', 'truncate', 'start', 'comment']);

function statementOf(tokens: readonly Token[]): Statement {
  const verbAt = findVerb(tokens);
  const kind = kindOf(tokens, verbAt);
  return { kind, tokens, verbAt, target: targetOf(kind, tokens, verbAt) };
}

// Behind `with a as (…), b (x) as (…)`.
function findVerb(tokens: readonly Token[]): number {
  if (!isWord(tokens[0], 'with')) return 0;
  let at = isWord(tokens[1], 'recursive') ? 2 : 1;
  for (;;) {
    while (tokens[at] !== undefined && tokens[at]?.text !== '(') at += 1;
    at = closingOf(tokens, at) + 1;
    if (isWord(tokens[at], 'as')) at = closingOf(tokens, at + 1) + 1;
    if (tokens[at]?.text !== ',') return Math.min(at, tokens.length - 1);
    at += 1;
  }
}

function kindOf(tokens: readonly Token[], verbAt: number): StatementKind {
  const verb = tokens[verbAt]?.text === '(' ? 'select' : (tokens[verbAt]?.value ?? '');
  if (verb === 'end') return 'commit';
  if (verb === 'abort') return 'rollback';
  if (!twoWords.has(verb)) return verb;
  if (verb === 'truncate') return verb;
  if (verb === 'start') return 'begin';
  let at = verbAt + 1;
  while (isWord(tokens[at], 'or', 'replace', 'local', 'temp', 'temporary', 'unlogged', 'global', 'recursive')) at += 1;
  return `${verb} ${tokens[at]?.value ?? ''}`;
}

const leads: Readonly<Record<string, readonly string[]>> = {
  insert: ['into'],
  update: [],
  delete: ['from'],
  merge: ['into'],
  copy: [],
  truncate: ['table'],
  lock: ['table'],
};

function targetOf(kind: StatementKind, tokens: readonly Token[], verbAt: number): string | undefined {
  const skipped = leads[kind];
  if (skipped === undefined) return undefined;
  let at = verbAt + 1;
  while (isWord(tokens[at], ...skipped)) at += 1;
  const name = nameAt(tokens, at);
  return name.length === 0 ? undefined : render(tokens.slice(at, at + name.length)).trim();
}
