import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { oracle } from '../oracle/oracle.ts';
import type { BucketObject } from '../oracle/read-objects.ts';
import { event, song } from '../support/arbitraries.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

const seeds = { duckdb: 60, postgres: 30, redshift: 10 } as const;
const asked = process.env.TEST_RUNS;

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

describe.each(testEngines)('on $engine', ({ engine, create }) => {
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
      { numRuns: asked === undefined ? seeds[engine] : Number(asked) },
    );
  }, 600_000);
});
