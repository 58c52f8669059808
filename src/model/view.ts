import type { Kind } from './column-type.ts';
import type { Dimension } from './dimension.ts';
import type { Fact } from './fact.ts';
import { docProblems, nameProblems, refuse, unknownColumns } from './problems.ts';
import { columnsOf, type StarColumn, type StarTable } from './star-table.ts';

/** A dimension joined to the fact of a view, and what its columns are called there. */
export interface JoinedDimension {
  readonly dimension: StarTable;
  /** The column of the fact that holds the dimension's key. */
  readonly on: string;
  /** Column of the view → column of the dimension. */
  readonly columns: Readonly<Record<string, string>>;
}

/** A fact with its dimensions by LEFT JOIN, so that no row of the fact is lost. */
export interface View {
  readonly kind: 'view';
  readonly name: string;
  readonly doc: string;
  readonly fact: StarTable;
  readonly joins: readonly JoinedDimension[];
}

export interface JoinSpec<FactName extends string, Name extends string> {
  readonly on: FactName;
  /** Other names for columns whose own name is taken, or false to leave one out. */
  readonly rename?: { readonly [N in Name]?: string | false };
}

/** Joins every column of a dimension but its key, under its own name unless renamed. */
export function joined<FactName extends string, Name extends string, Kinds extends Record<Name, Kind>>(
  dimension: Dimension<Name, Kinds>,
  { on, rename = {} }: JoinSpec<FactName, NoInfer<Name>>,
): JoinedDimension & { readonly on: FactName } {
  const names = rename as Readonly<Record<string, string | false | undefined>>;
  const columns = Object.keys(dimension.columns)
    .map((name) => [names[name] ?? name, name] as const)
    .filter((pair): pair is readonly [string, string] => pair[0] !== false);
  return Object.freeze({ dimension, on, columns: Object.freeze(Object.fromEntries(columns)) });
}

/** @throws MODEL_INVALID listing every problem */
export function defineView<Name extends string, Kinds extends Record<Name, Kind>>(
  fact: Fact<Name, Kinds>,
  spec: {
    readonly name: string;
    readonly doc: string;
    readonly joins: readonly (JoinedDimension & { readonly on: NoInfer<Name> })[];
  },
): View {
  const names = [...Object.keys(columnsOf(fact)), ...spec.joins.flatMap(({ columns }) => Object.keys(columns))];
  refuse(`View '${spec.name}'`, [
    ...nameProblems('view', spec.name),
    ...docProblems('the view', spec.doc),
    ...names.flatMap((name) => nameProblems('column', name)),
    ...unknownColumns(
      'joins',
      spec.joins.map(({ on }) => on),
      Object.keys(columnsOf(fact)),
    ),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `two columns are called '${name}'; rename one`),
  ]);
  return Object.freeze({ kind: 'view', fact, ...spec });
}

/** The columns of a view in order, with the table each comes from. */
export function viewColumns({
  fact,
  joins,
}: View): readonly { name: string; table: StarTable; column: StarColumn; of: string }[] {
  const columns = (table: StarTable, named: Readonly<Record<string, string>>) =>
    Object.entries(named).flatMap(([name, of]) => {
      const column = columnsOf(table)[of];
      return column ? [{ name, table, column, of }] : [];
    });
  const own = Object.fromEntries(Object.keys(columnsOf(fact)).map((name) => [name, name]));
  return [...columns(fact, own), ...joins.flatMap((join) => columns(join.dimension, join.columns))];
}
