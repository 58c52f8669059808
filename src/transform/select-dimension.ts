import type { Expression, Order } from '../model/expression.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, type StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression, renderOrder } from '../sql/render.ts';
import { winnersName } from '../sql/shapes.ts';

/** The rows of a type-1 dimension: for each key the winner that comes first in the order of `pick`. */
export function selectDimension(table: StarTable & { from: Staging }, dialect: Dialect): string {
  const columns = Object.entries(columnsOf(table)).map(
    ([name, { is }]) => `${renderExpression(is, dialect, aliased('s'))} as ${identifier(name)}`,
  );
  if (table.pick.length === 0) return lines(`select ${columns.join(', ')}`, ...fromWinners(table, dialect));
  return lines(
    `select ${Object.keys(columnsOf(table)).map(identifier).join(', ')}`,
    'from (',
    `  select ${columns.join(', ')}, row_number() over (`,
    `    partition by ${keyValues(table, dialect, 's').join(', ')}`,
    `    order by ${table.pick.map((order) => renderOrder(order, dialect, aliased('s'))).join(', ')}`,
    '  ) as place',
    ...fromWinners(table, dialect).map((line) => `  ${line}`),
    ') ranked',
    'where place = 1',
  );
}

function fromWinners(table: StarTable & { from: Staging }, dialect: Dialect): string[] {
  return [
    `from ${winnersName(table.from)} s`,
    ...onlyFirst(table, dialect),
    ...(table.where ? [`where ${renderExpression(table.where, dialect, aliased('s'))}`] : []),
  ];
}

/**
 * Where the first order is by a column that is never NULL, only its greatest (least) rows can come first. Leaving the
 * others aside by an aggregate spares the window function nearly all rows.
 */
function onlyFirst(table: StarTable & { from: Staging }, dialect: Dialect): string[] {
  const [first] = table.pick;
  if (!first || !isRequiredColumn(first, table.from)) return [];
  const keys = keyValues(table, dialect, 'c');
  const value = renderExpression(first.by, dialect, aliased('c'));
  const where = table.where ? ` where ${renderExpression(table.where, dialect, aliased('c'))}` : '';
  return [
    'join (',
    `  select ${keys.map((key, index) => `${key} as key_${index}`).join(', ')}, ${first.direction === 'descending' ? 'max' : 'min'}(${value}) as first_value`,
    `  from ${winnersName(table.from)} c${where}`,
    `  group by ${keys.join(', ')}`,
    `) f on ${[
      ...keyValues(table, dialect, 's').map((key, index) => `f.key_${index} = ${key}`),
      `f.first_value = ${renderExpression(first.by, dialect, aliased('s'))}`,
    ].join(' and ')}`,
  ];
}

function isRequiredColumn({ by }: Order, staging: Staging): boolean {
  return by.type.kind !== 'text' && by.node.op === 'column' && staging.columns[by.node.name]?.required === true;
}

function keyValues({ key }: StarTable, dialect: Dialect, alias: string): string[] {
  return Object.values(key).map(({ is }: { is: Expression }) => renderExpression(is, dialect, aliased(alias)));
}

function lines(...all: readonly string[]): string {
  return all.join('\n');
}
