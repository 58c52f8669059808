import type { Kind } from './column-type.ts';
import type { Expression, Row } from './expression.ts';
import type { Physical } from './physical.ts';
import { refuse } from './problems.ts';
import type { Staging } from './staging.ts';
import {
  type KindsOfColumns,
  lookupsOf,
  rowOf,
  type StarColumn,
  type StarColumns,
  type StarTable,
  starTableProblems,
} from './star-table.ts';

/** A fact: one row per event of a kind. */
export interface Fact<Name extends string = string, Kinds extends Record<Name, Kind> = Record<Name, Kind>>
  extends StarTable {
  readonly kind: 'fact';
  readonly from: Staging;
  readonly row: Row<Name, Kinds>;
}

export interface FactSpec<K extends StarColumns, C extends StarColumns> {
  readonly name: string;
  readonly doc: string;
  readonly grain: string;
  readonly where?: Expression<'boolean'>;
  /** The grain's key, made from the natural key of the staging table. */
  readonly key: K;
  readonly columns: C;
  readonly physical: Physical<NoInfer<keyof K | keyof C> & string>;
}

/**
 * A fact of a staging table: one row for each winning line for which `where` holds.
 * @throws MODEL_INVALID listing every problem
 */
export function defineFact<
  Name extends string,
  Kinds extends Record<Name, Kind>,
  const K extends StarColumns,
  const C extends StarColumns,
>(
  from: Staging<Name, Kinds>,
  define: (row: Row<Name, Kinds>) => FactSpec<K, C>,
): Fact<(keyof K | keyof C) & string, KindsOfColumns<K & C>> {
  const { where, ...spec } = define(from.row);
  const staging = from as unknown as Staging;
  const table: StarTable = { ...spec, kind: 'fact', from: staging, where, pick: [] };
  refuse(`Fact '${spec.name}'`, [
    ...starTableProblems(table),
    ...Object.values(spec.key).flatMap((column) => keyProblems(column, staging)),
    ...lookupsOf(table).flatMap((lookup) =>
      Object.keys(lookup.on).length === 0 ? ['a lookup matches on no column'] : [],
    ),
  ]);
  return Object.freeze({
    ...table,
    kind: 'fact',
    from: staging,
    row: rowOf<(keyof K | keyof C) & string, KindsOfColumns<K & C>>(table),
  });
}

/** A packed key is free of collisions only inside the ranges that landing enforces. */
function keyProblems({ is: { node } }: StarColumn, staging: Staging): string[] {
  if (node.op !== 'packedKey') return [];
  return [...rangeProblem(node.high, staging, (1n << 47n) - 1n), ...rangeProblem(node.low, staging, 65_535n)];
}

function rangeProblem({ node }: Expression, { columns }: Staging, greatest: bigint): string[] {
  const range = node.op === 'column' ? columns[node.name]?.range : undefined;
  const fits = range !== undefined && range[0] >= 0n && range[1] <= greatest;
  return fits ? [] : [`a part of packedKey must be a column with a range inside 0…${greatest}`];
}
