import { SparkifyError } from '../errors.ts';

/** Days, both inclusive, as `YYYY-MM-DD`; undefined is open. */
export interface Period {
  readonly since: string | undefined;
  readonly until: string | undefined;
}

const day = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)/;
const dayFolders = /(?<!\d)(\d{4})\/(\d{2})\/(\d{2})(?!\d)/;

/** @throws USAGE for what is no day, or days in the wrong order */
export function periodOf(since: string | undefined, until: string | undefined): Period | undefined {
  for (const [name, value] of [
    ['--since', since],
    ['--until', until],
  ] as const) {
    if (value !== undefined && !isDay(value)) {
      throw new SparkifyError('USAGE', `${name} is no day.`, { hint: 'Write a day as 2018-11-30.' });
    }
  }
  if (since !== undefined && until !== undefined && since > until) {
    throw new SparkifyError('USAGE', '--since lies after --until.', { hint: 'Both days are inclusive.' });
  }
  return since === undefined && until === undefined ? undefined : { since, until };
}

/** Whether the day in a key lies in the period; a key without a day always does. */
export function isWithin(key: string, period: Period | undefined): boolean {
  if (!period) return true;
  const found = day.exec(key) ?? dayFolders.exec(key);
  if (!found) return true;
  const date = found.slice(1, 4).join('-');
  return (period.since === undefined || date >= period.since) && (period.until === undefined || date <= period.until);
}

function isDay(text: string): boolean {
  const instant = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}
