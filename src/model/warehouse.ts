import type { Check } from './check.ts';
import { nameProblems, refuse } from './problems.ts';
import type { Staging } from './staging.ts';
import { lookupsOf, referencesOf, type StarTable } from './star-table.ts';
import type { View } from './view.ts';

/** Everything there is to know of a warehouse. */
export interface Warehouse {
  readonly name: string;
  readonly doc: string;
  /** Of the declaration: a run refuses a target that a greater one was loaded with. From 1, default 1. */
  readonly version: number;
  readonly staging: readonly Staging[];
  /** In the order in which they are computed: what a table reads stands before it. */
  readonly tables: readonly StarTable[];
  readonly views: readonly View[];
  readonly checks: readonly Check[];
  /** The folder of the analytics queries, `NAME.sql` each, or undefined for none. */
  readonly queries: URL | undefined;
}

/** @throws MODEL_INVALID listing every problem */
export function defineWarehouse(spec: {
  readonly name: string;
  readonly doc: string;
  readonly version?: number;
  readonly staging: readonly Staging[];
  readonly tables: readonly StarTable[];
  readonly views?: readonly View[];
  readonly checks?: readonly Check[];
  readonly queries?: URL | undefined;
}): Warehouse {
  const warehouse: Warehouse = { version: 1, views: [], checks: [], queries: undefined, ...spec };
  refuse(`Warehouse '${spec.name}'`, problemsOf(warehouse));
  return Object.freeze(warehouse);
}

function problemsOf({ name, version, staging, tables, views, checks }: Warehouse): string[] {
  const names = [...staging, ...tables, ...views].map((table) => table.name);
  const problems = [
    ...nameProblems('warehouse', name),
    ...repeated('table or view', names),
    ...repeated(
      'source',
      staging.map(({ source }) => source.name),
    ),
    ...repeated(
      'check',
      checks.map((check) => check.name),
    ),
    ...tables.flatMap((table, index) => orderProblems(table, [...staging, ...tables.slice(0, index)], tables)),
    ...views.flatMap((view) =>
      missing(`view '${view.name}'`, [view.fact, ...view.joins.map((join) => join.dimension)], tables),
    ),
    ...checks.flatMap((check) => missing(`check '${check.name}'`, [check.table], [...staging, ...tables])),
  ];
  if (!Number.isInteger(version) || version < 1) problems.push(`its version is ${version}, not a whole number from 1`);
  if (staging.length === 0) problems.push('it has no staging table');
  return problems;
}

type Named = Staging | StarTable;

function orderProblems(table: StarTable, before: readonly Named[], tables: readonly StarTable[]): string[] {
  const reads = [table.from, ...lookupsOf(table).map(({ dimension }) => dimension)];
  return [
    ...reads
      .filter((read) => !before.includes(read))
      .map((read) => `table '${table.name}' reads '${read.name}', which must stand before it`),
    ...missing(
      `table '${table.name}'`,
      referencesOf(table).map(({ dimension }) => dimension),
      tables,
    ),
  ];
}

function missing(what: string, needed: readonly Named[], known: readonly Named[]): string[] {
  return needed
    .filter((table) => !known.includes(table))
    .map((table) => `${what} needs '${table.name}', which is not listed`);
}

function repeated(what: string, names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map(
    (name) => `two of ${what} are called '${name}'`,
  );
}
