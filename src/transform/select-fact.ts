import type { Lookup } from '../model/lookup.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, lookupsOf, type StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression, type Scope } from '../sql/render.ts';
import { winnersName } from '../sql/shapes.ts';
import { selectMatches } from './lookup.ts';

/** The rows of a fact: one for each winner for which `where` holds, with what its lookups find. */
export function selectFact(table: StarTable & { from: Staging }, dialect: Dialect): string {
  const lookups = lookupsOf(table);
  const scope = factScope(lookups);
  const columns = Object.entries(columnsOf(table)).map(
    ([name, { is }]) => `  ${renderExpression(is, dialect, scope)} as ${identifier(name)}`,
  );
  return [
    `select\n${columns.join(',\n')}`,
    `from ${winnersName(table.from)} s`,
    ...lookups.flatMap((lookup, index) => joinMatches(table, lookup, matchAlias(index), dialect)),
    ...(table.where ? [`where ${renderExpression(table.where, dialect, aliased('s'))}`] : []),
  ].join('\n');
}

const matchAlias = (index: number): string => `found_${index + 1}`;

function factScope(lookups: readonly Lookup[]): Scope {
  return {
    ...aliased('s'),
    lookedUp: (lookup, name) => `${matchAlias(lookups.indexOf(lookup))}.${identifier(name)}`,
  };
}

function joinMatches(table: StarTable & { from: Staging }, lookup: Lookup, alias: string, dialect: Dialect): string[] {
  const keys = table.from.key.map(identifier);
  return [
    'left join (',
    ...selectMatches(table, lookup, dialect)
      .split('\n')
      .map((line) => `  ${line}`),
    `) ${alias} on ${keys.map((key, index) => `${alias}.key_${index} = s.${key}`).join(' and ')}`,
  ];
}
