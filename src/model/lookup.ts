import type { Kind } from './column-type.ts';
import type { Dimension } from './dimension.ts';
import { type Expression, lookedUp, type Row } from './expression.ts';
import { columnsOf, type StarTable } from './star-table.ts';

/** How a fact finds the one row of a dimension it belongs to. */
export interface Lookup {
  readonly dimension: StarTable;
  /** Dimension column → the value it must equal. A NULL on either side finds nothing. */
  readonly on: Readonly<Record<string, Expression>>;
  /** Of several matches the one whose number is nearest to the value (NULL on either side = farthest). */
  readonly nearest: { readonly column: string; readonly to: Expression } | undefined;
}

type NamesOf<Kinds, K extends Kind> = { [N in keyof Kinds]: Kinds[N] extends K ? N : never }[keyof Kinds];

/** The choices of a lookup: at least one column to match on, at most one to be near to. */
export interface LookupSpec<Name extends string, Kinds extends Record<Name, Kind>> {
  readonly on: { readonly [N in Name]?: Expression<Kinds[N]> };
  readonly nearest?: { readonly [N in NamesOf<Kinds, 'double'>]?: Expression<'double'> };
}

/**
 * The row of `dimension` whose columns equal the values given; of several the nearest, then the one with the smallest
 * key; all its columns are NULL when there is none. Use its columns in the fact's columns.
 */
export function lookup<Name extends string, Kinds extends Record<Name, Kind>>(
  dimension: Dimension<Name, Kinds>,
  spec: LookupSpec<NoInfer<Name>, NoInfer<Kinds>>,
): Row<Name, Kinds> {
  const [nearest] = Object.entries<Expression | undefined>(spec.nearest ?? {});
  const found: Lookup = Object.freeze({
    dimension,
    on: Object.freeze({ ...spec.on } as Record<string, Expression>),
    nearest: nearest?.[1] && Object.freeze({ column: nearest[0], to: nearest[1] }),
  });
  const columns = Object.entries(columnsOf(dimension));
  return Object.fromEntries(
    columns.map(([name, { is }]) => [name, lookedUp(found, name, is.type, is.unit)]),
  ) as unknown as Row<Name, Kinds>;
}
