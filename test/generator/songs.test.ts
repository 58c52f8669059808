import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventFields } from '../../src/generator/json-paths.ts';
import { generatedBucket, groupedBy, type ReadBucket, type SongFile } from './bucket.ts';

let bucket: ReadBucket;
beforeAll(async () => {
  bucket = await generatedBucket({ users: 1, days: 1, songs: 600, seed: 5 });
});
afterAll(() => rm(bucket.root, { recursive: true, force: true }));

function byArtist(): readonly (readonly SongFile[])[] {
  return [...groupedBy(bucket.songs, ({ artist_id }) => artist_id).values()];
}

describe('a song file', () => {
  test('stands in the folder that its track id names', () => {
    for (const { key } of bucket.songs) {
      expect(key).toMatch(/^song_data\/([A-Z])\/([A-Z])\/([A-Z])\/TR\1\2\3[A-Z]{2}[0-9A-F]{11}\.json$/);
    }
    expect(bucket.songs).toHaveLength(600);
  });

  test('holds one line of JSON in the notation of the real ones', () => {
    for (const { text } of bucket.songs) {
      expect(text).toMatch(/^\{"num_songs": 1, "artist_id": "AR[A-Z]{5}[0-9A-F]{11}", "artist_latitude": /);
      expect(text).toMatch(
        /, "song_id": "SO[A-Z]{5}[0-9A-F]{11}", "title": .+, "duration": \d+\.\d{1,5}, "year": \d+\}$/,
      );
      expect(text).not.toContain('\n');
    }
  });

  test('has an id of its own', () => {
    expect(new Set(bucket.songs.map(({ song_id }) => song_id)).size).toBe(600);
  });

  test('knows both coordinates or none', () => {
    for (const { artist_latitude, artist_longitude } of bucket.songs) {
      expect(artist_latitude === null).toBe(artist_longitude === null);
    }
    expect(bucket.songs.some(({ artist_latitude }) => artist_latitude === null)).toBe(true);
    expect(bucket.songs.some(({ artist_latitude }) => artist_latitude !== null)).toBe(true);
  });
});

describe('the catalogue', () => {
  test('has artists with several songs, names and places', () => {
    expect(byArtist().some((songs) => songs.length > 2)).toBe(true);
    expect(byArtist().some((songs) => new Set(songs.map(({ artist_name }) => artist_name)).size > 1)).toBe(true);
    expect(byArtist().some((songs) => new Set(songs.map(({ artist_location }) => artist_location)).size > 1)).toBe(
      true,
    );
    expect(bucket.songs.some(({ artist_name }) => `${artist_name}`.includes(' feat. '))).toBe(true);
  });

  test('has songs recorded twice under one title and artist', () => {
    const recordings = groupedBy(bucket.songs, ({ title, artist_name }) => JSON.stringify([title, artist_name]));
    expect([...recordings.values()].some((songs) => songs.length > 1)).toBe(true);
  });

  test.each<[string, (song: SongFile) => boolean]>([
    ['an unknown year', ({ year }) => year === 0],
    ['an empty location', ({ artist_location }) => artist_location === ''],
    ['a number for a title', ({ title }) => typeof title === 'number'],
    ['a number with a fraction for a title', ({ title }) => typeof title === 'number' && !Number.isInteger(title)],
    ['a number for an artist', ({ artist_name }) => typeof artist_name === 'number'],
    ['a number for a location', ({ artist_location }) => typeof artist_location === 'number'],
    ['quotes', ({ title }) => `${title}`.includes('"')],
    ['an apostrophe', ({ title }) => `${title}`.includes("'")],
    ['a trailing blank', ({ title }) => `${title}`.endsWith(' ')],
    ['a control character', ({ title }) => `${title}`.includes('\u0019')],
    ['HTML', ({ title }) => `${title}`.includes('<b')],
    ['a letter beyond ASCII', ({ title }) => `${title}`.includes('ł')],
    ['a character of four bytes', ({ title }) => `${title}`.includes('🚂')],
  ])('has a song with %s', (_, holds) => {
    expect(bucket.songs.some(holds)).toBe(true);
  });

  test('begins with the same songs when more are asked for', async () => {
    const larger = await generatedBucket({ users: 1, days: 1, songs: 700, seed: 5 });
    await rm(larger.root, { recursive: true, force: true });
    const texts = new Map(larger.songs.map(({ key, text }) => [key, text]));
    for (const { key, text } of bucket.songs) expect(texts.get(key)).toBe(text);
  });
});

test('the JSONPaths file names the fields of an event in their order', async () => {
  const content: unknown = JSON.parse(await readFile(join(bucket.root, 'log_json_path.json'), 'utf8'));
  expect(content).toEqual({ jsonpaths: eventFields.map((field) => `$['${field}']`) });
});
