import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { oracle } from '../oracle/oracle.ts';
import type { BucketObject } from '../oracle/read-objects.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

const seeds = Number(process.env.TEST_RUNS ?? 60);

// Few distinct values, so that keys repeat, plays find songs and ties are common.
const name = fc.constantFrom('A', 'B', 'a', 'Ünï', '𝄞', 'A feat. B', 'it\'s "x"');
const length = fc.constantFrom(100.5, 200.25, 200.75, 300);

const event = fc.record({
  artist: fc.option(name),
  auth: fc.constantFrom('Logged In', 'Logged Out'),
  firstName: fc.option(name),
  gender: fc.constantFrom('F', 'M', null),
  itemInSession: fc.constantFrom(0, 1, 2, 65_535),
  lastName: fc.option(name),
  length: fc.option(length),
  level: fc.constantFrom('free', 'paid'),
  location: fc.option(name),
  method: fc.constantFrom('GET', 'PUT'),
  page: fc.constantFrom('NextSong', 'NextSong', 'NextSong', 'Home'),
  registration: fc.option(fc.constantFrom(1540919166796.5, 1e12)),
  sessionId: fc.constantFrom(1, 2, 32_768, 2 ** 47 - 1),
  song: fc.option(name),
  status: fc.constantFrom(200, 307),
  // Around the turn of ISO years and of days.
  ts: fc.constantFrom(1546214400000, 1546300799999, 1546300800000, 1541121934796, 0),
  userAgent: fc.option(name),
  userId: fc.constantFrom('1', '2', '30', '', 4),
});

const song = fc.record({
  num_songs: fc.constant(1),
  artist_id: fc.constantFrom('AR1', 'AR2', 'ar1'),
  artist_latitude: fc.option(fc.constantFrom(1.5, -70.25)),
  artist_longitude: fc.option(fc.constantFrom(1.5, 170.125)),
  artist_location: fc.constantFrom('', ' ', 'Oslo', 'Bergen '),
  artist_name: name,
  song_id: fc.constantFrom('SO1', 'SO2', 'SO3', 'so3'),
  title: fc.oneof(name, fc.constant(112)),
  duration: length,
  year: fc.constantFrom(0, 1999, 2007, null),
});

const bucket = fc
  .record({
    days: fc.array(fc.array(event, { maxLength: 12 }), { minLength: 1, maxLength: 3 }),
    songs: fc.array(song, { maxLength: 8 }),
  })
  .map(({ days, songs }): BucketObject[] => [
    ...days.map((events, day) => ({
      key: `log_data/2018/11/2018-11-0${day + 1}-events.json`,
      content: events.map((line) => JSON.stringify(line)).join('\n'),
    })),
    ...songs.map((content, index) => ({ key: `song_data/A/B/C/TR${index}.json`, content: JSON.stringify(content) })),
  ]);

describe.each(testEngines)('on $engine', ({ create }) => {
  test('the star of any bucket, with duplicates and conflicts, is the one the oracle works out', async () => {
    await fc.assert(
      fc.asyncProperty(bucket, async (objects) => {
        const root = temporaryFolder();
        const { target, remove } = create();
        try {
          writeBucket(root, objects);
          const expected = oracle(objects);
          const { sources, duplicates } = await run({
            warehouse: sparkify,
            root,
            target,
            toolVersion: 'test',
            maxConflicts: 1_000,
          });
          expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(expected)));
          expect(duplicates.map(({ lines }) => Number(lines))).toEqual([
            expected.duplicates.events,
            expected.duplicates.songs,
          ]);
          expect(Number(duplicates[0]?.conflicts)).toBe(expected.conflicts);
          expect(sources.map(({ linesRejected }) => linesRejected)).toEqual([
            expected.lines.events.rejected,
            expected.lines.songs.rejected,
          ]);
        } finally {
          removeFolder(root);
          remove();
        }
      }),
      { numRuns: seeds },
    );
  }, 600_000);
});
