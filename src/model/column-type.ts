/** What the compiler needs to know of a column: which expressions it may stand in. */
export type Kind = 'text' | 'integer' | 'double' | 'timestamp' | 'boolean';

/** The type of a column in a table, independent of the engine. */
export type ColumnType =
  /** Text of at most `bytes` bytes of UTF-8, 1…65,535 (Redshift counts bytes, facts 1.7). */
  | { readonly kind: 'text'; readonly bytes: number }
  | { readonly kind: 'integer'; readonly bits: 16 | 32 | 64 }
  /** A finite IEEE 754 double. */
  | { readonly kind: 'double' }
  /** A UTC instant without a zone, to the millisecond. */
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'boolean' };

export const bigintType: ColumnType = Object.freeze({ kind: 'integer', bits: 64 });
export const integerType: ColumnType = Object.freeze({ kind: 'integer', bits: 32 });
export const smallintType: ColumnType = Object.freeze({ kind: 'integer', bits: 16 });
export const doubleType: ColumnType = Object.freeze({ kind: 'double' });
export const timestampType: ColumnType = Object.freeze({ kind: 'timestamp' });
export const booleanType: ColumnType = Object.freeze({ kind: 'boolean' });

/** The bounds of an integer type, both inclusive. */
export function integerBounds(bits: 16 | 32 | 64): readonly [bigint, bigint] {
  const half = 1n << BigInt(bits - 1);
  return [-half, half - 1n];
}
