import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { oracle } from './oracle.ts';
import type { BucketObject } from './read-objects.ts';

const root = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Every object below a root, by its key. */
async function objectsBelow(directory: string): Promise<readonly BucketObject[]> {
  const keys = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.json'));
  return Promise.all(keys.map(async (key) => ({ key, content: await readFile(join(directory, key)) })));
}

test.skipIf(!existsSync(root))('the sample of the bucket, where ../shared/data is, has these counts', async () => {
  const { lines, duplicates, conflicts, ...tables } = oracle(await objectsBelow(root));
  const counts = Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, rows.length]));
  expect(counts).toEqual({
    staging_events: 8056,
    staging_songs: 71,
    songplays: 6820,
    users: 97,
    songs: 71,
    artists: 69,
    time: 6813,
  });
  expect(tables.songplays.filter(({ song_id }) => song_id !== null)).toHaveLength(1);
  expect(lines.events).toEqual({ read: 8056, loaded: 8056, rejected: 0, blank: 0 });
  expect(lines.songs).toEqual({ read: 71, loaded: 71, rejected: 0, blank: 0 });
  expect({ duplicates, conflicts }).toEqual({ duplicates: { events: 0, songs: 0 }, conflicts: 0 });
});
