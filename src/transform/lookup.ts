import type { Expression } from '../model/expression.ts';
import { operandsOf } from '../model/expression.ts';
import type { Lookup } from '../model/lookup.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, type StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression } from '../sql/render.ts';
import { starShape, tableName, winnersName } from '../sql/shapes.ts';

/**
 * The row of the dimension that each line finds, for the lines that find one: of several the nearest (unknown is
 * farthest), then the one with the smallest key. The distance is taken in doubles, so that engines agree.
 * The line's natural key is `key_0`, `key_1`, …; the columns of the dimension that the table uses keep their names.
 */
export function selectMatches(table: StarTable & { from: Staging }, lookup: Lookup, dialect: Dialect): string {
  const line = table.from.key.map((key) => `s.${identifier(key)}`);
  const used = usedColumns(table, lookup).map(identifier);
  return [
    `select ${[...line.map((_, index) => `key_${index}`), ...used].join(', ')}`,
    'from (',
    `  select ${[...line.map((key, index) => `${key} as key_${index}`), ...used.map((name) => `d.${name}`)].join(', ')}, row_number() over (`,
    `    partition by ${line.join(', ')}`,
    `    order by ${nearestFirst(lookup, dialect).join(', ')}`,
    '  ) as place',
    `  from ${winnersName(table.from)} s`,
    `  join ${tableName(starShape(lookup.dimension))} d on ${equalities(lookup, dialect).join(' and ')}`,
    ...(table.where ? [`  where ${renderExpression(table.where, dialect, aliased('s'))}`] : []),
    ') ranked',
    'where place = 1',
  ].join('\n');
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

function equalities({ on }: Lookup, dialect: Dialect): string[] {
  return Object.entries(on).map(
    ([column, value]) => `d.${identifier(column)} = ${renderExpression(value, dialect, aliased('s'))}`,
  );
}

function nearestFirst({ dimension, nearest }: Lookup, dialect: Dialect): string[] {
  const smallestKey = Object.entries(dimension.key).map(([name, { is }]) => {
    const column = `d.${identifier(name)}`;
    return is.type.kind === 'text' ? dialect.inByteOrder(column) : column;
  });
  if (!nearest) return smallestKey;
  const distance = `abs(d.${identifier(nearest.column)} - ${renderExpression(nearest.to, dialect, aliased('s'))})`;
  return [`${distance} nulls last`, ...smallestKey];
}
