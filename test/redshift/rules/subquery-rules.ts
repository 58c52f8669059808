import { leftOpen, Refusal } from '../refusal.ts';
import { ownTokens, type QueryBlock } from '../sql/query-blocks.ts';
import { findWord, isWord } from '../sql/scan.ts';
import type { Token } from '../sql/tokens.ts';
import type { Rule } from './rule.ts';
import { firstOf } from './select-rules.ts';

/**
 * The patterns of correlated subqueries that the documentation lists as not supported. A correlation is seen where the
 * column is qualified; bare columns are not resolved.
 */
export const subqueryRules: readonly Rule[] = [
  {
    name: 'a correlation that skips a level',
    fact: '3.3, dg:r_correlated_subqueries',
    examples: [
      'select a from t where not exists (select 1 from s where not exists (select 1 from u where u.a = t.a))',
      'select a from t where exists (select 1 from (select s.a from s where s.a = t.a) x)',
    ],
    check: ({ blocks }) =>
      firstOf(blocks, (block) => (correlations(block).some(({ level }) => level > 1) ? unsupported() : undefined)),
  },
  {
    name: 'a correlated subquery in the ON of an outer join',
    fact: '3.3, dg:r_correlated_subqueries',
    examples: ['select t.a from t left join s on s.a = t.a and s.b = (select max(u.b) from u where u.a = s.a)'],
    check: ({ blocks }) =>
      firstOf(blocks, (block) =>
        block.role === 'from' && correlated(block) && outer(block) ? unsupported() : undefined,
      ),
  },
  {
    name: 'a correlated subquery with a window function',
    fact: '3.3, dg:r_correlated_subqueries',
    examples: ['select a from t where b not in (select max(s.b) over () from s where s.a = t.a)'],
    check: ({ blocks }) =>
      firstOf(blocks, (block) => (correlated(block) && ownWords(block, 'over') ? unsupported() : undefined)),
  },
  {
    name: 'a correlated subquery with LIMIT, in a WITH or a set operation, or correlated by no equality',
    fact: '3.3 (left open)',
    examples: [
      'select a, (select s.b from s where s.a = t.a order by s.b limit 1) as first from t',
      'select a from t where exists (select 1 from s where s.a = t.a union all select 1 from u where u.a = t.a)',
      'select a from t where exists (select 1 from s where s.a < t.a)',
      'select a from t where a = (with c as (select max(s.a) as m from s where s.b = t.b) select m from c)',
    ],
    check: ({ blocks }) =>
      firstOf(blocks, (block) => {
        if (!correlated(block)) return undefined;
        const alone = !block.inSetOperation && block.role !== 'with';
        const simple = alone && !ownWords(block, 'limit', 'offset') && correlatedByEquality(block);
        return simple ? undefined : leftOpen('this correlated subquery', 'a join');
      }),
  },
  {
    name: 'GROUP BY on the result of a correlated subquery',
    fact: '3.3, dg:r_correlated_subqueries',
    examples: ['select t.a, (select count(*) from s where s.a = t.a) as n from t group by n, t.a'],
    check: ({ blocks }) => firstOf(blocks, groupedByCorrelated),
  },
  {
    name: 'IN over a correlated subquery with an aggregate and GROUP BY',
    fact: '3.3, dg:r_correlated_subqueries',
    examples: ['select a from t where a in (select sum(s.a) from s where s.b = t.b group by s.b)'],
    check: ({ blocks }) =>
      firstOf(blocks, (block) => {
        const { tokens, start, end } = block;
        const isIn = tokens[start - 1]?.text === '(' && isWord(tokens[start - 2], 'in');
        const grouped = findWord(tokens, ['group'], start, end) < end && ownWords(block, 'sum', 'count', 'avg');
        return isIn && grouped && correlated(block) ? unsupported() : undefined;
      }),
  },
];

function unsupported(): Refusal {
  return new Refusal('0A000', 'This type of correlated subquery pattern is not supported yet');
}

/** A column of a block around, `level` blocks up, at this place. */
interface Correlation {
  readonly at: number;
  readonly level: number;
}

function correlated(block: QueryBlock): boolean {
  return correlations(block).length > 0;
}

function correlations(block: QueryBlock): Correlation[] {
  const found: Correlation[] = [];
  for (const { at } of ownTokens(block)) {
    const qualifier = qualifierAt(block.tokens, at);
    if (qualifier === undefined) continue;
    let level = 0;
    let around: QueryBlock | undefined = block;
    while (around !== undefined && !names(around).has(qualifier)) {
      around = around.parent;
      level += 1;
    }
    if (around !== undefined && level > 0) found.push({ at, level });
  }
  return found;
}

function correlatedByEquality(block: QueryBlock): boolean {
  return correlations(block).some(({ at }) => [at - 1, at + 3].some((beside) => block.tokens[beside]?.text === '='));
}

function ownWords(block: QueryBlock, ...words: readonly string[]): boolean {
  return [...ownTokens(block)].some(({ at }) => isWord(block.tokens[at], ...words));
}

function qualifierAt(tokens: readonly Token[], at: number): string | undefined {
  const [token, dot, column] = [tokens[at], tokens[at + 1], tokens[at + 2]];
  const isName = token?.kind === 'word' || token?.kind === 'quoted';
  if (!isName || dot?.text !== '.' || tokens[at - 1]?.text === '.') return undefined;
  return column?.kind === 'word' || column?.kind === 'quoted' ? token.value : undefined;
}

function names({ relations }: QueryBlock): Set<string> {
  return new Set(relations.map(({ alias, name }) => alias ?? name));
}

function outer({ parent, start }: QueryBlock): boolean {
  const before = parent?.relations.filter(({ at }) => at < start).at(-1);
  return /left|right|full/.test(before?.joined ?? '');
}

function groupedByCorrelated(block: QueryBlock): Refusal | undefined {
  const { tokens, end } = block;
  const group = findWord(tokens, ['group'], block.start, end);
  const grouped = new Set(
    tokens.slice(group, findWord(tokens, ['having', 'order', 'limit'], group, end)).map(({ value }) => value),
  );
  for (let at = block.start; at < group; at += 1) {
    if (tokens[at]?.text !== ')' || !isWord(tokens[at + 1], 'as')) continue;
    if (grouped.has(tokens[at + 2]?.value ?? '') && subqueryEnding(block, at)) return unsupported();
  }
  return undefined;
}

// Whether a correlated subquery of this block ends there.
function subqueryEnding({ tokens, start }: QueryBlock, close: number): boolean {
  for (let at = close, depth = 0; at > start; at -= 1) {
    if (tokens[at]?.text === ')') depth += 1;
    if (tokens[at]?.text === '(') depth -= 1;
    if (depth === 0) return isWord(tokens[at + 1], 'select');
  }
  return false;
}
