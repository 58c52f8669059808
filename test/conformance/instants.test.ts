import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/engines/engine.ts';
import type { DatePart } from '../../src/model/expression.ts';
import { oddShape, openWithOddValues } from '../support/odd-values.ts';
import { testEngines } from '../support/targets.ts';

/** Around what calendars, clocks and divisions get wrong; each with its neighbours to the millisecond. */
const instants = [
  '1970-01-01T00:00:00.000Z',
  '2018-11-01T21:01:46.796Z',
  // Clocks change in Europe and in America.
  '2018-03-25T01:00:00.000Z',
  '2018-10-28T01:00:00.000Z',
  '2018-03-11T10:00:00.000Z',
  '2018-11-04T09:00:00.000Z',
  // Years whose first or last days belong to a week of another year, and weeks 1, 52 and 53.
  '2016-01-01T00:00:00.000Z',
  '2016-01-04T00:00:00.000Z',
  '2018-12-31T00:00:00.000Z',
  '2020-12-31T00:00:00.000Z',
  '2021-01-04T00:00:00.000Z',
  '2027-01-01T00:00:00.000Z',
  // Leap days, in a century too.
  '2000-02-29T12:00:00.000Z',
  '2100-03-01T00:00:00.000Z',
  // Where seconds, milliseconds and microseconds leave 31, 32 and 53 bits.
  '2038-01-19T03:14:08.000Z',
  '2106-02-07T06:28:16.000Z',
  '2255-06-05T23:47:34.740Z',
  '9999-12-31T23:59:59.998Z',
].flatMap((instant) => [-1, 0, 1].map((millis) => Date.parse(instant) + millis));

const parts: Readonly<Record<DatePart, (date: Date) => number>> = {
  hour: (date) => date.getUTCHours(),
  day: (date) => date.getUTCDate(),
  week: isoWeek,
  month: (date) => date.getUTCMonth() + 1,
  year: (date) => date.getUTCFullYear(),
  weekday: (date) => date.getUTCDay(),
};

/** The week of the Thursday that is nearest, counted from the first Thursday of its year. */
function isoWeek(date: Date): number {
  const dayMs = 86_400_000;
  const thursday = Math.floor(date.getTime() / dayMs) * dayMs + (3 - ((date.getUTCDay() + 6) % 7)) * dayMs;
  const year = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return 1 + Math.floor((thursday - year) / (7 * dayMs));
}

describe.each(testEngines)('instants on $engine', ({ create }) => {
  let remove: () => void;
  let session: Session;
  beforeAll(async () => {
    const { target, ...created } = create();
    remove = created.remove;
    session = await openWithOddValues(target);
    await session.insertRows(
      oddShape,
      instants.map((millis) => [BigInt(millis), null, null, null, null, null, 1n]),
    );
  });
  afterAll(async () => {
    await session.close();
    remove();
  });

  test('are the milliseconds since 1970, in UTC, exactly', async () => {
    const { rows } = await session.query(`select id, ${session.dialect.fromEpochMillis('id')} from ${oddShape.name}`);
    expect(rows).toHaveLength(instants.length);
    for (const [millis, timestamp] of rows) {
      const expected = new Date(Number(millis)).toISOString().replace('T', ' ').replace('Z', '');
      expect(timestamp, String(millis)).toBe(expected);
    }
  });

  test.each(Object.keys(parts) as DatePart[])('have the %s of the calendar', async (part) => {
    const { fromEpochMillis, datePart } = session.dialect;
    const { rows } = await session.query(`select id, ${datePart(part, fromEpochMillis('id'))} from ${oddShape.name}`);
    const found = rows.map(([millis, value]) => [new Date(Number(millis)).toISOString(), value]);
    expect(found.toSorted()).toEqual(
      instants.map((millis) => [new Date(millis).toISOString(), BigInt(parts[part](new Date(millis)))]).toSorted(),
    );
  });

  test('are in order', async () => {
    const { rows } = await session.query(
      `select id from ${oddShape.name} order by ${session.dialect.fromEpochMillis('id')}`,
    );
    expect(rows.flat()).toEqual(instants.toSorted((left, right) => left - right).map(BigInt));
  });
});
