import type { Kind } from './column-type.ts';
import type { Expression, Row } from './expression.ts';
import { docProblems, nameProblems, refuse } from './problems.ts';
import type { Staging } from './staging.ts';
import type { StarTable } from './star-table.ts';

/** 'fail' stops the run before it commits; 'warn' is reported. */
export type Severity = 'fail' | 'warn';

/**
 * A rule of the warehouse's own that every row of a table must satisfy. Keys, references, required and accepted
 * columns need no rule: they are checked because the table declares them.
 */
export interface Check {
  readonly name: string;
  readonly doc: string;
  readonly table: Staging | StarTable;
  /** A row for which this is false breaks the rule; NULL does not. */
  readonly holds: Expression<'boolean'>;
  readonly severity: Severity;
}

/** @throws MODEL_INVALID listing every problem */
export function defineCheck<Name extends string, Kinds extends Record<Name, Kind>>(
  table: (Staging<Name, Kinds> | StarTable) & { readonly row: Row<Name, Kinds> },
  spec: {
    readonly name: string;
    readonly doc: string;
    readonly holds: (row: Row<Name, Kinds>) => Expression<'boolean'>;
    readonly severity: Severity;
  },
): Check {
  refuse(`Check '${spec.name}'`, [...nameProblems('check', spec.name), ...docProblems('the check', spec.doc)]);
  return Object.freeze({ ...spec, table: table as unknown as StarTable, holds: spec.holds(table.row) });
}
