import type { Kind } from './column-type.ts';
import type { Expression, Order, Row } from './expression.ts';
import type { Fact } from './fact.ts';
import type { Physical } from './physical.ts';
import { refuse } from './problems.ts';
import type { Staging } from './staging.ts';
import {
  type KindsOfColumns,
  pickProblems,
  rowOf,
  type StarColumns,
  type StarTable,
  starTableProblems,
} from './star-table.ts';

/** A dimension: one row per key, type 1 (the latest truth only). */
export interface Dimension<Name extends string = string, Kinds extends Record<Name, Kind> = Record<Name, Kind>>
  extends StarTable {
  readonly kind: 'dimension' | 'derived';
  /** Its columns as expressions, for checks. */
  readonly row: Row<Name, Kinds>;
}

export interface DimensionSpec<K extends StarColumns, C extends StarColumns> {
  readonly name: string;
  readonly doc: string;
  readonly grain: string;
  readonly where?: Expression<'boolean'>;
  readonly key: K;
  readonly columns: C;
  readonly pick?: readonly Order[];
  readonly physical: Physical<NoInfer<keyof K | keyof C> & string>;
}

type NameOf<K, C> = (keyof K | keyof C) & string;

/**
 * A type-1 dimension of a staging table: for each key the values of the first row in the order of `pick`.
 * @throws MODEL_INVALID listing every problem
 */
export function defineDimension<
  Name extends string,
  Kinds extends Record<Name, Kind>,
  const K extends StarColumns,
  const C extends StarColumns,
>(
  from: Staging<Name, Kinds>,
  define: (row: Row<Name, Kinds>) => DimensionSpec<K, C>,
): Dimension<NameOf<K, C>, KindsOfColumns<K & C>> {
  return dimension('dimension', from as unknown as Staging, define(from.row), (table) => [
    ...pickProblems(table),
    ...nullKeyProblems(table),
  ]);
}

/**
 * A dimension derived from a fact: one row per distinct key among the fact's rows, everything else computed from the
 * key. The column of the fact that the key is read from references it.
 * @throws MODEL_INVALID listing every problem
 */
export function deriveDimension<
  Name extends string,
  Kinds extends Record<Name, Kind>,
  const K extends StarColumns,
  const C extends StarColumns,
>(
  from: Fact<Name, Kinds>,
  define: (row: Row<Name, Kinds>) => Omit<DimensionSpec<K, C>, 'where' | 'pick'>,
): Dimension<NameOf<K, C>, KindsOfColumns<K & C>> {
  return dimension('derived', from, define(from.row), derivedProblems);
}

function dimension<K extends StarColumns, C extends StarColumns>(
  kind: 'dimension' | 'derived',
  from: Staging | StarTable,
  { where, pick = [], ...spec }: DimensionSpec<K, C>,
  furtherProblems: (table: StarTable) => string[],
): Dimension<NameOf<K, C>, KindsOfColumns<K & C>> {
  const table: StarTable = { ...spec, kind, from, where, pick };
  refuse(`Dimension '${spec.name}'`, [...starTableProblems(table), ...furtherProblems(table)]);
  return Object.freeze({ ...table, kind, row: rowOf<NameOf<K, C>, KindsOfColumns<K & C>>(table) });
}

/** A key that may be NULL must be left out by `where`, as no row can have it. */
function nullKeyProblems({ key, from, where }: StarTable): string[] {
  if (from.kind !== 'staging') return [];
  const conditions = where?.node.op === 'and' ? where.node.all : where ? [where] : [];
  const present = conditions.flatMap(({ node }) =>
    node.op === 'isNotNull' && node.of.node.op === 'column' ? [node.of.node.name] : [],
  );
  return Object.values(key).flatMap(({ is: { node } }) =>
    node.op === 'column' && !from.columns[node.name]?.required && !present.includes(node.name)
      ? [`key column '${node.name}' may be NULL; add where: isNotNull(row.${node.name})`]
      : [],
  );
}

function derivedProblems({ key, name }: StarTable): string[] {
  return Object.entries(key)
    .filter(([, { is }]) => is.node.op !== 'column')
    .map(([column]) => `key '${column}' of '${name}' must be a column of the fact as it is`);
}
