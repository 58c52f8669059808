import type { ColumnType } from '../model/column-type.ts';

const integers = { 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' } as const;

/** A type as people know it from SQL, independent of the engine. */
export function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return `VARCHAR(${type.bytes})`;
    case 'integer':
      return integers[type.bits];
    default:
      return type.kind.toUpperCase();
  }
}
