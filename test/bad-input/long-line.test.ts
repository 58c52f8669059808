import { closeSync, linkSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { eventLine } from '../oracle/build-bucket.ts';
import { testEngines } from '../support/targets.ts';
import { folderPlace, openScene, type Scene } from './scene.ts';

const longBytes = 200_000_000;

describe.each(testEngines)('on $engine', (engine) => {
  let scene: Scene;
  afterEach(() => scene.remove());

  test('a line of 200 MB is a reject, plain or compressed, line or object, in little memory', async () => {
    scene = await openScene(folderPlace(), engine);
    const { root } = scene.place;
    const event = join(root, 'log_data/long.json');
    writeLong(event);
    mkdirSync(join(root, 'song_data/L'));
    linkSync(event, join(root, 'song_data/L/long.json'));
    await scene.place.put({ key: 'log_data/long.json.gz', content: compressedLong() });
    const { result, addedBytes } = await watchingMemory(() => scene.run());
    expect(result).toMatchObject({ outcome: 'loaded' });
    expect(
      await scene.ask('select uri, line, column_name, reason, length(raw_text) from etl.rejects order by 1'),
    ).toEqual([
      [event, 1n, null, 'longer than 16000000 bytes', 65_000n],
      [`${event}.gz`, 1n, null, 'longer than 16000000 bytes', 65_000n],
      [join(root, 'song_data/L/long.json'), 1n, null, 'longer than 16000000 bytes', 65_000n],
    ]);
    expect(await scene.ask('select count(*) from staging_events')).toEqual([[3n]]);
    expect(addedBytes).toBeLessThan(longBytes);
    const mended = { key: 'log_data/long.json', content: eventLine({ sessionId: 21 }) };
    await scene.place.put(mended, { key: 'log_data/long.json.gz', content: gzipSync('') });
    await scene.place.take('song_data/L/long.json');
    expect(await scene.run({ fullRefresh: true, allowShrink: true })).toMatchObject({ outcome: 'loaded' });
    expect(await scene.ask('select uri from etl.rejects')).toEqual([[join(root, 'song_data/L/long.json')]]);
  });
});

/** One line of 200 MB, and a good one behind it. */
function writeLong(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  const chunk = Buffer.alloc(1_000_000, '{"a":"long ');
  for (let written = 0; written < longBytes; written += chunk.length) writeSync(file, chunk);
  writeSync(file, `\n${eventLine({ sessionId: 20 })}\n`);
  closeSync(file);
}

/** The same length as 200 members of a gzip file, which are one content. */
function compressedLong(): Buffer {
  const member = gzipSync(Buffer.alloc(1_000_000, 'x'), { level: 1 });
  return Buffer.concat(Array.from({ length: longBytes / 1_000_000 }, () => member));
}

/** The most that the process held during some work beyond what it held before. */
async function watchingMemory<T>(work: () => Promise<T>): Promise<{ result: T; addedBytes: number }> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 5);
  try {
    return { result: await work(), addedBytes: most - before };
  } finally {
    clearInterval(timer);
  }
}
