import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ObjectStore, StoredObject } from '../../src/storage/object-store.ts';
import { openRoot } from '../../src/storage/open-root.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

let server: S3Server;
const opened: ObjectStore[] = [];

beforeAll(async () => {
  server = await startS3Server();
  Object.assign(process.env, server.env);
});
afterAll(() => server.stop());
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

describe('listing', () => {
  test('goes on past the 1,000 keys of a page, in byte order', async () => {
    const keys = Array.from({ length: 2100 }, (_, i) => `many/song_data/${String(i).padStart(5, '0')}.json`);
    for (let i = 0; i < keys.length; i += 50)
      await Promise.all(keys.slice(i, i + 50).map((key) => server.put(key, '{}')));
    const store = await open('many');
    const objects = await store.list('');
    expect(objects.map(({ key }) => `many/${key}`)).toEqual(keys);
    expect(objects[0]).toEqual({
      key: 'song_data/00000.json',
      uri: `s3://${server.bucket}/many/song_data/00000.json`,
      sizeBytes: 2,
      version: '99914b932bd37a50b983c5e7c90ae93b',
    });
  });

  test('takes a prefix for a folder, and leaves out folder markers', async () => {
    await put('folder/song_data/x.json', 'folder/song_data_old/x.json', 'folder2/song_data/x.json', 'folder.json');
    await server.put('folder/', '');
    await server.put('folder/song_data/', '');
    const store = await open('folder');
    expect(await keysOf(store, '')).toEqual(['song_data/x.json', 'song_data_old/x.json']);
    expect(await keysOf(store, 'song_data')).toEqual(['song_data/x.json']);
    expect(await keysOf(store, 'absent')).toEqual([]);
    expect(await keysOf(await open('folder/song_data'), '')).toEqual(['x.json']);
    expect(await keysOf(await open(''), 'folder2')).toEqual(['folder2/song_data/x.json']);
  });

  test('and reading take keys of any characters', async () => {
    const names = [
      'a b',
      'a+b',
      'a%2Bb',
      'a%',
      '#1',
      'a?b=c&d',
      '*',
      '[a]',
      'ü/日本',
      '😀',
      `'"<>&amp;`,
      ' x ',
      'a:b@c,d;e=$!()',
    ];
    for (const name of names) await server.put(`strange #%/${name}.json`, name);
    const store = await open('strange #%');
    const objects = await store.list('');
    expect(objects.map(({ key }) => key).sort()).toEqual(names.map((name) => `${name}.json`).sort());
    for (const object of objects) expect(`${await store.read(object)}.json`).toBe(object.key);
  });
});

describe('finding', () => {
  test('gives the object as the listing does, and undefined for a key that is only the beginning of others', async () => {
    await put('find/paths.json', 'find/paths.json.bak', 'find/paths.json/x', 'find/folder/x');
    const store = await open('find');
    const listed = (await store.list('')).find(({ key }) => key === 'paths.json');
    expect(await store.find('paths.json')).toEqual(listed);
    for (const key of ['paths', 'folder', 'folder/', 'absent.json']) expect(await store.find(key)).toBeUndefined();
  });
});

describe.each([
  ['read', (store: ObjectStore, object: StoredObject) => store.read(object)],
  ['open', (store: ObjectStore, object: StoredObject) => buffer(store.open(object))],
] as const)('with %s', (name, contentOf) => {
  const folder = `content-${name}`;

  test('the whole content comes back, also of an empty and of a large object', async () => {
    const large = randomBytes(3_000_001);
    const [store, object] = await stored(`${folder}/large`, large);
    expect((await contentOf(store, object)).equals(large)).toBe(true);
    const [other, empty] = await stored(`${folder}/empty`, '');
    expect(await contentOf(other, empty)).toHaveLength(0);
  });

  test('a .gz is inflated, and one cut short is an error', async () => {
    const [store, whole] = await stored(`${folder}/whole.gz`, gzipSync('{"a":1}\n'));
    expect((await contentOf(store, whole)).toString()).toBe('{"a":1}\n');
    const [other, cut] = await stored(`${folder}/cut.gz`, gzipSync('{"a":1}\n').subarray(0, -5));
    await expect(contentOf(other, cut)).rejects.toMatchObject({ code: 'OBJECT_UNREADABLE', details: { uri: cut.uri } });
  });

  test('an object replaced after the listing is OBJECT_CHANGED, also where the store does not know If-Match', async () => {
    const [store, object] = await stored(`${folder}/replaced`, '{"a":1}');
    await server.put(`${folder}/replaced`, '{"a":2}');
    const expected = { code: 'OBJECT_CHANGED', message: expect.stringContaining(object.uri), retryable: true };
    await expect(contentOf(store, object)).rejects.toMatchObject(expected);
    await server.failNext({ method: 'GET', times: 1, ignoredHeaders: ['if-match'] });
    await expect(contentOf(store, object)).rejects.toMatchObject(expected);
  });

  test('an object removed after the listing is OBJECT_CHANGED', async () => {
    const [store, object] = await stored(`${folder}/removed`, '{"a":1}');
    await server.remove(`${folder}/removed`);
    await expect(contentOf(store, object)).rejects.toMatchObject({ code: 'OBJECT_CHANGED' });
  });

  test('a transfer that breaks off is taken up where it broke', async () => {
    const content = randomBytes(1_000_000);
    const [store, object] = await stored(`${folder}/broken`, content);
    await server.failNext({ method: 'GET', times: 1, cutAfterBytes: 300_000 });
    await server.failNext({ method: 'GET', times: 1, cutAfterBytes: 0 });
    await server.failNext({ method: 'GET', times: 1, cutAfterBytes: 699_999 });
    expect((await contentOf(store, object)).equals(content)).toBe(true);
  });

  test('a transfer that breaks off again and again is an error, never short content', async () => {
    const [store, object] = await stored(`${folder}/dead`, 'x'.repeat(1000));
    await server.failNext({ method: 'GET', times: 1, cutAfterBytes: 400 });
    await server.failNext({ method: 'GET', times: 4, cutAfterBytes: 0 });
    await expect(contentOf(store, object)).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringContaining('400 of 1000 bytes'),
      retryable: true,
    });
  });

  test('an object replaced while the transfer was broken is OBJECT_CHANGED', async () => {
    const [store, object] = await stored(`${folder}/swapped`, 'x'.repeat(1000));
    await server.failNext({ method: 'GET', times: 1, cutAfterBytes: 400 });
    await server.failNext({ method: 'GET', times: 1, answer: { status: 412, code: 'PreconditionFailed' } });
    await expect(contentOf(store, object)).rejects.toMatchObject({ code: 'OBJECT_CHANGED' });
  });

  test('a store that does not know Range ends a broken transfer with an error', async () => {
    const [store, object] = await stored(`${folder}/rangeless`, 'x'.repeat(1000));
    await server.failNext({ method: 'GET', times: 1, cutAfterBytes: 400 });
    await server.failNext({ method: 'GET', times: 1, ignoredHeaders: ['range'] });
    await expect(contentOf(store, object)).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  });

  test('an overloaded store is asked again', async () => {
    const [store, object] = await stored(`${folder}/busy`, 'content');
    await server.failNext({ method: 'GET', times: 2, answer: { status: 503, code: 'SlowDown' } });
    expect((await contentOf(store, object)).toString()).toBe('content');
  });

  test('denied access names the action and the key that the policy must allow', async () => {
    const [store, object] = await stored(`${folder}/denied`, 'content');
    await server.failNext({ method: 'GET', times: 1, answer: { status: 403, code: 'AccessDenied' } });
    await expect(contentOf(store, object)).rejects.toMatchObject({
      code: 'STORAGE_DENIED',
      hint: expect.stringContaining(`s3:GetObject on arn:aws:s3:::${server.bucket}/${folder}/denied`),
    });
  });

  test('an archived object is unreadable', async () => {
    const [store, object] = await stored(`${folder}/archived`, 'content');
    await server.failNext({ method: 'GET', times: 1, answer: { status: 403, code: 'InvalidObjectState' } });
    await expect(contentOf(store, object)).rejects.toMatchObject({ code: 'OBJECT_UNREADABLE' });
  });
});

test('a stream that is left early is destroyed', async () => {
  const [store, object] = await stored('early/x', randomBytes(3_000_000));
  const stream = store.open(object);
  for await (const _chunk of stream) break;
  expect(stream.destroyed).toBe(true);
});

describe('a listing that fails', () => {
  test.each<
    [
      string,
      { status: number; code: string; headers?: Record<string, string>; fields?: Record<string, string> },
      object,
    ]
  >([
    [
      'denied',
      { status: 403, code: 'AccessDenied' },
      { code: 'STORAGE_DENIED', hint: expect.stringContaining('s3:ListBucket on arn:aws:s3:::test-bucket') },
    ],
    [
      'with expired credentials',
      { status: 400, code: 'ExpiredToken' },
      { code: 'STORAGE_DENIED', message: expect.stringContaining('expired') },
    ],
    [
      'redirected',
      { status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'eu-west-3' } },
      { code: 'STORAGE_DENIED', hint: 'Set AWS_REGION=eu-west-3.' },
    ],
    [
      'signed for another region',
      { status: 400, code: 'AuthorizationHeaderMalformed', fields: { Region: 'eu-west-3' } },
      { code: 'STORAGE_DENIED', hint: 'Set AWS_REGION=eu-west-3.' },
    ],
    [
      'redirected to nobody knows where',
      { status: 301, code: 'PermanentRedirect' },
      { hint: expect.stringContaining('AWS_REGION') },
    ],
    ['not understood', { status: 501, code: 'NotImplemented' }, { code: 'STORAGE_UNREACHABLE' }],
    [
      'refused for another reason',
      { status: 400, code: 'InvalidRequest' },
      { code: 'STORAGE_UNREACHABLE', retryable: false },
    ],
  ])('%s says so', async (_what, answer, expected) => {
    await server.failNext({ method: 'LIST', times: 1, answer });
    await expect((await open('any')).list('')).rejects.toMatchObject(expected);
  });

  test('because the store stays overloaded can be tried again', async () => {
    await server.failNext({ method: 'LIST', times: 5, answer: { status: 503, code: 'SlowDown' } });
    await expect((await open('any')).list('')).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE', retryable: true });
  });

  test('because the bucket does not exist is ROOT_NOT_FOUND', async () => {
    const store = await openWith('s3://no-such-bucket/x', {});
    await expect(store.list('')).rejects.toMatchObject({
      code: 'ROOT_NOT_FOUND',
      message: expect.stringContaining('no-such-bucket'),
    });
  });

  test('because nothing listens at the endpoint is STORAGE_UNREACHABLE', async () => {
    const store = await openWith('s3://bucket/x', { endpoint: 'http://127.0.0.1:1' });
    await expect(store.list('')).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:1'),
      retryable: true,
    });
  });

  test('because the endpoint speaks TLS of an unknown authority, or none, is STORAGE_UNREACHABLE', async () => {
    const store = await openWith('s3://bucket/x', { endpoint: server.endpoint.replace('http:', 'https:') });
    await expect(store.list('')).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
      message: expect.stringContaining('TLS'),
    });
  });

  test('because of an unknown access key is STORAGE_DENIED and does not repeat the secret', async () => {
    const store = await openWith(`s3://${server.bucket}`, {
      credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'geheim' },
    });
    await expectDeniedWithout(['geheim', 'Signature=', 'AWS4-HMAC'], store, 'InvalidAccessKeyId');
  });

  test('because of a wrong secret is STORAGE_DENIED and does not repeat what was signed', async () => {
    const fields = { AWSAccessKeyId: 'S3RVER', StringToSign: 'AWS4-HMAC-SHA256 1 2', SignatureProvided: 'geheim' };
    const answer = { status: 403, code: 'SignatureDoesNotMatch', fields };
    await server.failNext({ method: 'LIST', times: 1, answer });
    await expectDeniedWithout(['geheim', 'Signature=', 'AWS4-HMAC'], await open('any'), 'SignatureDoesNotMatch');
  });

  test('because there are no credentials says how to give them', async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...others } = process.env;
    const before = process.env;
    process.env = others;
    try {
      await expect((await open('any')).list('')).rejects.toMatchObject({
        code: 'STORAGE_DENIED',
        message: expect.stringContaining('no AWS credentials'),
        hint: expect.stringContaining('AWS_ACCESS_KEY_ID'),
      });
    } finally {
      process.env = before;
    }
  });
});

test('an endpoint that is no URL is refused', async () => {
  await expect(openRoot('s3://bucket', { s3: { endpoint: 'minio:9000/geheim it is' } })).rejects.toMatchObject({
    code: 'USAGE',
  });
});

test('the region is us-east-1 only when none is configured', async () => {
  const { AWS_REGION, AWS_ENDPOINT_URL, ...others } = process.env;
  const before = process.env;
  process.env = { ...others, AWS_DEFAULT_REGION: 'eu-north-1' };
  try {
    expect((await openS3('eu-north-1')).host).toBe('s3.eu-north-1.amazonaws.com');
    delete process.env.AWS_DEFAULT_REGION;
    expect((await openS3('us-east-1')).host).toBe('s3.us-east-1.amazonaws.com');
    process.env.AWS_REGION = 'eu-west-1';
    expect((await openS3('eu-west-1')).host).toBe('s3.eu-west-1.amazonaws.com');
  } finally {
    process.env = before;
  }
});

async function expectDeniedWithout(secrets: string[], store: ObjectStore, reason: string): Promise<void> {
  const error: unknown = await store.list('').catch((cause: unknown) => cause);
  const hint = expect.stringContaining('AWS_PROFILE');
  expect(error).toMatchObject({ code: 'STORAGE_DENIED', details: { reason }, hint });
  const shown = inspect(error, { depth: 9, showHidden: true });
  for (const secret of secrets) expect(shown).not.toContain(secret);
}

async function openS3(region: string): Promise<{ host: string }> {
  const { openS3Client } = await import('../../src/storage/s3-client.ts');
  const { client, host } = await openS3Client();
  expect(await client.config.region()).toBe(region);
  client.destroy();
  return { host };
}

async function open(prefix: string): Promise<ObjectStore> {
  return openWith(`s3://${server.bucket}/${prefix}`, {});
}

async function openWith(root: string, s3: S3ClientConfig): Promise<ObjectStore> {
  const store = await openRoot(root, { s3 });
  opened.push(store);
  return store;
}

async function put(...keys: string[]): Promise<void> {
  for (const key of keys) await server.put(key, key);
}

async function keysOf(store: ObjectStore, folder: string): Promise<string[]> {
  return (await store.list(folder)).map(({ key }) => key);
}

async function stored(key: string, body: string | Buffer): Promise<[ObjectStore, StoredObject]> {
  await server.put(key, body);
  const store = await open('');
  const object = await store.find(key);
  if (object === undefined) throw new Error(`${key} is not found.`);
  return [store, object];
}
