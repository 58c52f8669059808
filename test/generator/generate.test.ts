import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GeneratedSummary, generate } from '../../src/generator/generate.ts';
import type { GenerateOptions, GenerateProgress } from '../../src/generator/generate-options.ts';

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sparkify-generate-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Generates into a directory of its own. */
async function generated(name: string, options: Omit<GenerateOptions, 'out'>): Promise<GeneratedSummary> {
  return generate({ out: join(scratch, name), ...options });
}

/** Every object below a root by its key, in the order of the keys. */
async function objectsBelow(root: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const keys = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return new Map(await Promise.all(keys.sort().map(async (key) => [key, await readFile(join(root, key))] as const)));
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
    expect(await hashOf(out)).toBe('f9ce493a983d91b208f541d7cae8cd3dace5ca32895f5fb46c7a436a16d10c97');
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
