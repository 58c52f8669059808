import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GeneratedSummary, generate } from '../../src/generator/generate.ts';
import type { GenerateOptions, GenerateProgress } from '../../src/generator/generate-options.ts';
import { objectsBelow } from './bucket.ts';

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sparkify-generate-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Generates into a directory of its own. */
async function generated(name: string, options: Omit<GenerateOptions, 'out'>): Promise<GeneratedSummary> {
  return generate({ out: join(scratch, name), ...options });
}

async function hashOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const [key, content] of await objectsBelow(root)) hash.update(`${key} ${content.length}\n`).update(content);
  return hash.digest('hex');
}

const small = { users: 20, days: 4, songs: 40, seed: 7 };

describe('the bytes of a generated bucket', () => {
  test('are the same for the same seed, whatever ran before', async () => {
    const { out: first } = await generated('first', small);
    const { out: second } = await generated('second', small);
    expect(await hashOf(second)).toBe(await hashOf(first));
  });

  test('are these on every machine', async () => {
    const { out } = await generated('pinned', small);
    expect(await hashOf(out)).toBe('4ff19b436436fb6cf934f46ad522e0b093a5e4bc5de92fedd4e1a3d1a69884ba');
  });

  test('are others for another seed', async () => {
    const { out: first } = await generated('seed-7', small);
    const { out: second } = await generated('seed-8', { ...small, seed: 8 });
    expect(await hashOf(second)).not.toBe(await hashOf(first));
  });

  test('of the first days stay as they are when more days are asked for', async () => {
    const days = await objectsBelow((await generated('four-days', small)).out);
    const more = await objectsBelow((await generated('six-days', { ...small, days: 6 })).out);
    expect(more.size).toBeGreaterThan(days.size);
    for (const [key, content] of days) expect(more.get(key)?.equals(content), key).toBe(true);
  });
});

describe('a compressed bucket', () => {
  test('holds the same content, and the JSONPaths file as it is', async () => {
    const plain = await objectsBelow((await generated('plain', small)).out);
    const { out, eventBytes } = await generated('compressed', { ...small, gzip: true });
    const compressed = await objectsBelow(out);
    const keyOf = (key: string) => (key === 'log_json_path.json' ? key : `${key}.gz`);
    expect([...compressed.keys()]).toEqual([...plain.keys()].map(keyOf).sort());
    for (const [key, content] of plain) {
      const bytes = compressed.get(keyOf(key)) ?? Buffer.alloc(0);
      expect((key === keyOf(key) ? bytes : gunzipSync(bytes)).equals(content), key).toBe(true);
    }
    const sizes = [...compressed].map(([key, bytes]) => (key.startsWith('log_data/') ? bytes.length : 0));
    expect(eventBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });

  test('names neither the time nor the system it was written on', async () => {
    const { out } = await generated('timeless', { ...small, gzip: true });
    const heads = [...(await objectsBelow(out))].flatMap(([key, bytes]) => (key.endsWith('.gz') ? [bytes] : []));
    // RFC 1952: magic, deflate, no flags, time 0, no extra flags, system unknown.
    expect(new Set(heads.map((bytes) => bytes.toString('hex', 0, 10)))).toEqual(new Set(['1f8b08000000000000ff']));
  });
});

describe('a run', () => {
  test('reports its progress up to the last day', async () => {
    const seen: GenerateProgress[] = [];
    const { events } = await generated('progress', { ...small, onProgress: (progress) => seen.push(progress) });
    expect(seen.find(({ stage }) => stage === 'songs')).toMatchObject({ done: 40, total: 40 });
    expect(seen.at(-1)).toEqual({ stage: 'events', done: 4, total: 4, events });
  });

  test('accepts an empty directory', async () => {
    await mkdir(join(scratch, 'empty'));
    await expect(generated('empty', small)).resolves.toMatchObject({ songs: 40 });
  });

  test('keeps what it writes in a folder of its own until all is there', async () => {
    const seen = new Set<string>();
    const onProgress = () => {
      for (const name of readdirSync(join(scratch, 'under-way'))) seen.add(name);
    };
    await generated('under-way', { ...small, onProgress });
    expect([...seen]).toEqual(['.generating']);
    expect(await readdir(join(scratch, 'under-way'))).toEqual(['log_data', 'log_json_path.json', 'song_data']);
  });

  test('replaces what a run left that was killed', async () => {
    const { out: whole } = await generated('whole', small);
    const left = join(scratch, 'killed', '.generating', 'log_data', '2018', '11');
    await mkdir(left, { recursive: true });
    await writeFile(join(left, '2018-11-01-events.json'), '{"artist":"Half a li');
    await writeFile(join(left, '2017-01-01-events.json'), '{}');
    const { out } = await generated('killed', small);
    expect(await hashOf(out)).toBe(await hashOf(whole));
  });

  test('that fails leaves nothing behind', async () => {
    const onProgress = ({ stage }: GenerateProgress) => {
      if (stage === 'events') throw new Error('stop');
    };
    await expect(generated('failed', { ...small, onProgress })).rejects.toThrow('stop');
    expect(await readdir(join(scratch, 'failed'))).toEqual([]);
  });

  test('refuses a directory that holds anything', async () => {
    await mkdir(join(scratch, 'full'));
    await writeFile(join(scratch, 'full', 'mine.txt'), '');
    await expect(generated('full', small)).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('empty'),
    });
    expect(await readdir(join(scratch, 'full'))).toEqual(['mine.txt']);
  });

  test('refuses a file in place of the directory', async () => {
    await writeFile(join(scratch, 'file'), '');
    await expect(generated('file', small)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test.each<[string, Omit<GenerateOptions, 'out'>]>([
    ['no user', { users: 0 }],
    ['half a day', { days: 0.5 }],
    ['a negative number of songs', { songs: -1 }],
    ['more songs than ids', { songs: 1_000_001 }],
    ['no number', { users: Number.NaN }],
    ['an infinite number', { days: Number.POSITIVE_INFINITY }],
    ['a negative seed', { seed: -1 }],
    ['a share above 1', { outsideCatalogue: 1.1 }],
    ['a negative share', { dirty: -0.01 }],
    ['more than all lines', { dirty: 1.01 }],
    ['a share that is no number', { attritionRate: Number.NaN }],
    ['a day that does not exist', { start: '2018-02-30' }],
    ['a day in another notation', { start: '1 November 2018' }],
    ['a year before the bounds', { start: '1979-12-31' }],
    ['days beyond the year 9999', { start: '9999-12-31', days: 2 }],
  ])('refuses %s and writes nothing', async (_, options) => {
    await expect(generated('refused', options)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(readdir(join(scratch, 'refused'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('lists every problem at once', async () => {
    const message = await generated('refused', { users: 0, days: -1 }).catch((error: Error) => error.message);
    expect(message).toContain('users');
    expect(message).toContain('days');
  });
});
