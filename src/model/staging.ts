import {
  bigintType,
  type ColumnType,
  doubleType,
  integerBounds,
  integerType,
  type Kind,
  smallintType,
} from './column-type.ts';
import { columnReference, type Expression, type Row } from './expression.ts';
import { columnsOfPhysical, type Physical } from './physical.ts';
import { docProblems, nameProblems, refuse, unknownColumns } from './problems.ts';
import type { Source } from './source.ts';

/** What a staging column may say of itself. */
export interface StagingColumnSpec {
  /** The JSON key it is filled from, where no JSONPaths file says otherwise. */
  readonly from: string;
  readonly doc: string;
  readonly unit?: string;
  /** A line in which it is NULL is a reject. */
  readonly required?: true;
  /** Integers only: bounds, both inclusive; a line outside them is a reject. Narrower than the type. */
  readonly range?: readonly [bigint, bigint];
  /** Values known so far; another one is a warning, not a reject. */
  readonly accepted?: readonly (string | number)[];
}

export interface StagingColumn<K extends Kind = Kind> extends StagingColumnSpec {
  readonly type: ColumnType & { readonly kind: K };
}

type Declared<K extends Kind> = (spec: StagingColumnSpec) => StagingColumn<K>;

const declared =
  <K extends Kind>(type: ColumnType): Declared<K> =>
  (spec) =>
    Object.freeze({ ...spec, type: type as ColumnType & { kind: K } });

/** A text column of at most `bytes` bytes of UTF-8 (1…65,535). */
export function text(bytes: number, spec: StagingColumnSpec): StagingColumn<'text'> {
  return declared<'text'>({ kind: 'text', bytes })(spec);
}
/** −2^63 … 2^63−1 */
export const bigint: Declared<'integer'> = declared(bigintType);
/** −2^31 … 2^31−1 */
export const integer: Declared<'integer'> = declared(integerType);
/** −32,768 … 32,767 */
export const smallint: Declared<'integer'> = declared(smallintType);
/** A finite double. */
export const double: Declared<'double'> = declared(doubleType);

type KindsOf<C extends Record<string, StagingColumn>> = {
  readonly [N in keyof C & string]: C[N] extends StagingColumn<infer K> ? K : never;
};

/** Columns that a line must have when a condition holds. */
export interface RequiredWhen {
  readonly when: Expression<'boolean'>;
  readonly columns: readonly string[];
}

/** A staging table: the lines of one source, typed, nothing else done to them. */
export interface Staging<Name extends string = string, Kinds extends Record<Name, Kind> = Record<Name, Kind>> {
  readonly kind: 'staging';
  readonly name: string;
  readonly doc: string;
  readonly grain: string;
  readonly source: Source;
  readonly columns: Readonly<Record<Name, StagingColumn>>;
  /** The natural key: lines that agree in it are one thing delivered more than once. */
  readonly key: readonly Name[];
  /** Of lines with one key the greatest by this column wins (then all columns in order, NULL last). */
  readonly newest: Name;
  /** Lines with one key that differ in one of these contradict each other. */
  readonly conflictingIn: readonly Name[];
  readonly requiredWhen: readonly RequiredWhen[];
  readonly physical: Physical<Name | 'object_id'>;
  /** The columns as expressions. */
  readonly row: Row<Name, Kinds>;
}

export interface StagingSpec<C extends Record<string, StagingColumn>> {
  readonly name: string;
  readonly doc: string;
  readonly grain: string;
  readonly source: Source;
  readonly columns: C;
  readonly key: readonly NoInfer<keyof C & string>[];
  readonly newest: NoInfer<keyof C & string>;
  readonly conflictingIn?: readonly NoInfer<keyof C & string>[];
  readonly requiredWhen?: (row: Row<keyof C & string, KindsOf<C>>) => readonly {
    readonly when: Expression<'boolean'>;
    readonly columns: readonly (keyof C & string)[];
  }[];
  readonly physical: Physical<NoInfer<keyof C & string> | 'object_id'>;
}

/** @throws MODEL_INVALID listing every problem */
export function defineStaging<const C extends Record<string, StagingColumn>>(
  spec: StagingSpec<C>,
): Staging<keyof C & string, KindsOf<C>> {
  const row = Object.freeze(
    Object.fromEntries(
      Object.entries(spec.columns).map(([name, { type, unit }]) => [name, columnReference(name, type, unit)]),
    ),
  ) as unknown as Row<keyof C & string, KindsOf<C>>;
  const staging: Staging<keyof C & string, KindsOf<C>> = {
    conflictingIn: [],
    ...spec,
    kind: 'staging',
    requiredWhen: spec.requiredWhen?.(row) ?? [],
    row,
  };
  refuse(`Staging table '${spec.name}'`, problemsOf(staging));
  return Object.freeze(staging);
}

function problemsOf({
  name,
  doc,
  grain,
  columns,
  key,
  newest,
  conflictingIn,
  requiredWhen,
  physical,
}: Staging): string[] {
  const names = Object.keys(columns);
  const problems = [
    ...nameProblems('table', name),
    ...docProblems('the table', doc),
    ...docProblems('the grain', grain),
    ...Object.entries(columns).flatMap(([column, declaration]) => columnProblems(column, declaration)),
    ...unknownColumns('key', key, names),
    ...unknownColumns('newest', [newest], names),
    ...unknownColumns('conflictingIn', conflictingIn, names),
    ...requiredWhen.flatMap((rule) => unknownColumns('requiredWhen', rule.columns, names)),
    ...unknownColumns('physical', columnsOfPhysical(physical), [...names, 'object_id']),
  ];
  if (key.length === 0) problems.push('the key has no column');
  for (const column of key) {
    if (columns[column] && !columns[column].required) problems.push(`key column '${column}' must be required`);
  }
  return problems;
}

/** Of staging, and of the duplicates in it. */
const ownColumns: readonly string[] = ['object_id', 'lines', 'versions', 'conflicting'];

function columnProblems(name: string, { type, from, doc, range, accepted }: StagingColumn): string[] {
  const problems = [...nameProblems('column', name), ...docProblems(`column '${name}'`, doc)];
  if (ownColumns.includes(name)) problems.push(`column '${name}' is the tool's own, for provenance or duplicates`);
  if (from === '') problems.push(`column '${name}' is filled from an empty key`);
  if (type.kind === 'text' && !(Number.isInteger(type.bytes) && type.bytes >= 1 && type.bytes <= 65_535)) {
    problems.push(`column '${name}' has ${type.bytes} bytes; 1 to 65,535 are possible`);
  }
  if (range) problems.push(...rangeProblems(name, type, range));
  if (accepted?.length === 0) problems.push(`column '${name}' accepts no value`);
  return problems;
}

function rangeProblems(name: string, type: ColumnType, [low, high]: readonly [bigint, bigint]): string[] {
  if (type.kind !== 'integer') return [`column '${name}' has a range but is no integer`];
  const [least, greatest] = integerBounds(type.bits);
  if (low > high) return [`column '${name}' has an empty range`];
  return low < least || high > greatest ? [`column '${name}' has a range beyond its type`] : [];
}
