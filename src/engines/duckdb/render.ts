import type { ColumnType } from '../../model/column-type.ts';
import type { DatePart } from '../../model/expression.ts';

const integerNames = { 16: 'smallint', 32: 'integer', 64: 'bigint' } as const;

/** VARCHAR lengths are not enforced by DuckDB; landing checks them, so they are left out. */
export function typeName(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return 'varchar';
    case 'integer':
      return integerNames[type.bits];
    case 'double':
      return 'double';
    case 'timestamp':
      return 'timestamp';
    case 'boolean':
      return 'boolean';
  }
}

export function fromEpochMillis(millis: string): string {
  return `cast(epoch_ms(${millis}) as timestamp)`;
}

/** DuckDB's week is the ISO week and its dow counts from Sunday (facts 3.4). */
export function datePart(part: DatePart, timestamp: string): string {
  return `cast(extract(${part === 'weekday' ? 'dow' : part} from ${timestamp}) as smallint)`;
}

export function characterLength(text: string): string {
  return `cast(length(${text}) as integer)`;
}

/** Text is compared by its bytes unless a collation is set, and none is. */
export function inByteOrder(text: string): string {
  return text;
}

export function nullsLast(value: string, direction: 'ascending' | 'descending'): string {
  return `${value}${direction === 'descending' ? ' desc' : ''} nulls last`;
}

export function isDistinct(left: string, right: string): string {
  return `${left} is distinct from ${right}`;
}
