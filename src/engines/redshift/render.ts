import type { ColumnType } from '../../model/column-type.ts';
import type { DatePart } from '../../model/expression.ts';

const integerNames = { 16: 'smallint', 32: 'integer', 64: 'bigint' } as const;

/** The length of text is in bytes, and without one it would be 256 (facts 1.7). */
export function typeName(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return `varchar(${type.bytes})`;
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

/** In integers throughout: DATEADD counts in INTEGER, which holds the days and the milliseconds of a day (facts 3.5). */
export function fromEpochMillis(millis: string): string {
  const days = `dateadd(day, cast((${millis}) / 86400000 as integer), timestamp '1970-01-01 00:00:00')`;
  return `dateadd(ms, cast((${millis}) % 86400000 as integer), ${days})`;
}

/** The week is that of ISO 8601, dow counts from Sunday (facts 3.4). */
export function datePart(part: DatePart, timestamp: string): string {
  return `cast(extract(${part === 'weekday' ? 'dow' : part} from ${timestamp}) as smallint)`;
}

/** Characters; OCTET_LENGTH would count bytes (facts 3.3). */
export function characterLength(text: string): string {
  return `len(${text})`;
}

/** There is no other order: Redshift compares the bytes of UTF-8 and has no locales. */
export function inByteOrder(text: string): string {
  return text;
}

/**
 * Ascending order has NULL last by itself (facts 3.3). Whether a window takes NULLS LAST is left open (facts 8.3), so
 * that descending order has a key of its own for it.
 */
export function nullsLast(value: string, direction: 'ascending' | 'descending'): string {
  return direction === 'ascending' ? value : `case when ${value} is null then 1 else 0 end, ${value} desc`;
}

/** IS DISTINCT FROM is not run on tables (facts 3.3). True or false, never NULL, so that it can be negated. */
export function isDistinct(left: string, right: string): string {
  return `case when ${left} = ${right} or (${left} is null and ${right} is null) then 0 else 1 end = 1`;
}

/** The planner believes a declared key (facts 2.3), of the column itself and not of what is computed from it. */
export function undeclared(value: string, type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return `${value} || ''`;
    case 'integer':
    case 'double':
      return `${value} + 0`;
    case 'timestamp':
      return `dateadd(ms, 0, ${value})`;
    case 'boolean':
      return `case when ${value} then 1 else 0 end`;
  }
}
