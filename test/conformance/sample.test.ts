import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { testEngines } from '../support/targets.ts';

const shared = resolve(import.meta.dirname, '../../../shared');
const root = resolve(shared, 'data');

describe.skipIf(!existsSync(root)).each(testEngines)(
  'the sample of the bucket, where ../shared/data is, on $engine',
  ({ create }) => {
    const { target, remove } = create();
    let rows: Record<string, bigint>;

    beforeAll(async () => {
      const { tables } = await run({ warehouse: sparkify, root, target, toolVersion: 'test' });
      rows = Object.fromEntries(tables.map(({ table, rows: count }) => [table, count]));
    });
    afterAll(remove);

    test('has the counts that are known', () => {
      expect(rows).toEqual({
        staging_events: 8056n,
        staging_songs: 71n,
        songplays: 6820n,
        users: 97n,
        songs: 71n,
        artists: 69n,
        time: 6813n,
      });
    });

    test('answers all 15 analytics queries as expected', async () => {
      const { expected, passed } = await verify(sparkify, target, resolve(shared, 'expected/sample'));
      expect(
        expected.flatMap(({ query, differences }) => differences.map((difference) => ({ query, ...difference }))),
      ).toEqual([]);
      expect(expected.filter(({ matches }) => matches)).toHaveLength(15);
      expect(passed).toBe(true);
    });
  },
);
