import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generatedBucket, groupedBy, type LoggedEvent, type ReadBucket, type SongFile } from './bucket.ts';

/**
 * The real logs (8,056 events of 97 users in November 2018) and the real catalogue (14,896 songs), measured. Bounds
 * leave room for the few users of the real logs, of whom some play forty times as much as others.
 */
let bucket: ReadBucket;
beforeAll(async () => {
  bucket = await generatedBucket({ users: 1500, days: 28, songs: 4000, seed: 11 });
});
afterAll(() => rm(bucket.root, { recursive: true, force: true }));

type Range = readonly [least: number, most: number];

/** Percent of the values for which it holds. */
function percent<Value>(values: readonly Value[], holds: (value: Value) => boolean): number {
  return (100 * values.filter(holds).length) / values.length;
}

/** The value that this share, 0…1, of all values is below. */
function quantile(values: readonly number[], share: number): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function expectWithin(value: number, [least, most]: Range): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}

const isPlay = ({ page }: LoggedEvent) => page === 'NextSong';
const isBeyondAscii = (text: string | number | null) => /[^\0-~]/.test(`${text}`);
const plays = () => bucket.events.filter(isPlay);
const sessions = () => [...groupedBy(bucket.events, ({ sessionId }) => sessionId).values()];
const users = () => [
  ...groupedBy(
    bucket.events.filter(({ userId }) => userId !== ''),
    ({ userId }) => userId,
  ).values(),
];

describe('of the events', () => {
  test.each<[page: string, real: number, range: Range]>([
    ['NextSong', 84.7, [81, 88]],
    ['Home', 10, [8, 12]],
    ['Login', 1.14, [0.8, 1.6]],
    ['Logout', 1.12, [0.8, 1.6]],
    ['Downgrade', 0.74, [0.5, 1.1]],
    ['Settings', 0.7, [0.5, 1]],
    ['Help', 0.58, [0.4, 0.9]],
    ['About', 0.45, [0.3, 0.7]],
    ['Upgrade', 0.26, [0.13, 0.4]],
    ['Save Settings', 0.12, [0.07, 0.2]],
    ['Error', 0.11, [0.06, 0.18]],
    ['Submit Upgrade', 0.1, [0.03, 0.16]],
    ['Submit Downgrade', 0.01, [0.0005, 0.05]],
  ])('page %s has the share of the real logs, %d %%', (page, _, range) => {
    expectWithin(
      percent(bucket.events, (event) => event.page === page),
      range,
    );
  });

  test('78 % are paid', () => {
    expectWithin(
      percent(bucket.events, ({ level }) => level === 'paid'),
      [68, 86],
    );
  });

  test('3.6 % are logged out', () => {
    expectWithin(
      percent(bucket.events, ({ auth }) => auth === 'Logged Out'),
      [2.7, 4.7],
    );
  });

  test('76 % of those that show a user agent have it in quotes of its own', () => {
    const shown = bucket.events.flatMap(({ userAgent }) => userAgent ?? []);
    expectWithin(
      percent(shown, (userAgent) => userAgent.startsWith('"')),
      [60, 85],
    );
  });

  test('lines have 466 bytes with their newline', () => {
    const bytes = [...bucket.logs.values()].reduce((sum, text) => sum + text.length + 1, 0);
    expectWithin(bytes / bucket.events.length, [445, 490]);
  });
});

describe('a session', () => {
  test('has 8.6 events in the mean, 2 in the median', () => {
    const lengths = sessions().map((events) => events.length);
    expectWithin(mean(lengths), [6.3, 11]);
    expectWithin(quantile(lengths, 0.5), [2, 3]);
    expect(Math.max(...lengths)).toBeGreaterThan(100);
  });

  test.each<[auth: string, page: string, real: number, range: Range]>([
    ['Logged In', 'NextSong', 53.9, [50, 60]],
    ['Logged In', 'Home', 37.3, [31, 41]],
    ['Logged Out', 'Home', 5.7, [3.5, 7.5]],
    ['Logged Out', 'Login', 2.7, [1.5, 4]],
  ])('begins %s on page %s as often as in the real logs, %d %%', (auth, page, _, range) => {
    expectWithin(
      percent(sessions(), ([first]) => first?.auth === auth && first.page === page),
      range,
    );
  });
});

describe('the rhythm', () => {
  test('of the day has its peak from 14 to 18 UTC: a third of all events in five hours', () => {
    const hours = bucket.events.map(({ ts }) => new Date(ts).getUTCHours());
    const counts = Array.from({ length: 24 }, (_, hour) => hours.filter((each) => each === hour).length);
    expectWithin(counts.indexOf(Math.max(...counts)), [14, 18]);
    expectWithin(
      percent(hours, (hour) => hour >= 14 && hour <= 18),
      [30, 40],
    );
    expectWithin(
      percent(hours, (hour) => hour < 7),
      [14, 23],
    );
  });

  test('of the week has half as many plays on weekends: 128 and 266 a day', () => {
    const weekdays = plays().map(({ ts }) => new Date(ts).getUTCDay());
    const weekend = weekdays.filter((day) => day === 0 || day === 6).length;
    expectWithin(weekend / 2 / ((weekdays.length - weekend) / 5), [0.4, 0.68]);
  });
});

describe('of the users', () => {
  test('the median has 20 events, and a tenth has 60 % of all', () => {
    const counts = users().map((events) => events.length);
    expectWithin(quantile(counts, 0.5), [14, 28]);
    const total = mean(counts) * counts.length;
    const most = counts.filter((count) => count > quantile(counts, 0.9));
    expectWithin((100 * mean(most) * most.length) / total, [50, 72]);
  });

  test('8 % change their level, and 23 % pay at some time', () => {
    const levels = users().map((events) => new Set(events.map(({ level }) => level)));
    expectWithin(
      percent(levels, (seen) => seen.size > 1),
      [4, 13],
    );
    expectWithin(
      percent(levels, (seen) => seen.has('paid')),
      [18, 30],
    );
  });

  test('57 % are women', () => {
    expectWithin(
      percent(users(), ([first]) => first?.gender === 'F'),
      [52, 64],
    );
  });
});

describe('of the plays', () => {
  test('the most popular song has half a percent, some forty times what the median song has', () => {
    const counts = [...groupedBy(plays(), ({ artist, song }) => `${artist}\n${song}`).values()].map(
      ({ length }) => length,
    );
    expectWithin((100 * Math.max(...counts)) / plays().length, [0.1, 1]);
    expect(Math.max(...counts) / quantile(counts, 0.5)).toBeGreaterThan(25);
  });

  test('4.8 % have a name beyond ASCII', () => {
    expectWithin(
      percent(plays(), ({ artist, song }) => isBeyondAscii(artist) || isBeyondAscii(song)),
      [3.5, 7],
    );
  });

  test('the median lasts 233 seconds, and one in ten is below 138 or above 397', () => {
    const lengths = plays().map(({ length }) => length ?? 0);
    expectWithin(quantile(lengths, 0.05), [120, 160]);
    expectWithin(quantile(lengths, 0.5), [210, 250]);
    expectWithin(quantile(lengths, 0.95), [330, 420]);
  });
});

describe('of the songs', () => {
  test.each<[what: string, real: number, range: Range, holds: (song: SongFile) => boolean]>([
    ['an unknown year', 32, [29, 35], ({ year }) => year === 0],
    ['no coordinates', 64.6, [60, 69], ({ artist_latitude }) => artist_latitude === null],
    ['no location', 44.9, [41, 49], ({ artist_location }) => artist_location === ''],
    ['a title beyond ASCII', 3, [1.8, 4.5], ({ title }) => isBeyondAscii(title)],
    ['a name beyond ASCII', 2.6, [1, 4], ({ artist_name }) => isBeyondAscii(artist_name)],
    ['an apostrophe in the title', 9.1, [6, 12], ({ title }) => `${title}`.includes("'")],
    ['quotes in the title', 0.2, [0.05, 0.5], ({ title }) => `${title}`.includes('"')],
    ['a control character in the title', 0.24, [0.08, 0.6], ({ title }) => `${title}`.includes('\u0019')],
    ['an underscore for a comma', 2.2, [1, 4], ({ title }) => `${title}`.includes('_')],
    ['a blank around the location', 0.34, [0.1, 0.8], ({ artist_location: at }) => `${at}` !== `${at}`.trim()],
    ['a title above 50 bytes', 2.1, [0.8, 4], ({ title }) => Buffer.byteLength(`${title}`) > 50],
    [
      'a number for a text',
      0.34,
      [0.12, 0.8],
      ({ title, artist_name, artist_location }) =>
        [title, artist_name, artist_location].some((text) => typeof text === 'number'),
    ],
  ])('as many have %s as in the real catalogue, %d %%', (_, __, range, holds) => {
    expectWithin(percent(bucket.songs, holds), range);
  });
});

describe('of the artists', () => {
  const byArtist = () => [...groupedBy(bucket.songs, ({ artist_id }) => artist_id).values()];

  /** Percent of the artists whose songs disagree. */
  const varying = (of: (song: SongFile) => unknown) => percent(byArtist(), (songs) => new Set(songs.map(of)).size > 1);

  test('each has 1.56 songs, 35 % have several, and nobody has very many', () => {
    expectWithin(bucket.songs.length / byArtist().length, [1.48, 1.64]);
    expectWithin(
      percent(byArtist(), (songs) => songs.length > 1),
      [31, 39],
    );
    expectWithin(Math.max(...byArtist().map(({ length }) => length)), [5, 20]);
  });

  test('4.1 % have several names, 0.4 % several places', () => {
    expectWithin(
      varying(({ artist_name }) => artist_name),
      [2.5, 6],
    );
    expectWithin(
      varying(({ artist_location }) => artist_location),
      [0.1, 1.2],
    );
  });

  test('half a percent share their name with another one', () => {
    const ids = groupedBy(bucket.songs, ({ artist_name }) => artist_name);
    const shared = [...ids.values()].filter((songs) => new Set(songs.map(({ artist_id }) => artist_id)).size > 1);
    expectWithin((100 * shared.length) / ids.size, [0.1, 1.2]);
  });
});
