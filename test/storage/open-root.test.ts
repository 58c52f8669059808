import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { openRoot } from '../../src/storage/open-root.ts';

const usage = { code: 'USAGE', hint: expect.stringContaining('s3://bucket/prefix') };

test('a folder is opened under its absolute path, without a slash at its end', async () => {
  expect((await openRoot('data/')).root).toBe(`${process.cwd()}/data`);
  expect((await openRoot('/')).root).toBe('/');
});

test('a file URL of a folder is that folder', async () => {
  expect((await openRoot(pathToFileURL('/tmp/a b').href)).root).toBe('/tmp/a b');
  await expect(openRoot('file://host/tmp')).rejects.toMatchObject(usage);
});

test.each([
  ['s3://bucket', 's3://bucket'],
  ['S3://bucket/', 's3://bucket'],
  ['s3://bucket/some/folder//', 's3://bucket/some/folder'],
  ['s3://bucket/100%25 #1?', 's3://bucket/100%25 #1?'],
])('%s is opened as %s', async (root, expected) => {
  const store = await openRoot(root);
  expect(store.root).toBe(expected);
  store.close();
});

test.each([
  '',
  's3://',
  's3:///folder',
  's3:bucket',
  's3:/bucket',
  's3://a b/c',
  'http://bucket/x',
  'gs://bucket',
  's3a://b',
])('"%s" is refused with what is allowed', async (root) => {
  await expect(openRoot(root)).rejects.toMatchObject(usage);
});

test('a secret in a root that is refused is not repeated', async () => {
  for (const root of ['s3://AKIA:geheim@bucket/x', 'https://bucket.s3.amazonaws.com/x?X-Amz-Signature=geheim']) {
    const error: unknown = await openRoot(root).catch((cause: unknown) => cause);
    expect(inspect(error)).not.toContain('geheim');
  }
});
