import type { RejectLimit } from '../pipeline/guards.ts';

/**
 * A size as people write it: a number of bytes, or one with a unit in powers of 1,000 (`500MB`) or 1,024 (`4GiB`).
 * undefined for what is none, and for less than a byte.
 */
export function bytesOf(text: string): number | undefined {
  const [, number, unit, binary] = /^(\d+(?:\.\d+)?) *(?:([kmgt])(i)?b?|b)?$/i.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  const power = unit === undefined ? 0 : 'kmgt'.indexOf(unit.toLowerCase()) + 1;
  const size = Math.floor(Number(number) * (binary ? 1_024 : 1_000) ** power);
  return size >= 1 && Number.isSafeInteger(size) ? size : undefined;
}

/** How many lines may be rejected: `100`, or `1%` of those read. undefined for what is neither. */
export function rejectLimitOf(text: string): RejectLimit | undefined {
  const [, number, sign] = /^(\d+|\d+(?:\.\d+)? *(%))$/.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  const value = Number(number.replace('%', ''));
  if (sign === undefined) return Number.isSafeInteger(value) ? { lines: value } : undefined;
  return value <= 100 ? { percent: value } : undefined;
}
