import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { generate } from '../../src/generator/generate.ts';
import { run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { oracle } from '../oracle/oracle.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach(removeFolder));

describe.each(testEngines)('on $engine', ({ create }) => {
  test.each([1, 2, 3])('the star of a generated month (seed %i) is the one the oracle works out', async (seed) => {
    const root = join(temporaryFolder(), 'bucket');
    folders.push(root);
    await generate({ out: root, users: 30, days: 30, songs: 120, seed });
    const { target, remove } = create();
    try {
      await run({ warehouse: sparkify, root, target, toolVersion: 'test' });
      const keys = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((key) => key.endsWith('.json'));
      const expected = oracle(keys.map((key) => ({ key, content: readFileSync(join(root, key)) })));
      expect(expected.songplays.filter(({ song_id }) => song_id !== null).length).toBeGreaterThan(10);
      expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(expected)));
    } finally {
      remove();
    }
  });
});
