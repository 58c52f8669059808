import type { Order } from '../model/expression.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, type StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression, renderOrder } from '../sql/render.ts';
import { winnersName } from '../sql/shapes.ts';
import { placeColumn } from './sql-text.ts';

/**
 * The rows of a type-1 dimension: for each key the winner that comes first in the order of `pick`.
 * @param touched a relation of the keys that are wanted; without it all of them
 */
export function selectDimension(table: StarTable & { from: Staging }, dialect: Dialect, touched?: string): string {
  const columns = Object.entries(columnsOf(table)).map(
    ([name, { is }]) => `${renderExpression(is, dialect, aliased('s'))} as ${identifier(name)}`,
  );
  const source = fromWinners(table, dialect, touched);
  if (table.pick.length === 0) return lines(`select ${columns.join(', ')}`, ...source);
  return lines(
    `select ${Object.keys(columnsOf(table)).map(identifier).join(', ')}`,
    'from (',
    `  select ${columns.join(', ')}, row_number() over (`,
    `    partition by ${keyValues(table, dialect, 's')
      .map(([, value]) => value)
      .join(', ')}`,
    `    order by ${table.pick.map((order) => renderOrder(order, dialect, aliased('s'))).join(', ')}`,
    `  ) as ${placeColumn}`,
    ...source.map((line) => `  ${line}`),
    ') ranked',
    `where ${placeColumn} = 1`,
  );
}

function fromWinners(table: StarTable & { from: Staging }, dialect: Dialect, touched?: string): string[] {
  const first = firstOf(table);
  return [
    `from ${winnersName(table.from)} s`,
    ...(first ? onlyFirst(table, first, dialect, touched) : joinTouched(table, dialect, 's', touched)),
    ...(table.where ? [`where ${renderExpression(table.where, dialect, aliased('s'))}`] : []),
  ];
}

function joinTouched(table: StarTable, dialect: Dialect, alias: string, touched: string | undefined): string[] {
  if (touched === undefined) return [];
  const equal = keyValues(table, dialect, alias).map(([name, value]) => `t.${name} = ${value}`);
  return [`join ${touched} t on ${equal.join(' and ')}`];
}

/** The first order, where it is by a column that is never NULL. */
function firstOf({ pick: [first], from }: StarTable & { from: Staging }): Order | undefined {
  return first && isRequiredColumn(first, from) ? first : undefined;
}

/**
 * Only the greatest (least) rows by the first order can come first. Leaving the others aside by an aggregate spares the
 * window function nearly all rows, and reads two narrow columns of history instead of all that the table has.
 */
function onlyFirst(
  table: StarTable & { from: Staging },
  { by, direction }: Order,
  dialect: Dialect,
  touched: string | undefined,
): string[] {
  const keys = keyValues(table, dialect, 'c').map(([, value]) => value);
  const value = renderExpression(by, dialect, aliased('c'));
  return [
    'join (',
    `  select ${keys.map((key, index) => `${key} as key_${index}`).join(', ')}, ${direction === 'descending' ? 'max' : 'min'}(${value}) as first_value`,
    `  from ${winnersName(table.from)} c`,
    ...joinTouched(table, dialect, 'c', touched).map((line) => `  ${line}`),
    ...(table.where ? [`  where ${renderExpression(table.where, dialect, aliased('c'))}`] : []),
    `  group by ${keys.join(', ')}`,
    `) f on ${[
      ...keyValues(table, dialect, 's').map(([, key], index) => `f.key_${index} = ${key}`),
      `f.first_value = ${renderExpression(by, dialect, aliased('s'))}`,
    ].join(' and ')}`,
  ];
}

function isRequiredColumn({ by }: Order, staging: Staging): boolean {
  return by.type.kind !== 'text' && by.node.op === 'column' && staging.columns[by.node.name]?.required === true;
}

function keyValues({ key }: StarTable, dialect: Dialect, alias: string): [name: string, value: string][] {
  return Object.entries(key).map(([name, { is }]) => [identifier(name), renderExpression(is, dialect, aliased(alias))]);
}

function lines(...all: readonly string[]): string {
  return all.join('\n');
}
