import type { Kind } from './column-type.ts';
import type { Expression, Order, Row } from './expression.ts';
import { columnReference, operandsOf } from './expression.ts';
import type { Lookup } from './lookup.ts';
import type { Physical } from './physical.ts';
import { columnsOfPhysical } from './physical.ts';
import { docProblems, nameProblems, unknownColumns } from './problems.ts';
import type { Staging } from './staging.ts';

/** A column of the star schema: the rule that fills it and what it means. */
export interface StarColumn<K extends Kind = Kind> {
  readonly is: Expression<K>;
  readonly doc: string;
  readonly unit: string | undefined;
  /** Never NULL; a structural check. Key columns always are. */
  readonly required: boolean;
  /** The dimension whose key it holds, or NULL; a structural check. */
  readonly references: StarTable | undefined;
}

/** Says what a column is, in SQL and in words. The unit is that of the value unless given. */
export function column<K extends Kind>(
  is: Expression<K>,
  doc: string,
  { unit = is.unit, required = false, references }: { unit?: string; required?: boolean; references?: StarTable } = {},
): StarColumn<K> {
  return Object.freeze({ is, doc, unit, required, references });
}

export type StarColumns = Readonly<Record<string, StarColumn>>;

/** What dimensions, derived dimensions and facts have in common. */
export interface StarTable {
  readonly kind: 'dimension' | 'derived' | 'fact';
  readonly name: string;
  readonly doc: string;
  readonly grain: string;
  /** The rows it is made of: winners of a staging table, or the rows of a fact. */
  readonly from: Staging | StarTable;
  /** Only rows for which this is true; undefined for all. */
  readonly where: Expression<'boolean'> | undefined;
  readonly key: StarColumns;
  readonly columns: StarColumns;
  /** Which of the rows of one key is the table's row: the first in this order. Empty where there is but one. */
  readonly pick: readonly Order[];
  readonly physical: Physical<string>;
}

export type KindsOfColumns<C extends StarColumns> = {
  readonly [N in keyof C & string]: C[N] extends StarColumn<infer K> ? K : never;
};

/** Key and other columns in the order of the table. */
export function columnsOf(table: StarTable): StarColumns {
  return { ...table.key, ...table.columns };
}

/** The columns of a table that hold the key of a dimension. */
export function referencesOf(table: StarTable): readonly { readonly column: string; readonly dimension: StarTable }[] {
  return Object.entries(columnsOf(table)).flatMap(([column, { references }]) =>
    references ? [{ column, dimension: references }] : [],
  );
}

/** The columns of a star table as expressions over its rows. */
export function rowOf<Name extends string, Kinds extends Record<Name, Kind>>(table: StarTable): Row<Name, Kinds> {
  const entries = Object.entries(columnsOf(table)).map(([name, { is, unit }]) => [
    name,
    columnReference(name, is.type, unit),
  ]);
  return Object.freeze(Object.fromEntries(entries)) as Row<Name, Kinds>;
}

/** Every lookup the columns of a table use, each once, in order of first use. */
export function lookupsOf(table: StarTable): readonly Lookup[] {
  const found = new Set<Lookup>();
  const visit = (expression: Expression): void => {
    if (expression.node.op === 'lookedUp') found.add(expression.node.lookup);
    for (const operand of operandsOf(expression)) visit(operand);
  };
  for (const { is } of Object.values(columnsOf(table))) visit(is);
  return [...found];
}

/** What can be wrong with any star table. */
export function starTableProblems(table: StarTable): string[] {
  const { name, doc, grain, key, columns, physical } = table;
  const names = Object.keys(columnsOf(table));
  const problems = [
    ...nameProblems('table', name),
    ...docProblems('the table', doc),
    ...docProblems('the grain', grain),
    ...names.flatMap((column) => nameProblems('column', column)),
    ...Object.entries(columnsOf(table)).flatMap(([column, declared]) =>
      docProblems(`column '${column}'`, declared.doc),
    ),
    ...Object.keys(key)
      .filter((column) => column in columns)
      .map((column) => `column '${column}' is declared both as key and as column`),
    ...unknownColumns('physical', columnsOfPhysical(physical), names),
  ];
  if (Object.keys(key).length === 0) problems.push('the key has no column');
  for (const { column, dimension } of referencesOf(table)) {
    if (Object.keys(dimension.key).length !== 1) {
      problems.push(`'${column}' references '${dimension.name}', whose key has not exactly one column`);
    }
  }
  return problems;
}

/** Problems of a rule that picks one of several rows: the order must leave no tie. */
export function pickProblems({ from, key, pick }: StarTable): string[] {
  if (from.kind !== 'staging') return [];
  const decided = [...Object.values(key).map(({ is }) => is), ...pick.map(({ by }) => by)];
  const named = decided.flatMap(({ node }) => (node.op === 'column' ? [node.name] : []));
  const open = from.key.filter((column) => !named.includes(column));
  return open.length === 0
    ? []
    : [`the order of pick leaves ties; end it with ${open.map((column) => `'${column}'`).join(', ')} of ${from.name}`];
}
