import { closingOf, isWord } from './scan.ts';
import type { Token } from './tokens.ts';

/** A call of a function in an expression or in FROM. */
export interface FunctionCall {
  readonly name: string;
  /** Where the name stands; the bracket follows. */
  readonly at: number;
  readonly open: number;
  readonly close: number;
}

/** The calls in [start, end), in order. Words in front of a bracket that are syntax or a name are left out. */
export function functionCalls(tokens: readonly Token[], start = 0, end = tokens.length): FunctionCall[] {
  const calls: FunctionCall[] = [];
  for (let at = start; at < end; at += 1) {
    const token = tokens[at];
    if (tokens[at + 1]?.text !== '(' || (token?.kind !== 'word' && token?.kind !== 'quoted')) continue;
    if (token.kind === 'word' && syntax.has(token.value)) continue;
    const close = closingOf(tokens, at + 1);
    if (!isNameWithColumns(tokens, at, close)) calls.push({ name: token.value, at, open: at + 1, close });
  }
  return calls;
}

/** Words that stand before a bracket and call nothing. Types with a length are among them. */
const syntax = new Set([
  ...[
    'in',
    'values',
    'and',
    'or',
    'not',
    'on',
    'using',
    'as',
    'over',
    'exists',
    'any',
    'some',
    'all',
    'select',
    'from',
  ],
  ...[
    'where',
    'by',
    'then',
    'else',
    'when',
    'case',
    'join',
    'union',
    'except',
    'intersect',
    'minus',
    'limit',
    'offset',
  ],
  ...['filter', 'group', 'distinct', 'between', 'like', 'ilike', 'to', 'set', 'insert', 'having', 'with', 'is', 'end'],
  ...[
    'varchar',
    'char',
    'character',
    'varying',
    'nvarchar',
    'nchar',
    'bpchar',
    'numeric',
    'decimal',
    'float',
    'interval',
  ],
  ...[
    'timestamp',
    'timestamptz',
    'time',
    'timetz',
    'explain',
    'lateral',
    'recursive',
    'materialized',
    'sets',
    'similar',
  ],
  ...['rollup', 'cube', 'array', 'row', 'partition', 'order', 'return', 'cast', 'conflict', 'default', 'super'],
]);

// `insert into t (a)`, `with c (a) as (`, `from (…) x (a)`, `from t x (a)`, `create table t (`.
function isNameWithColumns(tokens: readonly Token[], at: number, close: number): boolean {
  let first = at;
  while (tokens[first - 1]?.text === '.') first -= 2;
  const before = tokens[first - 1];
  if (isWord(before, 'into', 'table', 'references', 'view', 'copy', 'recursive')) return true;
  if (
    isWord(tokens[close + 1], 'as') &&
    tokens[close + 2]?.text === '(' &&
    (isWord(before, 'with') || before?.text === ',')
  )
    return true;
  const afterAlias = before?.text === ')' || isWord(before, 'as');
  const afterName =
    before?.kind === 'quoted' || (before?.kind === 'word' && !syntax.has(before.value) && !operands.has(before.value));
  return afterAlias || afterName;
}

/** Words after which an expression may begin. */
const operands = new Set([
  'escape',
  'rows',
  'preceding',
  'zone',
  'approximate',
  'only',
  'cross',
  'inner',
  'outer',
  'returning',
  'at',
]);
