import { count } from './numbers.ts';

const shown = 10;

/**
 * A heading, the first ten items below it and how many there are more; nothing where there are none.
 * @param total where `items` are not all of them
 */
export function renderList(heading: string, items: readonly string[], total: number | bigint = items.length): string[] {
  if (items.length === 0) return [];
  const lines = items.slice(0, shown).map((item) => `  - ${item}`);
  const rest = BigInt(total) - BigInt(lines.length);
  return [[`${heading}:`, ...lines, ...(rest > 0n ? [`  and ${count(rest)} more`] : [])].join('\n')];
}
