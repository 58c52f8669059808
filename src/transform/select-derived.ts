import { columnsOf, type StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression } from '../sql/render.ts';
import { starShape, tableName } from '../sql/shapes.ts';

/**
 * The rows of a derived dimension: the distinct keys among the fact's rows, and what follows from each.
 * @param touched a relation of the keys that are wanted; without it all of them
 */
export function selectDerived(table: StarTable & { from: StarTable }, dialect: Dialect, touched?: string): string {
  const keys = Object.entries(table.key).map(
    ([name, { is }]) => [identifier(name), renderExpression(is, dialect, aliased('f'))] as const,
  );
  const columns = Object.entries(columnsOf(table)).map(
    ([name, { is }]) => `  ${renderExpression(is, dialect, aliased('k'))} as ${identifier(name)}`,
  );
  return [
    `select\n${columns.join(',\n')}`,
    'from (',
    `  select distinct ${keys.map(([, value]) => value).join(', ')}`,
    `  from ${tableName(starShape(table.from))} f`,
    ...(touched === undefined
      ? []
      : [`  join ${touched} t on ${keys.map(([name, value]) => `t.${name} = ${value}`).join(' and ')}`]),
    ') k',
  ].join('\n');
}
