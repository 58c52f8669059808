import type { ColumnType } from '../../src/model/column-type.ts';
import type { Staging } from '../../src/model/staging.ts';

/** What becomes of a line, by the rules of docs/design.md alone: no code of the loader is asked. */
export type Verdict = 'loaded' | 'rejected' | 'blank';

/** Judges a line or an object; `latin1` has a character for each byte. */
export function judged(latin1: string, { columns, requiredWhen }: Staging): Verdict {
  const bytes = Buffer.from(latin1, 'latin1');
  if (/^[ \t\r\n]*$/.test(latin1)) return 'blank';
  const fields = parsed(bytes);
  if (fields === undefined) return 'rejected';
  const onPlays = fields.page === 'NextSong' ? requiredWhen.flatMap((rule) => rule.columns) : [];
  const isSound = Object.entries(columns).every(([name, { from, type, required }]) =>
    fits(fields[from] ?? null, type, required === true || onPlays.includes(name)),
  );
  return isSound ? 'loaded' : 'rejected';
}

function parsed(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function fits(value: unknown, type: ColumnType, isRequired: boolean): boolean {
  if (value === null || (type.kind !== 'text' && value === '')) return !isRequired;
  if (typeof value === 'object') return false;
  const text = `${value}`;
  if (type.kind === 'integer') return /^-?(0|[1-9]\d*)$/.test(text);
  if (type.kind === 'double') return Number.isFinite(Number(text));
  return !text.includes('\0') && type.kind === 'text' && Buffer.byteLength(text) <= type.bytes;
}
