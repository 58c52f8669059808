import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { emptySample } from '../../src/land/key-sample.ts';
import type { LandProgress } from '../../src/land/land-batch.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { asOrdinaryUser, openToAll } from '../support/ordinary-user.ts';
import {
  asFiles,
  asText,
  joined,
  type Landing,
  land,
  landFiles,
  outcomes,
  plays,
  remote,
  rootWith,
  stagingOf,
  ways,
} from './support.ts';

const home = (id: number) => `{"id":${id},"page":"Home"}`;
const idsOf = (rows: readonly string[]) => rows.map((row) => Number(JSON.parse(row)[0])).sort((a, b) => a - b);

describe.each(ways)('objects landed $way', ({ landing }) => {
  const shapes: readonly { shape: string; content: string | Buffer; counts: number[]; rejected?: number[] }[] = [
    { shape: 'nothing', content: '', counts: [0, 0, 0] },
    { shape: 'one newline', content: '\n', counts: [1, 0, 1] },
    { shape: 'blank lines only', content: '\n \n\t\r\n\r', counts: [4, 0, 4] },
    { shape: 'a line without a newline', content: home(1), counts: [1, 1, 0] },
    { shape: 'a line with a newline', content: `${home(1)}\n`, counts: [1, 1, 0] },
    { shape: 'a last line without a newline', content: `${home(1)}\n${home(2)}`, counts: [2, 2, 0] },
    { shape: 'a last line that is blank', content: `${home(1)}\n `, counts: [2, 1, 1] },
    { shape: 'carriage returns', content: `${home(1)}\r\n\r\n${home(2)}\r\n`, counts: [3, 2, 1] },
    { shape: 'only carriage returns', content: `${home(1)}\r${home(2)}\r`, counts: [1, 0, 0], rejected: [1] },
    {
      shape: 'blank lines between',
      content: `\n \n${home(1)}\n\n\t\noops\n${home(2)}\n`,
      counts: [7, 2, 4],
      rejected: [6],
    },
    { shape: 'a byte order mark', content: `\ufeff${home(1)}\n${home(2)}\n`, counts: [2, 2, 0] },
    { shape: 'only a byte order mark', content: '\ufeff', counts: [1, 0, 1] },
    { shape: 'two byte order marks', content: `\ufeff\ufeff${home(1)}\n`, counts: [1, 0, 0], rejected: [1] },
    {
      shape: 'a pretty-printed object',
      content: '{\n  "id": 1,\n  "page": "Home"\n}\n',
      counts: [4, 0, 0],
      rejected: [1, 2, 3, 4],
    },
    {
      shape: 'a pretty-printed object later',
      content: `${home(1)}\n{\n"id": 1\n}\n`,
      counts: [4, 1, 0],
      rejected: [2, 3, 4],
    },
    {
      shape: 'an object that ends in the next line',
      content: `${home(1)}\n{"id":2,"page":"Home","x":{"y":1}\n \n}\n${home(3)}\n`,
      counts: [5, 2, 1],
      rejected: [2, 4],
    },
    {
      shape: 'an object that goes on for lines and then breaks',
      content: `${home(1)}\n{"id":2,"x":[\n"y",NaN\n123456789012345678901234567890\n${home(3)}\noops\n${home(4)}\n`,
      counts: [7, 3, 0],
      rejected: [2, 3, 4, 6],
    },
    { shape: 'NaN in the last line', content: `${home(1)}\nNaN\n`, counts: [2, 1, 0], rejected: [2] },
    { shape: 'an array of objects', content: `[\n${home(1)},\n${home(2)}\n]`, counts: [4, 1, 0], rejected: [1, 2, 4] },
    { shape: 'an opening brace', content: '{', counts: [1, 0, 0], rejected: [1] },
    { shape: 'an opening bracket and a line', content: `[\n${home(1)}\n`, counts: [2, 1, 0], rejected: [1] },
    { shape: 'a cut last line', content: `${home(1)}\n{"id":2,"pa`, counts: [2, 1, 0], rejected: [2] },
    {
      shape: 'bytes that are no text',
      content: Buffer.from([0x1f, 0x8b, 0x08, 0, 10, 0xff]),
      counts: [2, 0, 0],
      rejected: [1, 2],
    },
  ];

  test.each(shapes)('of $shape balance', async ({ content, counts, rejected = [] }) => {
    const result = await landFiles({ 'plays/a.json': content }, landing);
    const [object] = result.objects;
    expect([object?.linesRead, object?.linesLoaded, object?.linesBlank]).toEqual(counts);
    expect(result.rejects.map(({ line }) => line)).toEqual(rejected);
    expect(object).toMatchObject({
      contentBytes: Buffer.from(content).length,
      contentHash: createHash('sha256').update(content).digest('hex'),
    });
  });

  test('may have names that are patterns to DuckDB', async () => {
    const names = [
      'a*b',
      'a?b',
      'a[b',
      'a]b',
      '[a-z]',
      '{a,b}',
      "a'b",
      'a"b',
      'a b',
      'a\\*b',
      'a\nb',
      'ä😀',
      '~',
      'x=1',
      '$a',
    ];
    const files = Object.fromEntries(names.map((name, index) => [`plays/${name}.json`, `${home(index)}\noops\n`]));
    const result = await landFiles(files, landing);
    expect(idsOf(result.rows)).toEqual(names.map((_, index) => index));
    expect(result.rejects).toHaveLength(names.length);
  });

  test('hand their rejects over in order of object and line, whatever their size', async () => {
    const lines = (count: number) =>
      joined(Array.from({ length: count }, (_, line) => (line % 7 === 3 ? 'oops' : home(line))));
    const sizes = [1, 400, 20, 900, 5, 0, 300, 12];
    const files = Object.fromEntries(sizes.map((size, index) => [`plays/${index}.json`, lines(size)]));
    const expected = sizes.flatMap((size, index) =>
      Array.from({ length: size }, (_, line) => line)
        .filter((line) => line % 7 === 3)
        .map((line) => [index + 1, line + 1]),
    );
    for (const limits of [
      {},
      { fileBytes: 2_000 },
      { fileBytes: 2_000, groupBytes: 4_000, chunkLines: 10, suspects: 50 },
    ]) {
      const result = await landFiles(files, (root) => ({ ...landing(root), limits }));
      expect(result.rejects.map(({ objectId, line }) => [Number(objectId), line])).toEqual(expected);
    }
  });

  test('need not be numbered one after the other', async () => {
    const files = Object.fromEntries([0, 1, 2, 3, 4].map((index) => [`plays/${index}.json`, `${home(index)}\noops\n`]));
    const numbers = [7n, 8n, 20n, 5n, 2n ** 40n];
    const numberOf = (index: number) => numbers[index] ?? 0n;
    const result = await landFiles(files, (root) => ({ ...landing(root), numberOf }));
    expect(result.rows.map((row) => JSON.parse(row).at(-1))).toEqual(numbers.map(String));
    expect(result.rejects.map(({ objectId }) => objectId)).toEqual(numbers);
  });

  test('leave nothing in the temporary folder', async () => {
    const root = await rootWith({ 'plays/a.json': home(1), 'plays/b.json.gz': gzipSync(home(2)) });
    await land(root, landing(root));
    expect(readdirSync(root.folder)).toEqual(['plays']);
    root.remove();
  });
});

describe('rows of other objects', () => {
  test('that are in the landing table already are left alone', async () => {
    const before = `insert into staging_plays by name select range as id, 'Home' as page, 1 as object_id from range(300000)`;
    const files = { 'plays/a.json': `${home(1)}\noops\n`, 'plays/b.json': 'oops' };
    const numberOf = (index: number) => BigInt(index + 2);
    const result = await landFiles(files, { limits: asFiles, before, numberOf });
    expect(result.rows).toHaveLength(300_001);
    expect(outcomes(result)).toMatchObject([
      { objectId: 2, line: 2 },
      { objectId: 3, line: 1 },
    ]);
  });

  test('with the same number are a balance error', async () => {
    const before = `insert into staging_plays by name select 1 as id, 'Home' as page, 1 as object_id`;
    const landing = landFiles({ 'plays/a.json': home(1) }, { before });
    await expect(landing).rejects.toMatchObject({
      code: 'BALANCE',
      details: { objects: [{ linesRead: 1, linesLoaded: 2 }] },
    });
  });

  test('cannot have the number 0, which has no negative', async () => {
    await expect(landFiles({ 'plays/a.json': home(1) }, { numberOf: () => 0n })).rejects.toThrow(/numbered from 1/);
  });
});

describe('lines longer than the limit', () => {
  test.each(ways)('are rejects $way', async ({ landing }) => {
    const fitting = `{"id":1,"page":"Home","x":"${'y'.repeat(500)}"}`;
    const files = { 'plays/a.json': joined([fitting, fitting.replace('y', 'yy'), home(2), `${' '.repeat(600)}`]) };
    const limits = { lineBytes: fitting.length };
    const result = await landFiles(files, (root) => ({
      ...landing(root),
      limits: { ...landing(root).limits, ...limits },
    }));
    const reason = `longer than ${fitting.length} bytes`;
    expect(outcomes(result)).toMatchObject([
      { line: 2, reason },
      { line: 4, reason },
    ]);
    expect(idsOf(result.rows)).toEqual([1, 2]);
  });

  test('up to the limit are parsed, and a megabyte beyond is not kept', async () => {
    const line = (bytes: number) => `{"id":1,"page":"Home","x":"${'y'.repeat(bytes - 30)}"}`;
    const files = {
      'plays/a.json': joined([line(16_000_000), home(2)]),
      'plays/b.json': joined([line(40_000_000), home(3)]),
    };
    const result = await landFiles(files);
    expect(outcomes(result)).toEqual([
      { objectId: 2, line: 1, column: undefined, reason: 'longer than 16000000 bytes' },
    ]);
    expect(idsOf(result.rows)).toEqual([1, 2, 3]);
  });
});

describe('many lines', () => {
  // DuckDB parses pieces of 32 MB side by side; each bad line says where it stands.
  const perBlock = 5_000;
  const block = (number: number) => {
    const good = Array.from(
      { length: perBlock - 1 },
      (_, index) => `{"id":${index},"page":"Home","song":"song ${index % 9}"}`,
    );
    return `${good.join('\n')}\n{"id":1,"page":"Home","status":"line ${(number + 1) * perBlock}"}\n`;
  };

  test('keep their numbers when they are parsed in parallel', async () => {
    const content = Array.from({ length: 150 }, (_, number) => block(number)).join('');
    const other = Array.from({ length: 20 }, (_, number) => block(number)).join('');
    const files = { 'plays/a.json': other, 'plays/b.json': content, 'plays/c.json': other };
    const result = await landFiles(files, (root) => ({ database: join(root.folder, 'warehouse.duckdb') }));
    expect(result.rejects).toHaveLength(190);
    for (const { line, rawText } of result.rejects) expect(rawText).toContain(`"line ${line}"`);
    expect(result.rows).toHaveLength(190 * (perBlock - 1));
  });

  test('are decided the same where too many are suspects', async () => {
    const content = Array.from({ length: 4_000 }, (_, line) =>
      line % 3 === 0 ? `oops ${line + 1}` : home(line + 1),
    ).join('\n');
    const files = { 'plays/a.json': content, 'plays/b.json': content };
    for (const suspects of [0, 1_333, 1_334, 2_668, 10_000]) {
      const result = await landFiles(files, { limits: { fileBytes: 0, suspects, chunkLines: 100 } });
      expect(result.rejects).toHaveLength(2 * 1_334);
      for (const { line, rawText } of result.rejects) expect(rawText).toBe(`oops ${line}`);
      expect(result.rows).toHaveLength(2 * 2_666);
    }
  });

  test('are told in bounded chunks', async () => {
    const sizes: number[] = [];
    const onRejects = async (rejects: readonly unknown[]) => void sizes.push(rejects.length);
    await landFiles({ 'plays/a.json': 'oops\n'.repeat(20_000) }, { onRejects });
    expect(sizes.reduce((sum, size) => sum + size)).toBe(20_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
  });

  test('need no order of insertion', async () => {
    const content = `${block(0)}${block(1)}`;
    const result = await landFiles({ 'plays/a.json': content }, { before: 'set preserve_insertion_order = false' });
    expect(result.rejects.map(({ line }) => line)).toEqual([perBlock, 2 * perBlock]);
  });
});

describe('compressed objects', () => {
  test('are inflated, small and large, next to plain ones', async () => {
    const large = Array.from({ length: 5_000 }, (_, line) =>
      line === 4_321 ? 'oops' : `{"id":${line},"page":"Home","x":"${Math.sin(line)}"}`,
    ).join('\n');
    const files = {
      'plays/a.json': home(1),
      'plays/b.json.gz': gzipSync(large),
      'plays/c.json.gz': gzipSync(`${home(2)}\noops`),
    };
    const result = await landFiles(files);
    expect(result.rows).toHaveLength(5_001);
    expect(outcomes(result)).toMatchObject([
      { objectId: 2, line: 4_322 },
      { objectId: 3, line: 2 },
    ]);
    expect(result.objects[1]).toMatchObject({
      contentBytes: large.length,
      contentHash: createHash('sha256').update(large).digest('hex'),
    });
  });

  test.each([
    { size: 'small', limits: asText },
    { size: 'large', limits: asFiles },
  ])('that are cut are an error, or left out where the caller wants it ($size)', async ({ limits }) => {
    const cut = gzipSync(home(2)).subarray(0, -4);
    const files = { 'plays/a.json': home(1), 'plays/b.json.gz': cut, 'plays/c.json': home(3) };
    await expect(landFiles(files, { limits })).rejects.toMatchObject({ code: 'OBJECT_UNREADABLE' });
    const unreadable: bigint[] = [];
    const onUnreadable = ({ objectId }: { objectId: bigint }) => void unreadable.push(objectId);
    const result = await landFiles(files, { limits, onUnreadable });
    expect(unreadable).toEqual([2n]);
    expect(idsOf(result.rows)).toEqual([1, 3]);
    expect(result.objects.map(({ objectId }) => objectId)).toEqual([1n, 3n]);
  });
});

test('a temporary folder that cannot be used is named as the cause, not the object', async () => {
  const files = { 'plays/a.json.gz': gzipSync(home(1)) };
  const landing = landFiles(files, { limits: asFiles, temporaryFolder: '/nowhere/at/all', onUnreadable: () => {} });
  await expect(landing).rejects.toMatchObject({
    code: 'TEMPORARY_FOLDER_UNUSABLE',
    message: expect.stringMatching(/cannot be copied to .*: ENOENT/),
  });
});

test('a file that nobody may write to has its irregular lines masked all the same', async () => {
  const root = await rootWith({ 'plays/a.json': `oops\n${home(1)}\n` });
  chmodSync(join(root.folder, 'plays/a.json'), 0o444);
  openToAll(root.folder);
  const { rows, rejects } = await asOrdinaryUser(() => land(root, { limits: asFiles })).finally(() => root.remove());
  expect(idsOf(rows)).toEqual([1]);
  expect(rejects).toHaveLength(1);
});

describe('objects that change meanwhile', () => {
  test.each(['a.json', 'b.json'])('end the landing (%s)', async (name) => {
    const root = await rootWith({ 'plays/a.json': `oops\n${home(1)}\n`, 'plays/b.json': `${home(2)}\n` });
    const path = join(root.folder, 'plays', name);
    const list = async (folder: string) => {
      const found = await root.store.list(folder);
      appendFileSync(path, `${home(3)}\n`);
      return found;
    };
    for (const limits of [asFiles, asText]) {
      await expect(land(root, { limits, store: { ...root.store, list } })).rejects.toMatchObject({
        code: 'OBJECT_CHANGED',
      });
    }
    rmSync(path);
    root.remove();
  });

  test('or vanish end it too, with the reason', async () => {
    const root = await rootWith({ 'plays/a.json': home(1), 'plays/b.json': home(2) });
    const list = async (folder: string) => {
      const found = await root.store.list(folder);
      rmSync(join(root.folder, 'plays/b.json'), { force: true });
      return found;
    };
    const store = { ...root.store, list };
    await expect(land(root, { limits: asFiles, store })).rejects.toMatchObject({ code: 'OBJECT_CHANGED' });
    root.remove();
  });
});

test('progress grows with every object up to all there is', async () => {
  const seen: LandProgress[] = [];
  const files = {
    'plays/a.json': `${home(1)}\n\n`,
    'plays/b.json': home(2),
    'plays/c.json': `${home(2)}\n`.repeat(4_000),
  };
  await landFiles(files, { onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ objects }) => objects)).toEqual([1, 2, 3]);
  expect(seen.at(-1)).toEqual({ objects: 3, bytes: Object.values(files).join('').length, lines: 4_003 });
});

test('no object gives no rows', async () => {
  expect(await landFiles({})).toEqual({ rows: [], rejects: [], objects: [], keys: emptySample });
});

test('a store that cannot be read in place gives the same', async () => {
  const root = await rootWith({ 'plays/a.json': `${home(1)}\noops\n`.repeat(5_000), 'plays/b.json': home(3) });
  const [local, fetched] = [await land(root), await land(root, { store: remote(root.store) })];
  expect(fetched).toEqual(local);
  root.remove();
});

test.each(['file_index', 'filename', 'rowid', 'select', 'a"b', "a'b", 'a b', 'a.b', 'é', '0', '~/', '\\'])(
  'a column may be filled from the key %s',
  async (key) => {
    const staging = stagingOf(plays.source, key);
    const line = (value: unknown) => JSON.stringify({ id: 1, page: 'Home', [key]: value });
    const content = joined([line('x'), line({ a: 1 }), line('{'), line(null)]);
    for (const limits of [asText, asFiles]) {
      const result = await landFiles({ 'plays/a.json': content }, { staging, limits });
      expect(result.rows.map((row) => JSON.parse(row)[2])).toEqual(['x', '{', null]);
      expect(outcomes(result)).toMatchObject([{ line: 2, column: 'song', reason: 'an object or an array, not text' }]);
    }
  },
);

test('a file without read permission can be left out', async () => {
  const root = await rootWith({ 'plays/a.json': home(1), 'plays/b.json': home(2) });
  chmodSync(join(root.folder, 'plays/b.json'), 0);
  openToAll(root.folder);
  for (const limits of [asFiles, asText]) {
    const result = await asOrdinaryUser(() => land(root, { limits, onUnreadable: () => {} }));
    expect(idsOf(result.rows)).toEqual([1]);
  }
  root.remove();
});

test('a file that was removed after it was listed is left out, and the others are landed at once', async () => {
  for (const limits of [asFiles, asText]) {
    const root = await rootWith({ 'plays/a.json': home(1), 'plays/b.json': home(2), 'plays/c.json': home(3) });
    const list: ObjectStore['list'] = async (folder) => {
      const listed = await root.store.list(folder);
      rmSync(join(root.folder, 'plays/b.json'));
      return listed;
    };
    const codes: string[] = [];
    const onUnreadable: Landing['onUnreadable'] = (_, { code }) => void codes.push(code);
    const result = await land(root, { store: { ...root.store, list }, limits, onUnreadable });
    expect(codes).toEqual(['OBJECT_CHANGED']);
    expect(idsOf(result.rows)).toEqual([1, 3]);
    root.remove();
  }
});
