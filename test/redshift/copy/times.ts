import { notEmulated } from '../refusal.ts';

/** The date as `YYYY-MM-DD`; undefined if the text is none in this format (facts 1.8). */
export function parseDate(text: string, format: string | true | undefined): string | undefined {
  if (format !== undefined && format !== 'auto' && format !== 'YYYY-MM-DD') throw notEmulated(`DATEFORMAT '${format}'`);
  const found =
    format === 'auto'
      ? /^(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?$/.exec(text.trim())
      : /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim());
  return found && isDay(found[1], found[2], found[3]) ? `${found[1]}-${found[2]}-${found[3]}` : undefined;
}

/** The timestamp as `YYYY-MM-DD HH:MM:SS.ffffff`, a zone ignored; undefined if the text is none (facts 1.8). */
export function parseTimestamp(text: string, format: string | true | undefined): string | undefined {
  const trimmed = text.trim();
  if (format === 'epochmillisecs') return fromEpoch(trimmed, 1000);
  if (format === 'epochsecs') return fromEpoch(trimmed, 1);
  if (format !== undefined && format !== 'auto' && format !== standard) throw notEmulated(`TIMEFORMAT '${format}'`);
  const found = (format === 'auto' ? automatic : exact).exec(trimmed);
  if (found === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = ''] = found;
  if (!isDay(year, month, day) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return `${year}-${month}-${day} ${hour}:${minute}:${second}${fraction === '' ? '' : `.${fraction.slice(0, 6)}`}`;
}

const standard = 'YYYY-MM-DD HH:MI:SS';
const exact = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?$/;
// ISO 8601 and its kin; a date alone is midnight.
const automatic =
  /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/;

// With 'epochmillisecs' the milliseconds stay; of a fraction or a text in quotes nothing is known (facts 8.5).
function fromEpoch(text: string, perSecond: number): string | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const date = new Date((Number(text) / perSecond) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('T', ' ').replace('Z', '');
}

function isDay(year = '', month = '', day = ''): boolean {
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day) && date.getUTCMonth() + 1 === Number(month);
}
