import { columnsOf, type StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression } from '../sql/render.ts';
import { starShape, tableName } from '../sql/shapes.ts';

/** The rows of a derived dimension: the distinct keys among the fact's rows, and what follows from each. */
export function selectDerived(table: StarTable & { from: StarTable }, dialect: Dialect): string {
  const keys = Object.values(table.key).map(({ is }) => renderExpression(is, dialect, aliased('f')));
  const columns = Object.entries(columnsOf(table)).map(
    ([name, { is }]) => `  ${renderExpression(is, dialect, aliased('k'))} as ${identifier(name)}`,
  );
  return [
    `select\n${columns.join(',\n')}`,
    'from (',
    `  select distinct ${keys.join(', ')}`,
    `  from ${tableName(starShape(table.from))} f`,
    ') k',
  ].join('\n');
}
