import { leftOpen, Refusal, syntaxError } from '../refusal.ts';
import { closingOf, findWord, isWord, nameAt, wordsAt } from '../sql/scan.ts';
import type { Token } from '../sql/tokens.ts';
import { place, type Rule, type RuleContext } from './rule.ts';

/** What INSERT, UPDATE and DELETE may not hold. */
export const writeRules: readonly Rule[] = [
  {
    name: 'ON CONFLICT',
    fact: '3.2',
    examples: [
      'insert into t (a) values (1) on conflict do nothing',
      'insert into t (a) select a from s on conflict (a) do update set a = 2',
    ],
    check: ({ statement: { kind }, tokens }) =>
      kind === 'insert' ? at(tokens, (_, i) => wordsAt(tokens, i, 'on', 'conflict')) : undefined,
  },
  {
    name: 'RETURNING',
    fact: '3.2',
    examples: [
      'insert into t (a) values (1) returning a',
      'update t set a = 1 returning a',
      'delete from t returning a',
    ],
    check: ({ statement: { kind }, tokens }) =>
      isWrite(kind) ? at(tokens, (token) => isWord(token, 'returning')) : undefined,
  },
  {
    name: 'statements that write inside a WITH',
    fact: '3.2',
    examples: [
      'with gone as (delete from t returning a) select a from gone',
      'with made as (insert into t (a) values (1) returning a) select a from made',
    ],
    check: ({ tokens }) =>
      at(tokens, (token, i) => isWord(token, 'insert', 'update', 'delete', 'merge') && tokens[i - 1]?.text === '('),
  },
  {
    name: 'WITH in front of INSERT or MERGE',
    fact: '3.1, dg:r_INSERT_30',
    examples: [
      'with c as (select a from s) insert into t (a) select a from c',
      'with c as (select a from s) merge into t using c on t.a = c.a when matched then delete when not matched then insert (a) values (c.a)',
    ],
    check: ({ statement: { kind, verbAt } }) =>
      verbAt > 0 && (kind === 'insert' || kind === 'merge') ? syntaxError(kind) : undefined,
  },
  {
    name: 'OVERRIDING, an alias on the target of INSERT',
    fact: 'dg:r_INSERT_30',
    examples: ['insert into t (a) overriding system value values (1)', 'insert into t as x (a) values (1)'],
    check: ({ statement: { kind }, tokens }) =>
      kind === 'insert'
        ? at(
            tokens,
            (token, i) => isWord(token, 'overriding') || (isWord(token, 'as') && i === 2 + nameAt(tokens, 2).length),
          )
        : undefined,
  },
  {
    name: 'a subquery in VALUES of several rows',
    fact: '3.2',
    examples: ['insert into t (a) values ((select max(a) from s)), (2)'],
    check: ({ statement: { kind }, tokens }) => {
      const values = place(tokens, (token) => isWord(token, 'values'));
      if (kind !== 'insert' || values === undefined) return undefined;
      const several = tokens[closingOf(tokens, values + 1) + 1]?.text === ',';
      const query = tokens.slice(values).some((token) => isWord(token, 'select'));
      return several && query
        ? new Refusal('0A000', 'Subqueries are not supported in a multi-row INSERT VALUES statement')
        : undefined;
    },
  },
  {
    name: 'an alias on the target of DELETE, or USING without FROM',
    fact: '3.2',
    examples: [
      'delete from t x where x.a = 1',
      'delete from t as x using s where x.a = s.a',
      'delete t using s where t.a = s.a',
      'delete from only t',
    ],
    check: ({ statement, tokens }) => (statement.kind === 'delete' ? deleteAlias(statement.verbAt, tokens) : undefined),
  },
  {
    name: 'an alias on the target of UPDATE',
    fact: '3.2 (contradicts itself)',
    examples: ['update t x set a = 1', 'update t as x set a = 1 where x.b is null'],
    check: ({ statement: { kind, verbAt }, tokens }) => {
      if (kind !== 'update') return undefined;
      const after = verbAt + 1 + nameAt(tokens, verbAt + 1).length;
      return isWord(tokens[after], 'set')
        ? undefined
        : leftOpen('an alias on the target of UPDATE', 'the table’s name');
    },
  },
  {
    name: 'a qualified or bracketed column in SET',
    fact: '3.2',
    examples: ['update t set t.a = 1', 'update t set (a, b) = (select a, b from s)', 'update t set (a, b) = (1, 2)'],
    check: (context) => (context.statement.kind === 'update' ? setColumns(context) : undefined),
  },
  {
    name: 'an outer join in the FROM of UPDATE',
    fact: '3.2',
    examples: ['update t set a = s.a from s left join u on u.a = s.a where t.b = s.b'],
    check: ({ statement: { kind, verbAt }, tokens }) => {
      if (kind !== 'update') return undefined;
      const from = findWord(tokens, ['from'], verbAt, tokens.length);
      const join = findWord(tokens, ['left', 'right', 'full'], from, findWord(tokens, ['where'], from, tokens.length));
      return isWord(tokens[join], 'left', 'right', 'full')
        ? new Refusal('0A000', 'Target table must be part of an equijoin predicate')
        : undefined;
    },
  },
  {
    name: 'WHERE CURRENT OF',
    fact: '3.2',
    examples: ['delete from t where current of c'],
    check: ({ tokens }) => at(tokens, (_, i) => wordsAt(tokens, i, 'where', 'current', 'of')),
  },
];

function isWrite(kind: string): boolean {
  return ['insert', 'update', 'delete', 'merge'].includes(kind);
}

function at(tokens: readonly Token[], holds: (token: Token, at: number) => boolean): Refusal | undefined {
  const found = place(tokens, holds);
  return found === undefined ? undefined : syntaxError(tokens[found]?.text ?? '');
}

function deleteAlias(verbAt: number, tokens: readonly Token[]): Refusal | undefined {
  const hasFrom = isWord(tokens[verbAt + 1], 'from');
  const nameStart = verbAt + (hasFrom ? 2 : 1);
  if (isWord(tokens[nameStart], 'only')) return syntaxError('only');
  const next = tokens[nameStart + nameAt(tokens, nameStart).length];
  const using = isWord(next, 'using');
  if (using && !hasFrom) return syntaxError('using');
  return using || isWord(next, 'where') || next?.kind === 'end' ? undefined : syntaxError(next?.text ?? '');
}

function setColumns({ statement: { verbAt }, tokens }: RuleContext): Refusal | undefined {
  const set = findWord(tokens, ['set'], verbAt, tokens.length);
  const end = findWord(tokens, ['from', 'where'], set, tokens.length);
  let expected = set + 1;
  while (expected < end) {
    if (tokens[expected]?.text === '(') return syntaxError('(');
    if (tokens[expected + 1]?.text === '.') return syntaxError('.');
    let comma = expected;
    while (comma < end && tokens[comma]?.text !== ',')
      comma = tokens[comma]?.text === '(' ? closingOf(tokens, comma) : comma + 1;
    expected = comma + 1;
  }
  return undefined;
}
