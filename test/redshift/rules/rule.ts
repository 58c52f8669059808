import type { Refusal } from '../refusal.ts';
import type { QueryBlock } from '../sql/query-blocks.ts';
import type { Statement } from '../sql/statement.ts';
import type { Token } from '../sql/tokens.ts';

/** Something Redshift refuses, and statements that show it. Each stands in the table of docs/redshift.md. */
export interface RefusedForm {
  readonly name: string;
  /** Section of the fact sheet, or the page of the documentation. */
  readonly fact: string;
  /** Statements refused for this and nothing else, over the tables of rules.test.ts. */
  readonly examples: readonly string[];
}

/** What a rule may look at. */
export interface RuleContext {
  readonly statement: Statement;
  readonly tokens: readonly Token[];
  readonly blocks: readonly QueryBlock[];
  readonly inTransaction: boolean;
  readonly superuser: boolean;
  readonly kind: 'serverless' | 'provisioned';
}

/** A refused form that is found by looking at the statement. */
export interface Rule extends RefusedForm {
  readonly check: (context: RuleContext) => Refusal | undefined;
}

/** The refusal, marked with the form it is for. */
export function under({ name }: RefusedForm, refusal: Refusal): Refusal {
  refusal.rule = name;
  return refusal;
}

/** The first place where the predicate holds. */
export function place(tokens: readonly Token[], holds: (token: Token, at: number) => boolean): number | undefined {
  const at = tokens.findIndex(holds);
  return at < 0 ? undefined : at;
}
