import { copyForms } from '../copy/copy-forms.ts';
import { queryBlocks } from '../sql/query-blocks.ts';
import { findWord } from '../sql/scan.ts';
import type { Statement } from '../sql/statement.ts';
import type { Token } from '../sql/tokens.ts';
import { ddlForms } from './ddl-forms.ts';
import { functionRules } from './function-rules.ts';
import { mergeRules, refuseRemoveDuplicates } from './merge-rules.ts';
import { nameRules } from './name-rules.ts';
import { type RefusedForm, type Rule, type RuleContext, under } from './rule.ts';
import { refuseUnknownQuery, selectRules } from './select-rules.ts';
import { refuseMissing, statementRules } from './statement-rules.ts';
import { subqueryRules } from './subquery-rules.ts';
import { systemRules } from './system-rules.ts';
import { windowRules } from './window-rules.ts';
import { writeRules } from './write-rules.ts';

/** For expressions and queries, wherever they stand. */
const queryRules: readonly Rule[] = [
  ...writeRules,
  ...mergeRules,
  ...selectRules,
  ...windowRules,
  ...subqueryRules,
  ...nameRules,
  ...systemRules,
  ...functionRules,
];

/** Everything that is refused, for the tests and for docs/redshift.md. */
export const refusedForms: readonly RefusedForm[] = [
  ...statementRules,
  ...queryRules,
  ...Object.values(ddlForms),
  ...Object.values(copyForms),
];

/** What the rules depend on besides the statement. */
export type RuleSession = Pick<RuleContext, 'inTransaction' | 'superuser' | 'kind'>;

/** @throws Refusal for what Redshift would not take, and for what the stand-in cannot do */
export function checkStatement(statement: Statement, session: RuleSession): void {
  const { kind, tokens } = statement;
  apply(statementRules, contextOf(statement, tokens, session));
  refuseMissing(kind);
  const query = queryTokens(statement);
  apply(queryRules, contextOf(statement, query, session));
  if (kind === 'merge') refuseRemoveDuplicates(tokens);
  refuseUnknownQuery(query);
}

function apply(rules: readonly Rule[], context: RuleContext): void {
  for (const rule of rules) {
    const refusal = rule.check(context);
    if (refusal !== undefined) throw under(rule, refusal);
  }
}

const withQuery = new Set(['select', 'insert', 'update', 'delete', 'merge', 'explain', 'create view']);

// The part of a statement that is a query; of CREATE TABLE what follows AS.
function queryTokens({ kind, tokens }: Statement): readonly Token[] {
  if (withQuery.has(kind)) return tokens;
  const as = kind === 'create table' ? findWord(tokens, ['as'], 0, tokens.length) : tokens.length;
  return tokens.slice(Math.min(as + 1, tokens.length - 1));
}

function contextOf(statement: Statement, tokens: readonly Token[], session: RuleSession): RuleContext {
  const { kind, target } = statement;
  const written = ['update', 'delete', 'merge'].includes(kind) ? target : undefined;
  const name = written?.split('.').at(-1)?.replaceAll('"', '').toLowerCase();
  const relation = { kind: 'table', schema: undefined, alias: undefined, at: 0, joined: '' } as const;
  const blocks = queryBlocks(tokens, name === undefined ? undefined : { ...relation, name });
  return { ...session, statement, tokens, blocks };
}
