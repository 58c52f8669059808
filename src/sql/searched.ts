import type { Expression } from '../model/expression.ts';
import { operandsOf } from '../model/expression.ts';
import type { Staging } from '../model/staging.ts';
import { lookupsOf, referencesOf, type StarTable } from '../model/star-table.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { TableShape } from './dialect.ts';
import { stagingShape, starShape } from './shapes.ts';

/** A table and the columns by which its rows are looked for, for engines that can be told. */
export interface SearchedTable {
  readonly shape: TableShape;
  /** No two rows agree in these, once a run has been committed; empty where several may. */
  readonly key: readonly string[];
  /** Groups of columns, each group together. */
  readonly searchedBy: readonly (readonly string[])[];
}

/** The tables of a warehouse, searched by keys, objects, references and lookups, as the model has them. */
export function searchedTables({ staging, tables }: Warehouse): readonly SearchedTable[] {
  return [
    ...staging.map((table) => searchedStaging(table, tables)),
    ...tables.map((table) => searchedStar(table, tables)),
  ];
}

/** Duplicates by the natural key, replaced rows by their object, the lines of a star row by what its key is made of. */
function searchedStaging(staging: Staging, tables: readonly StarTable[]): SearchedTable {
  const readers = tables.filter(({ from }) => from === staging);
  const groups = readers.flatMap((table) => [
    columnsIn(Object.values(table.key).map(({ is }) => is)),
    ...lookupsOf(table).map(({ on }) => columnsIn(Object.values(on))),
  ]);
  return { shape: stagingShape(staging), key: [], searchedBy: distinct([staging.key, ['object_id'], ...groups]) };
}

/** By the references to other tables, by what other tables are derived from, and by the columns of lookups. */
function searchedStar(table: StarTable, tables: readonly StarTable[]): SearchedTable {
  const derived = tables.filter(({ from }) => from === table);
  const lookups = tables.flatMap(lookupsOf).filter(({ dimension }) => dimension === table);
  const groups = [
    ...referencesOf(table).map(({ column }) => [column]),
    ...derived.map(({ key }) => columnsIn(Object.values(key).map(({ is }) => is))),
    ...lookups.map(({ on }) => Object.keys(on)),
  ];
  return { shape: starShape(table), key: Object.keys(table.key), searchedBy: distinct(groups) };
}

function columnsIn(expressions: readonly Expression[]): string[] {
  const names = expressions.flatMap((expression): string[] => [
    ...(expression.node.op === 'column' ? [expression.node.name] : []),
    ...columnsIn(operandsOf(expression)),
  ]);
  return [...new Set(names)];
}

function distinct(groups: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...new Map(groups.filter(({ length }) => length > 0).map((group) => [group.join(), group])).values()];
}
