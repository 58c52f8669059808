import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventFields } from '../../src/generator/json-paths.ts';
import { generatedBucket, groupedBy, type LoggedEvent, type ReadBucket } from './bucket.ts';

let bucket: ReadBucket;
beforeAll(async () => {
  bucket = await generatedBucket({ users: 800, days: 40, songs: 300, seed: 3, growthRate: 2 });
});
afterAll(() => rm(bucket.root, { recursive: true, force: true }));

const personKeys = ['firstName', 'lastName', 'gender', 'location', 'registration', 'userAgent'] as const;
const songKeys = ['artist', 'song', 'length'] as const;

const isShown = ({ auth }: LoggedEvent) => auth === 'Logged In' || auth === 'Cancelled';

/** The events of each session. */
function sessions(): readonly (readonly LoggedEvent[])[] {
  return [...groupedBy(bucket.events, ({ sessionId }) => sessionId).values()];
}

/** Consecutive events of one session. */
function pairs(): readonly (readonly [LoggedEvent, LoggedEvent])[] {
  return sessions().flatMap((events) =>
    events.slice(1).map((event, index) => [events[index] ?? event, event] as const),
  );
}

/** The file that an event of this time belongs to. */
function fileOf(ts: number): string {
  const date = new Date(ts).toISOString().slice(0, 10);
  return `log_data/${date.slice(0, 4)}/${date.slice(5, 7)}/${date}-events.json`;
}

describe('a line of the logs', () => {
  test('has the eighteen keys in alphabetical order', () => {
    expect(new Set(bucket.events.map(({ keys }) => keys.join()))).toEqual(new Set([eventFields.join()]));
    expect([...eventFields].sort()).toEqual(eventFields);
    expect(eventFields).toHaveLength(18);
  });

  test('is ASCII, with slashes escaped and the registration written as a float', () => {
    const text = [...bucket.logs.values()].join('\n');
    expect(/^[\n -~]+$/.test(text)).toBe(true);
    expect(/[^\\]\//.test(text)).toBe(false);
    expect(/"registration":\d+[^\d.]/.test(text)).toBe(false);
    expect(/"registration":\d+\.0,"sessionId"/.test(text)).toBe(true);
  });

  test('is followed by another one or by the end of the file', () => {
    for (const text of bucket.logs.values()) expect(text.endsWith('}')).toBe(true);
  });

  test('stands in the file of the UTC day of its event', () => {
    expect(bucket.events.filter(({ file, ts }) => file !== fileOf(ts))).toEqual([]);
  });

  test('comes in the order of time', () => {
    expect(bucket.events.filter(({ ts }, index) => ts < (bucket.events[index - 1]?.ts ?? 0))).toEqual([]);
  });

  test('shows the same milliseconds as every other', () => {
    const times = bucket.events.flatMap(({ ts, registration }) => (registration === null ? ts : [ts, registration]));
    expect(new Set(times.map((time) => time % 1000)).size).toBe(1);
  });

  test('shows a person exactly when someone is logged in or has just cancelled', () => {
    const isRight = (event: LoggedEvent) => personKeys.every((key) => (event[key] !== null) === isShown(event));
    expect(bucket.events.filter((event) => !isRight(event))).toEqual([]);
    expect(bucket.events.filter((event) => (event.userId !== '') !== isShown(event))).toEqual([]);
    const auths = new Set(bucket.events.map(({ auth }) => auth));
    expect(auths).toEqual(new Set(['Logged In', 'Logged Out', 'Guest', 'Cancelled']));
  });

  test('shows a song exactly on page NextSong', () => {
    const isRight = (event: LoggedEvent) =>
      songKeys.every((key) => (event[key] !== null) === (event.page === 'NextSong'));
    expect(bucket.events.filter((event) => !isRight(event))).toEqual([]);
  });

  test('shows the same person for the same user id, registered before', () => {
    const byUser = groupedBy(bucket.events.filter(isShown), ({ userId }) => userId);
    const personOf = (event: LoggedEvent) => JSON.stringify(personKeys.map((key) => event[key]));
    expect([...byUser.values()].filter((events) => new Set(events.map(personOf)).size > 1)).toEqual([]);
    expect(bucket.events.filter(({ registration, ts }) => (registration ?? 0) > ts)).toEqual([]);
    expect(byUser.size).toBe(bucket.summary.users);
  });
});

describe('a session', () => {
  test('counts its items from 0 without a gap', () => {
    const isGapless = (events: readonly LoggedEvent[]) => events.every((event, index) => event.itemInSession === index);
    expect(sessions().filter((events) => !isGapless(events))).toEqual([]);
  });

  test('belongs to one person', () => {
    const people = (events: readonly LoggedEvent[]) => new Set(events.filter(isShown).map(({ userId }) => userId));
    expect(sessions().filter((events) => people(events).size > 1)).toEqual([]);
  });

  test('is numbered in the order in which sessions begin', () => {
    const ids = sessions().map(([first]) => first?.sessionId);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(ids).toHaveLength(bucket.summary.sessions);
  });

  test('goes on in the file of the next day', () => {
    expect(pairs().some(([before, event]) => before.file !== event.file)).toBe(true);
  });

  test('reaches a redirect one second after its cause', () => {
    const redirects = pairs().filter(([, { status }]) => status === 307);
    expect(redirects.length).toBeGreaterThan(100);
    expect(redirects.filter(([before, event]) => event.ts - before.ts !== 1000)).toEqual([]);
  });

  test('plays a song whole seconds after the one before it, as many as that one lasts', () => {
    const plays = pairs().filter(([before, event]) => before.page === 'NextSong' && event.page === 'NextSong');
    expect(plays.length).toBeGreaterThan(1000);
    expect(plays.filter(([before, event]) => event.ts - before.ts !== Math.floor(before.length ?? 0) * 1000)).toEqual(
      [],
    );
  });

  test('changes its level only by an upgrade or a downgrade', () => {
    const causes = pairs().flatMap(([before, event]) =>
      before.level === event.level ? [] : [`${before.page}: ${event.level}`],
    );
    expect(new Set(causes)).toEqual(new Set(['Submit Upgrade: paid', 'Submit Downgrade: free']));
  });

  test('is the last one of a listener who cancels', () => {
    const cancelled = bucket.events.filter(({ page }) => page === 'Cancellation Confirmation');
    expect(cancelled.length).toBeGreaterThan(0);
    for (const { userId, ts } of cancelled) {
      expect(bucket.events.filter((event) => event.userId === userId && event.ts > ts)).toEqual([]);
    }
  });
});

describe('the listeners', () => {
  test('register as guests, and are logged in from then on', () => {
    const registrations = bucket.events.filter(({ page }) => page === 'Submit Registration');
    expect(registrations.length).toBeGreaterThan(0);
    const firstSeen = new Map(bucket.events.toReversed().map(({ userId, ts }) => [userId, ts]));
    expect(registrations.filter(({ userId, ts }) => firstSeen.get(userId) !== ts)).toEqual([]);
  });

  test('are counted in the summary', () => {
    const plays = bucket.events.filter(({ page }) => page === 'NextSong');
    const ids = new Set(bucket.events.map(({ userId }) => userId).filter((id) => id !== ''));
    expect(bucket.summary).toMatchObject({ events: bucket.events.length, plays: plays.length, users: ids.size });
    expect(bucket.summary.eventFiles).toBe(bucket.logs.size);
    expect(bucket.summary.eventBytes).toBe([...bucket.logs.values()].join('').length);
  });

  test('play songs of the catalogue as often as they are told to', () => {
    const pairsOfSongs = new Set(bucket.songs.map((song) => JSON.stringify([`${song.title}`, `${song.artist_name}`])));
    const matched = bucket.events.filter(({ song, artist }) => pairsOfSongs.has(JSON.stringify([song, artist])));
    expect(matched).toHaveLength(bucket.summary.playsInCatalogue);
    const share = matched.length / bucket.summary.plays;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.22);
  });
});
