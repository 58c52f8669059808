import {
  bigintType,
  booleanType,
  type ColumnType,
  integerType,
  type Kind,
  smallintType,
  timestampType,
} from './column-type.ts';
import type { Lookup } from './lookup.ts';

/** Date parts every engine gives alike; `week` is the ISO week, `weekday` is 0 on Sunday (facts 3.4). */
export type DatePart = 'hour' | 'day' | 'week' | 'month' | 'year' | 'weekday';

/** The engines for which an escape hatch must be written out. */
export type EngineName = 'duckdb' | 'postgres' | 'redshift';

/** What an expression does. Every engine renders every one of these. */
export type ExpressionNode =
  | { readonly op: 'column'; readonly name: string }
  | { readonly op: 'lookedUp'; readonly lookup: Lookup; readonly name: string }
  | { readonly op: 'literal'; readonly value: string | number | bigint | boolean }
  | { readonly op: 'equal' | 'atLeast'; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'isNotNull' | 'not' | 'fromEpochMillis' | 'characterLength'; readonly of: Expression }
  | { readonly op: 'and' | 'or'; readonly all: readonly Expression[] }
  | { readonly op: 'nullIf'; readonly of: Expression; readonly value: Expression }
  | { readonly op: 'packedKey'; readonly high: Expression; readonly low: Expression }
  | { readonly op: 'datePart'; readonly part: DatePart; readonly of: Expression }
  | { readonly op: 'sql'; readonly byEngine: Readonly<Record<EngineName, string>> };

/** A value computed from a row: plain frozen data that an engine renders to SQL. */
export interface Expression<K extends Kind = Kind> {
  readonly node: ExpressionNode;
  readonly type: ColumnType & { readonly kind: K };
  /** The unit of the value, carried over from the column it is read from. */
  readonly unit?: string | undefined;
}

/** The columns of a relation as expressions. `Name` stands first so that a type error lists the names. */
export type Row<Name extends string, Kinds extends Record<Name, Kind>> = {
  readonly [N in Name]: Expression<Kinds[N]>;
};

type Comparable<K extends Kind> = K extends 'text'
  ? string
  : K extends 'integer'
    ? number | bigint
    : K extends 'double'
      ? number
      : boolean;

function expression<K extends Kind>(node: ExpressionNode, type: ColumnType, unit?: string): Expression<K> {
  return Object.freeze({ node: Object.freeze(node), type: type as ColumnType & { kind: K }, unit });
}

/** A column of the relation the rule reads. Definitions get these from `defineStaging`, not by hand. */
export function columnReference<K extends Kind>(name: string, type: ColumnType, unit?: string): Expression<K> {
  return expression({ op: 'column', name }, type, unit);
}

/** A column of the row that a lookup finds; NULL when it finds none. */
export function lookedUp<K extends Kind>(lookup: Lookup, name: string, type: ColumnType, unit?: string): Expression<K> {
  return expression({ op: 'lookedUp', lookup, name }, type, unit);
}

function literal<K extends Kind>(of: Expression<K>, value: string | number | bigint | boolean): Expression<K> {
  return expression({ op: 'literal', value }, of.type);
}

/** True where the value equals a constant; NULL where it is NULL. */
export function equal<K extends 'text' | 'integer' | 'double' | 'boolean'>(
  left: Expression<K>,
  value: Comparable<NoInfer<K>>,
): Expression<'boolean'> {
  return expression({ op: 'equal', left, right: literal<Kind>(left, value) }, booleanType);
}

/** True where the value is the bound or more (inclusive); NULL where it is NULL. */
export function atLeast<K extends 'integer' | 'double'>(
  left: Expression<K>,
  bound: Comparable<NoInfer<K>>,
): Expression<'boolean'> {
  return expression({ op: 'atLeast', left, right: literal<Kind>(left, bound) }, booleanType);
}

/** True where the value is present. */
export function isNotNull(of: Expression): Expression<'boolean'> {
  return expression({ op: 'isNotNull', of }, booleanType);
}

export function and(...all: readonly Expression<'boolean'>[]): Expression<'boolean'> {
  return expression({ op: 'and', all }, booleanType);
}

export function or(...all: readonly Expression<'boolean'>[]): Expression<'boolean'> {
  return expression({ op: 'or', all }, booleanType);
}

export function not(of: Expression<'boolean'>): Expression<'boolean'> {
  return expression({ op: 'not', of }, booleanType);
}

/** NULL where the value equals the constant (an "unknown" marker such as year 0), else the value. */
export function nullIf<K extends 'text' | 'integer' | 'double'>(
  of: Expression<K>,
  value: Comparable<NoInfer<K>>,
): Expression<K> {
  return expression({ op: 'nullIf', of, value: literal<Kind>(of, value) }, of.type, of.unit);
}

/**
 * One BIGINT key from two integers: `high * 65536 + low`. Deterministic, readable and without collisions for
 * high in 0…2^47−1 and low in 0…65535; the staging columns must declare those ranges (`defineFact` checks it).
 */
export function packedKey(high: Expression<'integer'>, low: Expression<'integer'>): Expression<'integer'> {
  return expression({ op: 'packedKey', high, low }, bigintType);
}

/** A UTC timestamp from milliseconds since 1970-01-01T00:00:00Z. */
export function fromEpochMillis(of: Expression<'integer'>): Expression<'timestamp'> {
  return expression({ op: 'fromEpochMillis', of }, timestampType, 'UTC, to the millisecond');
}

/** A part of a UTC timestamp as a small integer. */
export function datePart(part: DatePart, of: Expression<'timestamp'>): Expression<'integer'> {
  return expression({ op: 'datePart', part, of }, smallintType);
}

/** The number of characters (Unicode code points, not bytes) of a text. */
export function characterLength(of: Expression<'text'>): Expression<'integer'> {
  return expression({ op: 'characterLength', of }, integerType, 'characters');
}

/**
 * The escape hatch: SQL written out for every engine. It may use the columns of the relation by their bare names.
 * The type is the caller's word.
 */
export function sql<K extends Kind>(
  type: ColumnType & { readonly kind: K },
  byEngine: Readonly<Record<EngineName, string>>,
): Expression<K> {
  return expression({ op: 'sql', byEngine }, type);
}

/** How rows are ordered to pick one. NULL comes last either way. */
export interface Order {
  readonly by: Expression;
  readonly direction: 'ascending' | 'descending';
}

/** Smallest first; text by its UTF-8 bytes, false before true, NULL last. */
export function ascending(by: Expression): Order {
  return Object.freeze({ by, direction: 'ascending' });
}

/** Greatest first; text by its UTF-8 bytes, true before false, NULL last. */
export function descending(by: Expression): Order {
  return Object.freeze({ by, direction: 'descending' });
}

/** The expressions directly inside this one. */
export function operandsOf({ node }: Expression): readonly Expression[] {
  switch (node.op) {
    case 'column':
    case 'lookedUp':
    case 'literal':
    case 'sql':
      return [];
    case 'equal':
    case 'atLeast':
      return [node.left, node.right];
    case 'and':
    case 'or':
      return node.all;
    case 'nullIf':
      return [node.of, node.value];
    case 'packedKey':
      return [node.high, node.low];
    default:
      return [node.of];
  }
}
