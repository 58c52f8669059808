import { closingOf, findWord, isWord, nameAt } from './scan.ts';
import type { Token } from './tokens.ts';

/** What a FROM lists: a table, a function or a query in brackets. */
export interface Relation {
  readonly kind: 'table' | 'function' | 'query';
  /** The last part of its name; empty for a query. */
  readonly name: string;
  readonly schema: string | undefined;
  readonly alias: string | undefined;
  /** Where it begins. */
  readonly at: number;
  /** How it is joined to what stands before it: the words in front of JOIN, `,` or nothing. */
  readonly joined: string;
}

/** The relations of the FROM (or USING) that stands at `from`, up to the next clause or `end`. */
export function parseFrom(tokens: readonly Token[], from: number, end: number): Relation[] {
  if (from >= end) return [];
  return parseList(tokens, from + 1, findWord(tokens, clauseWords, from + 1, end));
}

const clauseWords = [
  ...['where', 'group', 'having', 'qualify', 'window', 'order', 'limit', 'offset', 'fetch', 'for', 'set', 'when'],
  ...['returning', 'union', 'intersect', 'except', 'minus', 'with'],
];
const joinWords = ['join', 'inner', 'left', 'right', 'full', 'outer', 'cross', 'natural'];
const noAlias = new Set([...joinWords, ...clauseWords, 'on', 'using', 'tablesample', 'pivot', 'unpivot', 'as']);

function parseList(tokens: readonly Token[], start: number, end: number): Relation[] {
  const relations: Relation[] = [];
  let joined = '';
  let at = start;
  while (at < end) {
    const token = tokens[at];
    if (token?.text === ',') joined = ',';
    else if (isWord(token, ...joinWords)) joined = joinBefore(tokens, at);
    else if (isWord(token, 'only', 'lateral')) joined = joined === '' ? (token?.value ?? '') : joined;
    else if (isWord(token, 'on')) at = skipCondition(tokens, at, end) - 1;
    else if (isWord(token, 'using')) at = closingOf(tokens, at + 1);
    else if (token?.text === '(' && !holdsQuery(tokens, at)) {
      relations.push(
        ...parseList(tokens, at + 1, closingOf(tokens, at)).map((inner, i) => (i === 0 ? { ...inner, joined } : inner)),
      );
      at = closingOf(tokens, at);
    } else {
      const { relation, next } = parseOne(tokens, at, joined);
      relations.push(relation);
      at = next - 1;
    }
    at += 1;
  }
  return relations;
}

function parseOne(tokens: readonly Token[], at: number, joined: string): { relation: Relation; next: number } {
  const name = nameAt(tokens, at);
  let next = at + Math.max(name.length, 1);
  const brackets = tokens[at]?.text === '(' ? at : tokens[next]?.text === '(' ? next : undefined;
  if (brackets !== undefined) next = closingOf(tokens, brackets) + 1;
  if (isWord(tokens[next], 'as')) next += 1;
  const aliasToken = tokens[next];
  const aliased = aliasToken?.kind === 'quoted' || (aliasToken?.kind === 'word' && !noAlias.has(aliasToken.value));
  if (aliased) next += 1;
  if (aliased && tokens[next]?.text === '(') next = closingOf(tokens, next) + 1;
  const relation: Relation = {
    kind: tokens[at]?.text === '(' ? 'query' : brackets === undefined ? 'table' : 'function',
    name: name.at(-1)?.value ?? '',
    schema: name.at(-3)?.value,
    alias: aliased ? aliasToken?.value : undefined,
    at,
    joined,
  };
  return { relation, next };
}

function joinBefore(tokens: readonly Token[], at: number): string {
  const words: string[] = [];
  for (let i = at; isWord(tokens[i], ...joinWords); i -= 1) words.unshift(tokens[i]?.value ?? '');
  return words.join(' ');
}

function skipCondition(tokens: readonly Token[], at: number, end: number): number {
  for (let i = at; i < end; i += 1) {
    if (tokens[i]?.text === '(') i = closingOf(tokens, i);
    else if (tokens[i]?.text === ',' || (isWord(tokens[i], 'on') && i > at)) return i;
    else if (isWord(tokens[i], ...joinWords) && tokens[i + 1]?.text !== '(') return i;
  }
  return end;
}

function holdsQuery(tokens: readonly Token[], open: number): boolean {
  let at = open + 1;
  while (tokens[at]?.text === '(') at += 1;
  return isWord(tokens[at], 'select', 'with', 'values');
}
