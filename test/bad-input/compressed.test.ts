import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventLine } from '../oracle/build-bucket.ts';
import { testEngines } from '../support/targets.ts';
import { compressedSong, namesIn } from './corpus.ts';
import { folderPlace, moreObjects, openScene, type Scene } from './scene.ts';

const damages = [
  ['truncated', 'it ends in the middle of the gzip data', (gzip: Buffer) => gzip.subarray(0, -12)],
  ['wrong-checksum', 'its checksum is wrong', withWrongChecksum],
  ['garbage-behind', 'other bytes follow', (gzip: Buffer) => Buffer.concat([gzip, Buffer.from('garbage')])],
  ['zeros-behind', 'not gzip follow its end', (gzip: Buffer) => Buffer.concat([gzip, Buffer.alloc(512)])],
  ['not-gzip', 'it is not gzip', () => Buffer.from(large)],
  ['nothing', 'it ends in the middle of the gzip data', () => Buffer.alloc(0)],
] as const;

test('every damage of the corpus is tried', () => {
  expect(damages.map(([name]) => name).toSorted()).toEqual([...namesIn('compressed')].toSorted());
});

describe.each(testEngines)('on $engine', (engine) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(folderPlace(), engine);
    await scene.place.put(...moreObjects);
  });
  afterAll(() => scene.remove());

  test.each(damages)(
    'a small compressed object with %s is left out by every run, which says that %s',
    async (name, reason) => {
      const song = compressedSong(name);
      await scene.place.put(song);
      await scene.leavesOut(told(song.key, reason), moreObjects);
      await scene.leavesOut(told(song.key, reason), moreObjects);
      await scene.place.take(song.key);
    },
  );

  test.each(damages)('so is a large one with %s', async (_, reason, damage) => {
    await scene.place.put({ key, content: damage(gzipSync(large)) });
    await scene.leavesOut(told(key, reason), moreObjects);
  });

  test('once a sound copy is in its place the run loads', async () => {
    const sound = { key, content: gzipSync(large) };
    await scene.place.put(sound);
    await scene.loads(...moreObjects, sound);
  });
});

const told = (key: string, reason: string) =>
  ({ key, code: 'OBJECT_UNREADABLE', names: [key, reason], hint: /Upload the object again/ }) as const;

const key = 'log_data/2018/11/2018-11-17-events.json.gz';

/** Enough that the object is streamed, even compressed. */
const large = Array.from({ length: 100 }, (_, item) =>
  eventLine({ sessionId: 17, itemInSession: item, userAgent: randomBytes(500).toString('hex') }),
).join('\n');

function withWrongChecksum(gzip: Buffer): Buffer {
  const changed = Buffer.from(gzip);
  changed.writeUInt32LE(~gzip.readUInt32LE(gzip.length - 8) >>> 0, gzip.length - 8);
  return changed;
}
