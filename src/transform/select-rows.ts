import type { Staging } from '../model/staging.ts';
import type { StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { winnersName } from '../sql/shapes.ts';
import { selectDerived } from './select-derived.ts';
import { selectDimension } from './select-dimension.ts';
import { selectFact } from './select-fact.ts';

/** Which rows of a table are wanted; relations in SQL. */
export interface Wanted {
  /** The keys of the rows, under the names of the table's key columns. Without it every row. */
  readonly touched?: string;
  /** A fact's lines: winners with the columns of the staging table. Without it every winner. */
  readonly lines?: string;
}

/** The SELECT that gives the rows a table of the star should have, from staging's winners: all of them, or some. */
export function selectRows(table: StarTable, dialect: Dialect, { touched, lines }: Wanted = {}): string {
  if (isDerived(table)) return selectDerived(table, dialect, touched);
  if (!readsStaging(table))
    throw new TypeError(`table '${table.name}' of kind '${table.kind}' must read a staging table`);
  if (table.kind === 'fact') return selectFact(table, dialect, lines ?? winnersName(table.from));
  return selectDimension(table, dialect, touched);
}

/** Whether a table is computed from the rows of a fact. */
export function isDerived(table: StarTable): table is StarTable & { from: StarTable } {
  return table.kind === 'derived';
}

/** Whether a table is computed from the lines of a staging table. */
export function readsStaging(table: StarTable): table is StarTable & { from: Staging } {
  return table.from.kind === 'staging';
}
