import { notEmulated, Refusal, syntaxError } from '../refusal.ts';
import { closingOf, findWord, isWord, nameAt, topLevel, wordsAt } from '../sql/scan.ts';
import type { Token } from '../sql/tokens.ts';
import { place, type Rule, type RuleContext } from './rule.ts';

const both = 'when matched then update set b = s.b when not matched then insert (a, b) values (s.a, s.b)';

/** The limits of MERGE. */
export const mergeRules: readonly Rule[] = [
  {
    name: 'MERGE: an alias on the target',
    fact: '3.1.1',
    examples: [`merge into t x using s on x.a = s.a ${both}`, `merge into t as x using s on x.a = s.a ${both}`],
    check: merge(({ tokens }) => {
      const after = tokens[2 + nameAt(tokens, 2).length];
      return isWord(after, 'using') ? undefined : syntaxError(after?.text ?? '');
    }),
  },
  {
    name: 'MERGE: other clauses than one MATCHED and then one NOT MATCHED',
    fact: '3.1.2',
    examples: [
      'merge into t using s on t.a = s.a when matched then update set b = s.b',
      'merge into t using s on t.a = s.a when not matched then insert (a) values (s.a)',
      'merge into t using s on t.a = s.a when not matched then insert (a) values (s.a) when matched then delete',
      `merge into t using s on t.a = s.a when matched and s.b is null then delete when matched then update set b = s.b
       when not matched then insert (a) values (s.a)`,
      'merge into t using s on t.a = s.a when matched then do nothing when not matched then insert (a) values (s.a)',
      `merge into t using s on t.a = s.a ${both} when not matched by source then delete`,
    ],
    check: merge(({ tokens }) => {
      const clauses = [...topLevel(tokens)].filter((at) => isWord(tokens[at], 'when'));
      const [first, second] = clauses;
      const fits =
        clauses.length === 2 &&
        wordsAt(tokens, first ?? 0, 'when', 'matched', 'then') &&
        isWord(tokens[(first ?? 0) + 3], 'update', 'delete') &&
        wordsAt(tokens, second ?? 0, 'when', 'not', 'matched', 'then', 'insert');
      return fits || removesDuplicates(tokens) ? undefined : syntaxError(tokens[second ?? first ?? 0]?.text ?? '');
    }),
  },
  {
    name: 'MERGE: a source that is the target or reads it',
    fact: '3.1.4',
    examples: [
      `merge into t using t on t.a = t.a ${both}`,
      `merge into t using (select a, b from t) s on t.a = s.a ${both}`,
    ],
    check: merge(({ tokens, statement }) => {
      const target = statement.target?.toLowerCase();
      const using = place(tokens, (token) => isWord(token, 'using')) ?? 0;
      const source = tokens[using + 1]?.text === '(' ? closingOf(tokens, using + 1) : using + 1;
      const reads = tokens.slice(using + 1, source + 1).some(({ value }) => value === target);
      return reads
        ? new Refusal('0A000', 'Source view/subquery in Merge statement cannot reference target table.')
        : undefined;
    }),
  },
  {
    name: 'MERGE: bind parameters in a subquery of USING',
    fact: '3.1.9',
    examples: [`merge into t using (select a, b from s where a = $1) s on t.a = s.a ${both}`],
    check: merge(({ tokens }) => {
      const using = place(tokens, (token) => isWord(token, 'using')) ?? 0;
      if (tokens[using + 1]?.text !== '(') return undefined;
      const bound = tokens.slice(using + 1, closingOf(tokens, using + 1)).some(({ kind }) => kind === 'parameter');
      return bound ? new Refusal('XX000', 'queryVoltDecorrCSQ') : undefined;
    }),
  },
  {
    name: 'MERGE: qualified columns in SET or INSERT',
    fact: '3.1.10',
    examples: [
      'merge into t using s on t.a = s.a when matched then update set t.b = s.b when not matched then insert (a) values (s.a)',
      'merge into t using s on t.a = s.a when matched then update set b = s.b when not matched then insert (t.a) values (s.a)',
    ],
    check: merge(({ tokens }) => {
      const set = findWord(tokens, ['set'], 0, tokens.length);
      const insert = findWord(tokens, ['insert'], set, tokens.length) + 1;
      const columns = tokens[insert]?.text === '(' ? tokens.slice(insert, closingOf(tokens, insert)) : [];
      const qualified = tokens[set + 2]?.text === '.' || columns.some(({ text }) => text === '.');
      return qualified ? syntaxError('.') : undefined;
    }),
  },
];

/** REMOVE DUPLICATES is documented; the stand-in has no use for it (facts 3.1.11). */
export function refuseRemoveDuplicates(tokens: readonly Token[]): void {
  if (removesDuplicates(tokens)) throw notEmulated('MERGE … REMOVE DUPLICATES');
}

function removesDuplicates(tokens: readonly Token[]): boolean {
  return place(tokens, (_, at) => wordsAt(tokens, at, 'remove', 'duplicates')) !== undefined;
}

function merge(check: Rule['check']): Rule['check'] {
  return (context: RuleContext) => (context.statement.kind === 'merge' ? check(context) : undefined);
}
