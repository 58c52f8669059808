import type { Expression } from '../model/expression.ts';
import { operandsOf } from '../model/expression.ts';
import type { Lookup } from '../model/lookup.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, type StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression } from '../sql/render.ts';
import { starShape, tableName } from '../sql/shapes.ts';
import { keyColumn, matchesColumn, placeColumn } from './sql-text.ts';

/** The rows of the dimension that no other row equals in the columns matched on. */
export function onlyMatches(lookup: Lookup): string {
  return `select *\nfrom ${counted(lookup)} d\nwhere d.${matchesColumn} = 1`;
}

/**
 * The row of the dimension that each line finds where several match: the nearest (unknown is farthest), then the one
 * with the smallest key. The distance is taken in doubles, so that engines agree. The line's natural key stands
 * in `keyColumn(0)`, …; the columns of the dimension that the table uses keep their names.
 */
export function selectNearest(
  table: StarTable & { from: Staging },
  lookup: Lookup,
  dialect: Dialect,
  lines: string,
): string {
  const line = table.from.key.map((key) => `s.${identifier(key)}`);
  const used = usedColumns(table, lookup).map(identifier);
  const matching = [...equalities(lookup, dialect, 'd', 's'), `d.${matchesColumn} > 1`].join(' and ');
  return [
    `select ${[...line.map((_, index) => keyColumn(index)), ...used].join(', ')}`,
    'from (',
    `  select ${[...line.map((key, index) => `${key} as ${keyColumn(index)}`), ...used.map((name) => `d.${name}`)].join(', ')}, row_number() over (`,
    `    partition by ${line.join(', ')}`,
    `    order by ${nearestFirst(lookup, dialect).join(', ')}`,
    `  ) as ${placeColumn}`,
    `  from ${lines} s`,
    `  join ${counted(lookup)} d on ${matching}`,
    ...(table.where ? [`  where ${renderExpression(table.where, dialect, aliased('s'))}`] : []),
    ') ranked',
    `where ${placeColumn} = 1`,
  ].join('\n');
}

/** The conditions under which a row of the dimension matches a line. */
export function equalities({ on }: Lookup, dialect: Dialect, dimension: string, line: string): string[] {
  return Object.entries(on).map(
    ([column, value]) => `${dimension}.${identifier(column)} = ${renderExpression(value, dialect, aliased(line))}`,
  );
}

/** The dimension, each row with the number of rows that match the same lines. */
function counted({ dimension, on }: Lookup): string {
  const matched = Object.keys(on).map(identifier).join(', ');
  return `(select m.*, count(*) over (partition by ${matched}) as ${matchesColumn} from ${tableName(starShape(dimension))} m)`;
}

/** The columns of the looked-up row that the table's columns read, each once. */
function usedColumns(table: StarTable, lookup: Lookup): string[] {
  const names = new Set<string>();
  const visit = (expression: Expression): void => {
    const { node } = expression;
    if (node.op === 'lookedUp' && node.lookup === lookup) names.add(node.name);
    operandsOf(expression).forEach(visit);
  };
  for (const { is } of Object.values(columnsOf(table))) visit(is);
  return [...names];
}

function nearestFirst({ dimension, nearest }: Lookup, dialect: Dialect): string[] {
  const smallestKey = Object.entries(dimension.key).map(([name, { is }]) => {
    const column = `d.${identifier(name)}`;
    return is.type.kind === 'text' ? dialect.inByteOrder(column) : column;
  });
  if (!nearest) return smallestKey;
  const distance = `abs(d.${identifier(nearest.column)} - ${renderExpression(nearest.to, dialect, aliased('s'))})`;
  return [dialect.nullsLast(distance, 'ascending'), ...smallestKey];
}
