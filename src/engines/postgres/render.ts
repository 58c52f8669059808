import type { ColumnType } from '../../model/column-type.ts';
import type { DatePart } from '../../model/expression.ts';

const integerNames = { 16: 'smallint', 32: 'integer', 64: 'bigint' } as const;

/** Lengths of text are checked by landing, and PostgreSQL would count characters. */
export function typeName(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return 'text';
    case 'integer':
      return integerNames[type.bits];
    case 'double':
      return 'double precision';
    case 'timestamp':
      return 'timestamp';
    case 'boolean':
      return 'boolean';
  }
}

/** Days and the rest apart: an interval is multiplied in doubles, which hold the milliseconds of a day but not of an age. */
export function fromEpochMillis(millis: string): string {
  return `date '1970-01-01' + cast((${millis}) / 86400000 as integer) + (${millis}) % 86400000 * interval '1 millisecond'`;
}

/** PostgreSQL's week is the ISO week and its dow counts from Sunday (facts 3.4). */
export function datePart(part: DatePart, timestamp: string): string {
  return `cast(extract(${part === 'weekday' ? 'dow' : part} from ${timestamp}) as smallint)`;
}

export function characterLength(text: string): string {
  return `char_length(${text})`;
}

/** The columns of the tool's tables are declared so already; an expression over others may not be. */
export function inByteOrder(text: string): string {
  return `${text} collate "C"`;
}

export function nullsLast(value: string, direction: 'ascending' | 'descending'): string {
  return `${value}${direction === 'descending' ? ' desc' : ''} nulls last`;
}

export function isDistinct(left: string, right: string): string {
  return `${left} is distinct from ${right}`;
}
