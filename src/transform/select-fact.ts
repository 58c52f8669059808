import type { Lookup } from '../model/lookup.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, lookupsOf, type StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression, type Scope } from '../sql/render.ts';
import { equalities, onlyMatches, selectNearest } from './lookup.ts';
import { indented, keyColumn } from './sql-text.ts';

/**
 * The rows of a fact: one for each of the lines for which `where` holds, with what its lookups find.
 * @param lines a relation with the columns of the staging table, one row per natural key
 */
export function selectFact(table: StarTable & { from: Staging }, dialect: Dialect, lines: string): string {
  const lookups = lookupsOf(table);
  const scope = factScope(lookups);
  const columns = Object.entries(columnsOf(table)).map(
    ([name, { is }]) => `  ${renderExpression(is, dialect, scope)} as ${identifier(name)}`,
  );
  return [
    `select\n${columns.join(',\n')}`,
    `from ${lines} s`,
    ...lookups.flatMap((lookup, index) => joinFound(table, lookup, index, dialect, lines)),
    ...(table.where ? [`where ${renderExpression(table.where, dialect, aliased('s'))}`] : []),
  ].join('\n');
}

const onlyAlias = (index: number): string => `only_${index + 1}`;
const nearestAlias = (index: number): string => `nearest_${index + 1}`;

/** A line finds the only row that matches or the nearest of several, never both. */
function factScope(lookups: readonly Lookup[]): Scope {
  return {
    ...aliased('s'),
    lookedUp: (lookup, name) => {
      const index = lookups.indexOf(lookup);
      return `coalesce(${onlyAlias(index)}.${identifier(name)}, ${nearestAlias(index)}.${identifier(name)})`;
    },
  };
}

/** Nearly all matches are the only ones: ranking, which costs a sort, is left to the lines that find several. */
function joinFound(
  table: StarTable & { from: Staging },
  lookup: Lookup,
  index: number,
  dialect: Dialect,
  lines: string,
): string[] {
  const { key } = table.from;
  const [only, nearest] = [onlyAlias(index), nearestAlias(index)];
  return [
    'left join (',
    ...indented(onlyMatches(lookup)),
    `) ${only} on ${equalities(lookup, dialect, only, 's').join(' and ')}`,
    'left join (',
    ...indented(selectNearest(table, lookup, dialect, lines)),
    `) ${nearest} on ${key.map((name, place) => `${nearest}.${keyColumn(place)} = s.${identifier(name)}`).join(' and ')}`,
  ];
}
