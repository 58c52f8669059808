import type { ShownStatement } from '../../pipeline/show-sql.ts';
import { comment } from '../../sql/quote.ts';

/** A script of every statement: DDL first, then those between `begin;` and `commit;`, then indexes and statistics. */
export function renderStatements(statements: readonly ShownStatement[]): string {
  const script = (chosen: readonly ShownStatement[]) =>
    chosen.map(({ step, by, title, sql, unless }) => {
      const where = by === 'parser' ? ' (by the embedded parser)' : '';
      const condition = unless === undefined ? [] : [comment(`only where this gives no row: ${unless}`)];
      return [comment(`${step}: ${title}${where}`), ...condition, `${sql};`].join('\n');
    });
  const outside: readonly ShownStatement['step'][] = ['schema', 'maintain'];
  return [
    ...script(statements.filter(({ step }) => step === 'schema')),
    'begin;',
    ...script(statements.filter(({ step }) => !outside.includes(step))),
    'commit;',
    ...script(statements.filter(({ step }) => step === 'maintain')),
  ].join('\n\n');
}
