import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import { amazonRoots } from '../../../src/engines/redshift/amazon-roots.ts';
import type { SparkifyError } from '../../../src/errors.ts';
import { removeFolder, temporaryFolder } from '../../support/targets.ts';
import { firstObjects, openWarehouse, type Servers, startServers, type TestWarehouse } from './warehouse.ts';

/** The stand-in lets nobody in without TLS, and shows a certificate of its own authority. */
let servers: Servers;
let warehouse: TestWarehouse;
let folder: string;
beforeAll(async () => {
  servers = await startServers({ requireTls: true });
  folder = temporaryFolder();
});
afterAll(async () => {
  removeFolder(folder);
  await servers.stop();
});
beforeEach(() => {
  servers.standIn.reset();
  warehouse = openWarehouse(servers);
  warehouse.put(...firstObjects);
});
afterEach(() => warehouse.remove());

const fileOf = (name: string, pem: string) => {
  const path = join(folder, name);
  writeFileSync(path, pem);
  return path;
};
/** The target with nothing said of TLS, as people write it, and what a test says of it. */
const secured = (settings = '', host = 'localhost') =>
  warehouse.target.replace('&sslmode=disable', settings).replace('@127.0.0.1:', `@${host}:`);
const trusting = (pem: string) => `&sslrootcert=${fileOf('authority.pem', pem)}`;
const failed = (target: string) =>
  openTarget(target, { mode: 'read' }).then(
    () => expect.fail('the connection was taken'),
    (error: unknown) => error as SparkifyError,
  );

test('a warehouse whose authority is trusted is loaded, encrypted', async () => {
  const target = secured(trusting(servers.standIn.ca));
  expect(await warehouse.run({ target })).toMatchObject({ outcome: 'loaded' });
  expect(await failed(secured('&sslmode=disable'))).toMatchObject({ code: 'TARGET_UNUSABLE' });
});

test('an authority that is not trusted is refused, and unless a file says otherwise none but those of Amazon are', async () => {
  const { cert: foreign } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
  for (const settings of ['', trusting(foreign)]) {
    expect(await failed(secured(settings))).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining("shows a certificate that Amazon's authorities have not signed"),
      hint: expect.stringContaining('&sslrootcert=FILE'),
    });
  }
  expect(servers.standIn.statements()).toEqual([]);
  expect(amazonRoots().length).toBeGreaterThan(3);
  for (const pem of amazonRoots()) expect(new X509Certificate(pem).subject).toMatch(/^O=(Amazon|Starfield Tech)/m);
});

test('a certificate of another name is refused, even where its authority is trusted', async () => {
  // Every address of this machine, by which the server is reached too.
  expect(await failed(secured(trusting(servers.standIn.ca), '0.0.0.0'))).toMatchObject({
    code: 'TARGET_UNUSABLE',
    message: expect.stringContaining('shows a certificate of another name'),
  });
});

test('a server without TLS is refused', async () => {
  const { host } = new URL(inject('postgresUrl'));
  expect(await failed(`redshift://user:S3CRET@${host}/postgres`)).toMatchObject({
    message: expect.stringContaining('does not offer TLS'),
  });
});

test.each([
  ['&sslmode=require', 'localhost', 'encrypted and verified'],
  ['&sslmode=prefer', 'localhost', 'encrypted and verified'],
  ['&sslmode=verify-ca', 'localhost', 'encrypted and verified'],
  ['&sslmode=disable', 'warehouse.example', 'encrypted and verified'],
  ['&sslrootcert=/nowhere.pem', 'localhost', 'The certificate /nowhere.pem cannot be read: ENOENT'],
])('%s for %s is refused before anything is sent', async (settings, host, message) => {
  expect(await failed(secured(settings, host))).toMatchObject({
    code: 'TARGET_INVALID',
    message: expect.stringContaining(message),
  });
});
