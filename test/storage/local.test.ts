import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLocalRoot } from '../../src/storage/local.ts';
import type { ObjectStore, StoredObject } from '../../src/storage/object-store.ts';
import { asOrdinaryUser } from '../support/ordinary-user.ts';

let root: string;
let store: ObjectStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-root-'));
  chmodSync(root, 0o755);
  store = openLocalRoot(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('listing', () => {
  test('gives every file with key, absolute path and size, in byte order of the key', async () => {
    for (const key of ['b/z.json', 'b.json', 'b/a/1.json', 'é.json', 'Z.json', '\uffee.json', '😀.json']) put(key, key);
    const objects = await store.list('');
    const keys = objects.map(({ key }) => key);
    expect(keys).toEqual(['Z.json', 'b.json', 'b/a/1.json', 'b/z.json', 'é.json', '\uffee.json', '😀.json']);
    expect(objects[3]).toEqual({
      key: 'b/z.json',
      uri: join(root, 'b/z.json'),
      sizeBytes: 8,
      version: expect.stringMatching(/^8-\d{19}-\d{19}-\d+$/),
    });
  });

  test('of a folder leaves out one whose name begins alike', async () => {
    put('song_data/x.json');
    put('song_data_old/x.json');
    expect(await keysOf('song_data')).toEqual(['song_data/x.json']);
    expect(await keysOf('song_data/')).toEqual(['song_data/x.json']);
  });

  test('of an absent folder, or of a file, is empty', async () => {
    put('x.json');
    expect(await keysOf('song_data')).toEqual([]);
    expect(await keysOf('x.json')).toEqual([]);
  });

  test('takes names with blanks, brackets, newlines and backslashes as they are', async () => {
    const keys = ['*.json', '[a].json', 'a b+c#d%41.json', 'back\\slash.json', 'new\nline.json', '\ufffd.json'].sort();
    for (const key of keys) put(key, key);
    const objects = await store.list('');
    expect(objects.map(({ key }) => key)).toEqual(keys);
    for (const object of objects) expect((await store.read(object)).toString()).toBe(object.key);
  });

  test('follows links to files and folders, and none into a folder it came through', async () => {
    put('real/x.json', 'x');
    mkdirSync(join(root, 'a'));
    mkdirSync(join(root, 'b'));
    symlinkSync('../real/x.json', join(root, 'a/file.json'));
    symlinkSync('../real', join(root, 'a/folder'));
    symlinkSync('..', join(root, 'a/up'));
    symlinkSync('../b', join(root, 'a/to-b'));
    symlinkSync('../a', join(root, 'b/to-a'));
    symlinkSync('self', join(root, 'self'));
    symlinkSync('nowhere', join(root, 'dangling'));
    const keys = await keysOf('');
    expect(keys).toContain('a/file.json');
    expect(keys).toContain('a/folder/x.json');
    expect(keys).toContain('b/to-a/file.json');
    expect(keys.filter((key) => /up|self|dangling|to-b\/to-a/.test(key))).toEqual([]);
  });

  test('does not come back into itself by a folder behind a link', async () => {
    put('song_data/a/x.json', 'x');
    symlinkSync('../..', join(root, 'song_data/a/above'));
    put('b/y.json', 'y');
    expect(await keysOf('song_data')).toEqual(['song_data/a/above/b/y.json', 'song_data/a/x.json']);
  });

  test('ends with an error when a name is not UTF-8, saying which', async () => {
    put('folder/x.json');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/folder/caf`), Buffer.from([0xe9])]), '');
    await expect(store.list('')).rejects.toMatchObject({ code: 'OBJECT_UNREADABLE', details: { name: 'caf\\xe9' } });
  });

  test('of a root that does not exist, or is a file, says so', async () => {
    put('x.json');
    const absent = join(root, 'absent');
    await expect(openLocalRoot(absent).list('')).rejects.toMatchObject({
      code: 'ROOT_NOT_FOUND',
      message: expect.stringContaining(absent),
      hint: expect.stringContaining('s3://'),
    });
    await expect(openLocalRoot(join(root, 'x.json')).list('')).rejects.toMatchObject({
      code: 'ROOT_NOT_FOUND',
      message: expect.stringContaining('is a file'),
      hint: expect.stringContaining(root),
    });
  });
});

describe('a survey', () => {
  test('gives the keys, and the objects of the listing', async () => {
    for (const key of ['b.json', 'b/z.json', 'a.json']) put(key, key);
    const { keys, objects } = await store.survey('');
    expect([...keys].sort()).toEqual(['a.json', 'b.json', 'b/z.json']);
    expect(objects()).toEqual(await store.list(''));
  });

  test('makes room for however many files there are', async () => {
    for (let number = 0; number < 1_500; number += 1) put(`${number}.json`, 'x'.repeat(number % 7));
    const objects = (await store.survey('')).objects();
    expect(objects).toHaveLength(1_500);
    for (const object of objects) expect(object).toEqual(await store.find(object.key));
  });

  test.each<[string, (path: string) => void]>([
    ['appended to', (path) => appendFileSync(path, 'more')],
    ['written again with the same size', (path) => writeFileSync(path, '{"a":2}')],
    ['replaced by another file of the same size', (path) => replace(path, '{"a":2}')],
    ['removed', (path) => rmSync(path)],
    ['renamed', (path) => renameSync(path, `${path}.json`)],
    ['given a neighbour', (path) => writeFileSync(`${path}.json`, '')],
  ])('has another digest when a file was %s, and else the same', async (_what, change) => {
    put('folder/x.json', '{"a":1}');
    put('y.json', '{"a":1}');
    const { digest } = await store.survey('');
    expect((await store.survey('')).digest).toBe(digest);
    await later();
    change(join(root, 'folder/x.json'));
    expect((await store.survey('')).digest).not.toBe(digest);
  });

  test('tells two files from one another that changed places', async () => {
    put('x.json', '{"a":1}');
    put('y.json', '{"a":1}');
    const { digest } = await store.survey('');
    renameSync(join(root, 'x.json'), join(root, 'z'));
    renameSync(join(root, 'y.json'), join(root, 'x.json'));
    renameSync(join(root, 'z'), join(root, 'y.json'));
    expect((await store.survey('')).digest).not.toBe(digest);
  });
});

describe('finding', () => {
  test('gives the object as the listing does, and undefined for what is no file', async () => {
    put('folder/x.json', '{}');
    expect(await store.find('folder/x.json')).toEqual((await store.list(''))[0]);
    for (const key of ['', 'folder', 'folder/', 'folder/y.json', 'folder/x.json/z']) {
      expect(await store.find(key)).toBeUndefined();
    }
  });
});

describe.each([
  ['read', (object: StoredObject) => store.read(object)],
  ['open', (object: StoredObject) => buffer(store.open(object))],
] as const)('with %s', (_name, contentOf) => {
  test('the whole content comes back, also of an empty and of a large file', async () => {
    const large = Buffer.alloc(5_000_001, 'abc\n');
    put('empty.json');
    put('large.json', large);
    const [empty, full] = await store.list('');
    expect(await contentOf(found(empty))).toHaveLength(0);
    expect((await contentOf(found(full))).equals(large)).toBe(true);
  });

  test('a .gz is inflated, and one cut short is an error', async () => {
    put('a.json.gz', gzipSync('{"a":1}\n'));
    put('b.json.gz', gzipSync('{"a":1}\n').subarray(0, -5));
    const [whole, cut] = await store.list('');
    expect((await contentOf(found(whole))).toString()).toBe('{"a":1}\n');
    await expect(contentOf(found(cut))).rejects.toMatchObject({ code: 'OBJECT_UNREADABLE' });
  });

  test.each<[string, (path: string) => void]>([
    ['appended to', (path) => appendFileSync(path, 'more')],
    ['written again with the same size', (path) => writeFileSync(path, '{"a":2}')],
    ['replaced by another file of the same size', (path) => replace(path, '{"a":2}')],
    ['cut short', (path) => writeFileSync(path, '{')],
    ['removed', (path) => rmSync(path)],
    ['replaced by a folder', (path) => replaceByFolder(path)],
  ])('a file that was %s after the listing is OBJECT_CHANGED', async (_what, change) => {
    put('x.json', '{"a":1}');
    const object = await onlyObject();
    await later();
    change(object.uri);
    const expected = { code: 'OBJECT_CHANGED', message: expect.stringContaining(object.uri), retryable: true };
    await expect(contentOf(object)).rejects.toMatchObject(expected);
    await expect(store.confirmUnchanged([object])).rejects.toMatchObject(expected);
  });
});

test('a stream ends in an error when the file is written while it is read', async () => {
  put('x.json', Buffer.alloc(20_000_000));
  const object = await onlyObject();
  const read = async () => {
    let chunks = 0;
    for await (const _chunk of store.open(object)) if (chunks++ === 0) appendFileSync(object.uri, 'more');
  };
  await expect(read()).rejects.toMatchObject({ code: 'OBJECT_CHANGED' });
});

test('a stream that is left early closes its file', async () => {
  put('x.json', Buffer.alloc(5_000_000));
  const stream = store.open(await onlyObject());
  for await (const _chunk of stream) break;
  expect(stream.destroyed).toBe(true);
});

test('only plain files can be read in place', async () => {
  put('a.json');
  put('b.json.gz');
  const [plain, compressed] = await store.list('');
  expect(store.localPath(found(plain))).toBe(join(root, 'a.json'));
  expect(store.localPath(found(compressed))).toBeUndefined();
});

test('files that stayed as they were are confirmed', async () => {
  put('a.json');
  put('b.json');
  await expect(store.confirmUnchanged(await store.list(''))).resolves.toBeUndefined();
});

describe('without permission', () => {
  test('a folder cannot be listed', async () => {
    put('closed/x.json');
    chmodSync(join(root, 'closed'), 0);
    const expected = {
      code: 'STORAGE_DENIED',
      message: expect.stringContaining('closed'),
      hint: expect.stringContaining('chmod'),
    };
    await asOrdinaryUser(() => expect(store.list('')).rejects.toMatchObject(expected));
    chmodSync(join(root, 'closed'), 0o755);
  });

  test('a file cannot be read', async () => {
    put('x.json', '{}');
    chmodSync(join(root, 'x.json'), 0);
    const object = await onlyObject();
    const expected = { code: 'STORAGE_DENIED', message: expect.stringContaining(object.uri) };
    await asOrdinaryUser(() => expect(store.read(object)).rejects.toMatchObject(expected));
    await asOrdinaryUser(() => expect(buffer(store.open(object))).rejects.toMatchObject(expected));
  });
});

function put(key: string, content: string | Buffer = ''): void {
  mkdirSync(dirname(join(root, key)), { recursive: true });
  writeFileSync(join(root, key), content);
}

function replace(path: string, content: string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

function replaceByFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

async function keysOf(folder: string): Promise<string[]> {
  return (await store.list(folder)).map(({ key }) => key);
}

async function onlyObject(): Promise<StoredObject> {
  return found((await store.list(''))[0]);
}

function found(object: StoredObject | undefined): StoredObject {
  if (object === undefined) throw new Error('The object is not listed.');
  return object;
}

// The kernel's file times advance in steps of a few milliseconds.
async function later(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
