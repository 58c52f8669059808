import { Refusal } from '../refusal.ts';

/**
 * A piece of a statement. `before` is the blank space and comments in front of it, so that joining `before + text` of
 * all tokens gives the statement again.
 */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'operator' | 'mark' | 'end';
  readonly before: string;
  readonly text: string;
  /** A word in lower case; what stands in the quotes of a quoted name; otherwise the text. */
  readonly value: string;
}

/**
 * Splits SQL as Redshift's lexer, a descendant of PostgreSQL 8.0, does: `\` escapes in an ordinary string (facts 3.3),
 * and `E''`, `U&''`, `B''` and dollar quotes are not known. The last token is of kind 'end'.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    const before = match(blank, sql, at);
    at += before.length;
    if (at >= sql.length) return [...tokens, { kind: 'end', before, text: '', value: '' }];
    const { kind, text, value } = next(sql, at);
    tokens.push({ kind, before, text, value });
    at += text.length;
  }
}

/** The tokens as SQL again. */
export function render(tokens: readonly Token[]): string {
  return tokens.map(({ before, text }) => before + text).join('');
}

/** A token made by a rewrite. */
export function token(kind: Token['kind'], text: string, before = ''): Token {
  return { kind, before, text, value: kind === 'word' ? text.toLowerCase() : text };
}

const blank = /(?:\s+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y;
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const string = /'(?:[^'\\]|''|\\[\s\S])*'/y;
const quoted = /"(?:[^"]|"")+"/y;
const parameter = /\$\d+/y;
const operator = /::|:=|[-+*/<>=~!@#%^&|`?]+/y;
const mark = /[()[\],;.:{}]/y;

type Piece = Pick<Token, 'kind' | 'text' | 'value'>;

function next(sql: string, at: number): Piece {
  const found = (
    [
      ['string', match(string, sql, at)],
      ['quoted', match(quoted, sql, at)],
      ['word', match(word, sql, at)],
      ['number', match(number, sql, at)],
      ['parameter', match(parameter, sql, at)],
      ['operator', cutOperator(match(operator, sql, at))],
      ['mark', match(mark, sql, at)],
    ] as const
  ).find(([, text]) => text !== '');
  if (found === undefined) throw new Refusal('42601', `syntax error at or near "${sql.slice(at, at + 10)}"`);
  const [kind, text] = found;
  return { kind, text, value: meaningOf(kind, text) };
}

function meaningOf(kind: Token['kind'], text: string): string {
  if (kind === 'word') return text.toLowerCase();
  if (kind === 'quoted') return text.slice(1, -1).replaceAll('""', '"');
  return text;
}

// As in PostgreSQL, an operator of several characters ends before a comment, and does not end in a sign: `a=-1`.
function cutOperator(text: string): string {
  const comment = text.search(/--|\/\*/);
  const kept = comment >= 0 ? text.slice(0, comment) : text;
  return /[~!@#%^&|`?]/.test(kept) ? kept : kept.replace(/(?<=.)[-+]+$/, '');
}

function match(pattern: RegExp, sql: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? '';
}
