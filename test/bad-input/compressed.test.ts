import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventLine } from '../oracle/build-bucket.ts';
import { testEngines } from '../support/targets.ts';
import { compressedSong, namesIn } from './corpus.ts';
import { folderPlace, moreObjects, openScene, type Scene } from './scene.ts';

const damages = [
  ['truncated', 'it ends in the middle of the gzip data', (gzip: Buffer) => gzip.subarray(0, -12)],
  ['wrong-checksum', 'its checksum is wrong', withWrongChecksum],
  ['garbage-behind', 'other bytes follow', (gzip: Buffer) => Buffer.concat([gzip, Buffer.from('garbage')])],
  ['zeros-behind', 'not gzip follow its end', (gzip: Buffer) => Buffer.concat([gzip, Buffer.alloc(512)])],
  ['not-gzip', 'it is not gzip', () => Buffer.from(manyLines())],
  ['nothing', 'it ends in the middle of the gzip data', () => Buffer.alloc(0)],
] as const;

test('every damage of the corpus is tried', () => {
  expect(damages.map(([name]) => name).toSorted()).toEqual([...namesIn('compressed')].toSorted());
});

describe.each(testEngines)('on $engine', (engine) => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await openScene(folderPlace(), engine);
  });
  afterEach(() => scene.remove());

  test.each(damages)('a small compressed object with %s stops the run, which says that %s', async (name, reason) => {
    const song = compressedSong(name);
    await scene.place.put(...moreObjects, song);
    await scene.fails({ code: 'OBJECT_UNREADABLE', names: [song.key, reason], hint: /Upload the object again/ });
    await scene.place.take(song.key);
    await scene.loads(...moreObjects);
  });

  test.each(damages)('so does a large one with %s', async (_, reason, damage) => {
    const content = gzipSync(manyLines());
    const key = 'log_data/2018/11/2018-11-17-events.json.gz';
    await scene.place.put(...moreObjects, { key, content: damage(content) });
    await scene.fails({ code: 'OBJECT_UNREADABLE', names: [key, reason], hint: /Upload the object again/ });
    await scene.place.put({ key, content });
    await scene.loads(...moreObjects, { key, content });
  });
});

/** Enough that the object is streamed, and inflated to more than 64 KB. */
function manyLines(): string {
  return Array.from({ length: 600 }, (_, item) =>
    eventLine({ sessionId: 17, itemInSession: item, registration: 1540919166796 + item * 7919 }),
  ).join('\n');
}

function withWrongChecksum(gzip: Buffer): Buffer {
  const changed = Buffer.from(gzip);
  changed.writeUInt32LE(~gzip.readUInt32LE(gzip.length - 8) >>> 0, gzip.length - 8);
  return changed;
}
