import type { Staging } from '../model/staging.ts';
import type { StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { selectDerived } from './select-derived.ts';
import { selectDimension } from './select-dimension.ts';
import { selectFact } from './select-fact.ts';

/** The SELECT that gives every row a table of the star should have, from staging's winners. */
export function selectRows(table: StarTable, dialect: Dialect): string {
  if (isDerived(table)) return selectDerived(table, dialect);
  if (!readsStaging(table))
    throw new TypeError(`table '${table.name}' of kind '${table.kind}' must read a staging table`);
  return table.kind === 'fact' ? selectFact(table, dialect) : selectDimension(table, dialect);
}

function isDerived(table: StarTable): table is StarTable & { from: StarTable } {
  return table.kind === 'derived';
}

function readsStaging(table: StarTable): table is StarTable & { from: Staging } {
  return table.from.kind === 'staging';
}
