import { leftOpen, Refusal, syntaxError } from '../refusal.ts';
import { closingOf, findWord, isWord } from '../sql/scan.ts';
import type { Token } from '../sql/tokens.ts';
import { place, type Rule } from './rule.ts';

/** What a window may not be. */
export const windowRules: readonly Rule[] = [
  {
    name: 'an aggregate over a window with ORDER BY and no frame',
    fact: '3.3',
    examples: [
      'select sum(a) over (partition by b order by a) from t',
      'select count(*) over (order by a) from t',
      'select first_value(a) over (order by a) from t',
    ],
    check: ({ tokens }) =>
      inWindows(tokens, ({ name, from, to }) => {
        const ordered = findWord(tokens, ['order'], from, to) < to;
        const framed = findWord(tokens, ['rows', 'range', 'groups'], from, to) < to;
        if (!ordered || framed || !framedFunctions.has(name)) return undefined;
        return new Refusal('42601', 'Aggregate window functions with an ORDER BY clause require a frame clause');
      }),
  },
  {
    name: 'frames by RANGE or GROUPS, EXCLUDE',
    fact: '3.3',
    examples: [
      'select sum(a) over (order by a range between 1 preceding and current row) from t',
      'select sum(a) over (order by a groups between 1 preceding and current row) from t',
      'select sum(a) over (order by a rows between 1 preceding and current row exclude ties) from t',
    ],
    check: ({ tokens }) =>
      inWindows(tokens, ({ from, to }) => {
        const at = findWord(tokens, ['range', 'groups', 'exclude'], from, to);
        return at < to ? syntaxError(tokens[at]?.text ?? '') : undefined;
      }),
  },
  {
    name: 'a named window',
    fact: '3.3',
    examples: ['select row_number() over w from t window w as (order by a)'],
    check: ({ tokens }) =>
      place(tokens, (token, at) => isWord(token, 'over') && tokens[at + 1]?.text !== '(') === undefined
        ? undefined
        : leftOpen('a named WINDOW', 'the window in each OVER'),
  },
  {
    name: 'NULLS FIRST or LAST in a window',
    fact: '8.3',
    examples: ['select row_number() over (order by a nulls last) from t'],
    check: ({ tokens }) =>
      inWindows(tokens, ({ from, to }) =>
        findWord(tokens, ['nulls'], from, to) < to
          ? leftOpen('NULLS FIRST or LAST in OVER', 'order by case when x is null then 1 else 0 end, x')
          : undefined,
      ),
  },
];

const framedFunctions = new Set([
  ...['sum', 'count', 'min', 'max', 'avg', 'stddev', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop'],
  ...['first_value', 'last_value', 'nth_value', 'bool_and', 'bool_or'],
]);

interface Window {
  /** The function over the window. */
  readonly name: string;
  /** The tokens between its brackets. */
  readonly from: number;
  readonly to: number;
}

function inWindows(tokens: readonly Token[], check: (window: Window) => Refusal | undefined): Refusal | undefined {
  for (const [at, token] of tokens.entries()) {
    if (!isWord(token, 'over') || tokens[at + 1]?.text !== '(') continue;
    const refusal = check({ name: functionBefore(tokens, at), from: at + 2, to: closingOf(tokens, at + 1) });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function functionBefore(tokens: readonly Token[], over: number): string {
  let at = over - 1;
  if (isWord(tokens[at], 'nulls')) at -= 2;
  for (let depth = 0; at >= 0; at -= 1) {
    if (tokens[at]?.text === ')') depth += 1;
    if (tokens[at]?.text === '(') depth -= 1;
    if (depth === 0) break;
  }
  return tokens[at - 1]?.value ?? '';
}
