import { leftOpen, notEmulated, Refusal, syntaxError } from '../refusal.ts';
import { opensQuery, ownTokens, type QueryBlock } from '../sql/query-blocks.ts';
import { closingOf, isWord, splitByComma, wordsAt } from '../sql/scan.ts';
import type { Token } from '../sql/tokens.ts';
import { place, type Rule } from './rule.ts';

/** What a query may not hold. */
export const selectRules: readonly Rule[] = [
  {
    name: 'DISTINCT ON',
    fact: '3.3',
    examples: ['select distinct on (a) a, b from t order by a, b'],
    check: ({ tokens }) =>
      place(tokens, (_, at) => wordsAt(tokens, at, 'distinct', 'on')) === undefined
        ? undefined
        : new Refusal('0A000', 'SELECT DISTINCT ON is not supported'),
  },
  {
    name: 'FILTER (WHERE …) on an aggregate',
    fact: '3.3',
    examples: ['select count(*) filter (where a > 1) from t'],
    check: ({ tokens }) =>
      near(
        tokens,
        (token, at) => isWord(token, 'filter') && tokens[at + 1]?.text === '(' && isWord(tokens[at + 2], 'where'),
      ),
  },
  {
    name: 'LATERAL',
    fact: '3.3',
    examples: [
      'select * from t cross join lateral (select t.a as x) l',
      'select * from t, lateral (select t.a as x) l',
    ],
    check: ({ tokens }) => near(tokens, (token) => isWord(token, 'lateral')),
  },
  {
    name: 'VALUES as a table',
    fact: '3.3',
    examples: [
      'select * from (values (1), (2)) v',
      'with v (x) as (values (1)) select x from v',
      'select a from t where a in (values (1))',
    ],
    check: ({ tokens }) => near(tokens, (token, at) => token.text === '(' && isWord(tokens[at + 1], 'values')),
  },
  {
    name: 'arrays: constructors, subscripts, ANY and ALL over them',
    fact: '3.3',
    examples: [
      'select array[1, 2]',
      "select (string_to_array(b, ','))[1] from t",
      "select '{1,2}'::int[]",
      'select a from t where a = any (array[1, 2])',
      "select a from t where a = any ('{1,2}')",
      'select array(select a from t)',
    ],
    check: ({ tokens }) =>
      near(tokens, (token, at) => {
        const bracket = token.text === '[' || (isWord(token, 'array') && tokens[at + 1]?.text === '(');
        const list = isWord(token, 'any', 'some', 'all') && tokens[at + 1]?.text === '(' && !opensQuery(tokens, at + 1);
        return bracket || (list && !isWord(tokens[at - 1], 'union', 'select'));
      }),
  },
  {
    name: 'row constructors',
    fact: '3.3',
    examples: [
      'select row(1, 2)',
      'select a from t where (a, b) = (1, 2)',
      'select a from t where (a, b) in (select a, b from s)',
    ],
    check: ({ tokens }) =>
      near(tokens, (token, at) => {
        if (isWord(token, 'row') && tokens[at + 1]?.text === '(') return true;
        if (token.text !== '(' || !isOperand(tokens, at)) return false;
        const close = closingOf(tokens, at);
        const compared = /^(=|<>|!=|<|>|<=|>=)$/.test(tokens[close + 1]?.text ?? '');
        const listed = isWord(tokens[close + 1], 'in') || wordsAt(tokens, close + 1, 'not', 'in');
        return (compared || listed) && !opensQuery(tokens, at) && splitByComma(tokens, at + 1, close).length > 1;
      }),
  },
  {
    name: 'IS [NOT] DISTINCT FROM',
    fact: '3.3',
    examples: ['select a from t where a is distinct from b', 'select a is not distinct from 1 from t'],
    check: ({ tokens }) =>
      near(tokens, (token, at) => isWord(token, 'is', 'not') && wordsAt(tokens, at + 1, 'distinct', 'from')),
  },
  {
    name: 'SELECT … FOR UPDATE or FOR SHARE',
    fact: '3.2',
    examples: ['select a from t for update', 'select a from t for share', 'select a from t for update skip locked'],
    check: ({ tokens }) =>
      near(tokens, (token, at) => isWord(token, 'for') && isWord(tokens[at + 1], 'update', 'share', 'no', 'key')),
  },
  {
    name: 'COLLATE as an operator',
    fact: '2.1',
    examples: ['select b from t order by b collate "C"', 'select a from t where b collate "C" < \'x\''],
    check: ({ tokens }) => near(tokens, (token, at) => isWord(token, 'collate') && tokens[at + 1]?.text !== '('),
  },
  {
    name: 'FETCH FIRST, TABLESAMPLE, WITH ORDINALITY, ROWS FROM, ONLY, GROUP BY DISTINCT',
    fact: '3.3',
    examples: [
      'select a from t fetch first 1 rows only',
      'select a from t tablesample system (1)',
      'select * from only t',
      'select a, count(*) from t group by distinct a',
    ],
    check: ({ tokens }) =>
      near(
        tokens,
        (token, at) =>
          (isWord(token, 'fetch') && isWord(tokens[at + 1], 'first', 'next')) ||
          isWord(token, 'tablesample') ||
          wordsAt(tokens, at, 'with', 'ordinality') ||
          wordsAt(tokens, at, 'from', 'only') ||
          wordsAt(tokens, at, 'group', 'by', 'distinct'),
      ),
  },
  {
    name: 'INTERSECT ALL, EXCEPT ALL',
    fact: 'dg:r_UNION',
    examples: ['select a from t except all select a from s', 'select a from t intersect all select a from s'],
    check: ({ tokens }) =>
      near(tokens, (token, at) => isWord(token, 'except', 'intersect', 'minus') && isWord(tokens[at + 1], 'all')),
  },
  {
    name: 'LIMIT in a part of a set operation',
    fact: 'dg:r_UNION',
    examples: ['(select a from t limit 1) union all select a from s'],
    check: ({ tokens }) => limitBeforeSetOperator(tokens),
  },
  {
    name: 'a recursive query without column list or UNION ALL, or in a subquery',
    fact: '3.3',
    examples: [
      'with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select n from r',
      'with recursive r (n) as (select 1 union select n + 1 from r where n < 3) select n from r',
      'select * from (with recursive r (n) as (select 1 union all select n + 1 from r where n < 3) select n from r) q',
    ],
    check: ({ tokens }) => recursive(tokens),
  },
  {
    name: 'MATERIALIZED in a WITH',
    fact: '3.3',
    examples: ['with c as materialized (select a from t) select a from c'],
    check: ({ tokens }) => near(tokens, (token, at) => isWord(token, 'materialized') && tokens[at + 1]?.text === '('),
  },
  {
    name: 'FULL JOIN without an equality',
    fact: '3.3',
    examples: ['select t.a from t full join s on t.a < s.a'],
    check: ({ blocks }) => firstOf(blocks, fullJoin),
  },
  {
    name: 'a subquery in FROM without an alias',
    fact: 'dg:r_FROM_clause30',
    examples: ['select a from (select a from t)'],
    check: ({ blocks }) =>
      blocks.some(({ relations }) => relations.some(({ kind, alias }) => kind === 'query' && alias === undefined))
        ? leftOpen('a subquery in FROM without an alias', 'an alias')
        : undefined,
  },
  {
    name: 'strings Redshift has no notation for: E, U&, B, X, N',
    fact: '3.3',
    examples: ["select E'a\\n'", "select U&'\\0041'", "select B'1'", "select X'1F'"],
    check: ({ tokens }) =>
      near(tokens, (token, at) => tokens[at + 1]?.kind === 'string' && prefixes(token, tokens[at + 1])),
  },
  {
    name: 'operators of PostgreSQL alone: JSON, arrays, ranges, ~*, named arguments',
    fact: '2.5',
    examples: ["select b -> 'x' from t", "select b ->> 'x' from t", 'select b @> b from t', "select b ~* 'x' from t"],
    check: ({ tokens }) => {
      const at = place(tokens, (token) => token.kind === 'operator' && !operators.has(token.text));
      return at === undefined ? undefined : new Refusal('42883', `operator does not exist: ${tokens[at]?.text}`);
    },
  },
];

/** What Redshift has and the stand-in cannot do. */
export function refuseUnknownQuery(tokens: readonly Token[]): void {
  for (const [at, token] of tokens.entries()) {
    if (isWord(token, 'qualify')) throw notEmulated('QUALIFY');
    if (isWord(token, 'pivot', 'unpivot')) throw notEmulated('PIVOT');
    if (isWord(token, 'top') && tokens[at + 1]?.kind === 'number') throw notEmulated('TOP');
    if (wordsAt(tokens, at, 'group', 'by', 'all')) throw notEmulated('GROUP BY ALL');
    if (isWord(token, 'listagg')) throw notEmulated('LISTAGG');
  }
}

const operators = new Set([
  ...[
    '+',
    '-',
    '*',
    '/',
    '%',
    '^',
    '||',
    '=',
    '<>',
    '!=',
    '<',
    '>',
    '<=',
    '>=',
    '~',
    '!~',
    '|/',
    '||/',
    '@',
    '&',
    '|',
    '#',
  ],
  ...['<<', '>>', '::'],
]);

function near(tokens: readonly Token[], holds: (token: Token, at: number) => boolean): Refusal | undefined {
  const at = place(tokens, holds);
  return at === undefined ? undefined : syntaxError(tokens[at]?.text ?? '');
}

// A bracket that is neither the arguments of a function nor a list of columns.
function isOperand(tokens: readonly Token[], open: number): boolean {
  return (
    isWord(tokens[open - 1], 'where', 'and', 'or', 'not', 'on', 'when', 'having', 'select') ||
    tokens[open - 1]?.text === '('
  );
}

function prefixes(token: Token, string: Token | undefined): boolean {
  return string?.before === '' && (isWord(token, 'e', 'b', 'x', 'n') || token.text === '&');
}

function limitBeforeSetOperator(tokens: readonly Token[]): Refusal | undefined {
  for (const [at, token] of tokens.entries()) {
    if (token.text !== '(' || !opensQuery(tokens, at)) continue;
    const close = closingOf(tokens, at);
    const joined = isWord(tokens[close + 1], 'union', 'intersect', 'except', 'minus');
    const limited = tokens.slice(at, close).some((inner) => isWord(inner, 'limit'));
    if (joined && limited) return new Refusal('0A000', 'LIMIT may not be used within input to set operations');
  }
  return undefined;
}

function recursive(tokens: readonly Token[]): Refusal | undefined {
  const at = place(tokens, (_, at) => wordsAt(tokens, at, 'with', 'recursive'));
  if (at === undefined) return undefined;
  if (tokens[at - 1]?.text === '(') return new Refusal('0A000', 'A recursive CTE is not supported in a subquery');
  if (tokens[at + 3]?.text !== '(') return new Refusal('42601', 'A column list is required for a recursive CTE');
  const body = tokens.slice(at, closingOf(tokens, closingOf(tokens, at + 3) + 2));
  const union = place(body, (token) => isWord(token, 'union'));
  if (union !== undefined && isWord(body[union + 1], 'all')) return undefined;
  return new Refusal('0A000', 'Only UNION ALL is supported in a recursive CTE');
}

function fullJoin(block: QueryBlock): Refusal | undefined {
  const full = block.relations.find(({ joined }) => joined.includes('full'));
  if (full === undefined || block.tokens.slice(full.at, block.end).some((token) => isWord(token, 'using')))
    return undefined;
  for (const { at } of ownTokens({ ...block, start: full.at })) {
    if (isWord(block.tokens[at], 'where', 'group', 'order')) break;
    if (block.tokens[at]?.text === '=') return undefined;
  }
  return new Refusal('0A000', 'FULL JOIN is only supported with merge-joinable or hash-joinable join conditions');
}

/** The first refusal that one of the blocks gives. */
export function firstOf(
  blocks: readonly QueryBlock[],
  check: (block: QueryBlock) => Refusal | undefined,
): Refusal | undefined {
  for (const block of blocks) {
    const refusal = check(block);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
