import type { ShownStatement } from '../../pipeline/show-sql.ts';
import { comment } from '../../sql/quote.ts';

/** A script of every statement: DDL first, the rest between `begin;` and `commit;`. */
export function renderStatements(statements: readonly ShownStatement[]): string {
  const script = (chosen: readonly ShownStatement[]) =>
    chosen.map(({ step, title, sql }) => `${comment(`${step}: ${title}`)}\n${sql};`);
  return [
    ...script(statements.filter(({ step }) => step === 'schema')),
    'begin;',
    ...script(statements.filter(({ step }) => step !== 'schema')),
    'commit;',
  ].join('\n\n');
}
