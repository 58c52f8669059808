import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { songFile } from '../oracle/build-bucket.ts';
import { type EngineBeside, engineBeside } from '../support/engine-beside.ts';
import { asOrdinaryUser, openToAll } from '../support/ordinary-user.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';
import { bucketPlace, folderPlace, goodObjects, moreObjects, openScene, type Scene } from './scene.ts';

const [, log, song] = goodObjects;
if (!log || !song) throw new Error('the good objects are a log and a song');

describe.each(testEngines)('on $engine, of a folder', (engine) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(folderPlace(), engine);
    await scene.place.put(...moreObjects);
  });
  afterAll(() => scene.remove());

  test('a root that is not there is named, with what a root can be', async () => {
    const root = join(scene.place.root, 'nowhere');
    await scene.fails({ code: 'ROOT_NOT_FOUND', names: [root], hint: /existing folder or s3:/ }, { root });
  });

  test('a root that is a file is answered with its folder', async () => {
    const root = join(scene.place.root, log.key);
    await scene.fails(
      { code: 'ROOT_NOT_FOUND', names: [root, 'is a file'], hint: new RegExp(dirname(root)) },
      { root },
    );
  });

  test('an empty root is told where objects are looked for', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'README.txt'), 'nothing of a source');
    await scene.fails({ code: 'ROOT_EMPTY', names: [root], hint: /log_data.*song_data/ }, { root });
    removeFolder(root);
  });

  test('a source given for the root is as empty', async () => {
    const root = join(scene.place.root, 'log_data');
    await scene.fails({ code: 'ROOT_EMPTY', names: [root], hint: /log_data/ }, { root });
  });

  test.each([
    ['read again', {}, { fullRefresh: true }],
    ['found changed', { title: 'Changed' }, {}],
  ] as const)('a file that may not be read when it is %s keeps its rows', async (_, change, options) => {
    const path = join(scene.place.root, song.key);
    await scene.place.put({ key: song.key, content: songFile(change).content });
    chmodSync(path, 0o000);
    const told = { key: song.key, code: 'STORAGE_DENIED', names: [path], hint: /read permission/ } as const;
    openToAll(scene.place.root);
    openTargetToAll(scene.target);
    await asOrdinaryUser(() => scene.leavesOut(told, moreObjects, options));
    chmodSync(path, 0o644);
    await scene.place.put(song);
  });

  test('a folder that may not be listed stops the run', async () => {
    const path = join(scene.place.root, 'log_data/closed');
    mkdirSync(path, { mode: 0o000 });
    const told = { code: 'STORAGE_DENIED', names: [path], hint: /chmod u\+rX/ } as const;
    openToAll(scene.place.root);
    openTargetToAll(scene.target);
    await asOrdinaryUser(() => scene.fails(told));
    rmSync(path, { recursive: true });
  });

  test('a file name that is no UTF-8 is shown with its bytes escaped', async () => {
    const path = Buffer.concat([
      Buffer.from(`${scene.place.root}/log_data/`),
      Buffer.from([0xff]),
      Buffer.from('.json'),
    ]);
    writeFileSync(path, '');
    await scene.fails({ code: 'OBJECT_UNREADABLE', names: ['\\xff.json'], hint: /Rename the file/ });
    rmSync(path);
  });

  test('once all that is mended the run loads', async () => {
    const third = songFile({ song_id: 'SO9', title: 'Third' });
    await scene.place.put(third);
    await scene.loads(...moreObjects, third);
  });
});

describe.each(testEngines)('on $engine, of a bucket', (engine) => {
  let server: S3Server;
  let beside: EngineBeside;
  let scene: Scene;
  beforeAll(async () => {
    server = await startS3Server();
    for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
    beside = await engineBeside(engine, server);
    scene = await openScene(bucketPlace(server, 'roots'), beside.engine);
    await scene.place.put(...moreObjects);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    scene.remove();
    await beside.stop();
    await server.stop();
  });

  test('a bucket that is not there is named', async () => {
    const root = 's3://no-such-bucket/lake';
    await scene.fails({ code: 'ROOT_NOT_FOUND', names: ['no-such-bucket'], hint: /aws s3 ls/ }, { root });
  });

  test('a prefix without objects is told where they are looked for', async () => {
    const root = `${scene.place.root}/nothing`;
    await scene.fails({ code: 'ROOT_EMPTY', names: [root], hint: /log_data.*song_data/ }, { root });
  });

  test('listing without permission names the permission', async () => {
    await server.failNext({ method: 'LIST', times: 1, answer: { status: 403, code: 'AccessDenied' } });
    await scene.fails({ code: 'STORAGE_DENIED', names: [server.bucket], hint: /s3:ListBucket on arn:aws:s3:::/ });
  });

  test('reading without permission names the permission and the object', async () => {
    await scene.place.take(log.key);
    await scene.place.take(moreObjects[0]?.key ?? '');
    // Only songs are left to read, so that the first object asked for is one.
    // Redshift's memory of the last listing is asked for before.
    const times = engine.engine === 'redshift' ? 2 : 1;
    await server.failNext({ method: 'GET', times, answer: { status: 403, code: 'AccessDenied' } });
    const uri = `${scene.place.root}/${moreObjects[1]?.key}`;
    const told = { code: 'STORAGE_DENIED', names: [uri], hint: /s3:GetObject on arn:aws:s3:::/ } as const;
    await scene.leavesOut({ ...told, key: moreObjects[1]?.key ?? '' }, []);
    await scene.place.put(log, ...moreObjects);
  });

  test('keys that the store does not know are not told', async () => {
    await server.failNext({ method: 'LIST', times: 1, answer: { status: 403, code: 'SignatureDoesNotMatch' } });
    await scene.fails({ code: 'STORAGE_DENIED', names: [server.bucket], hint: /AWS_ACCESS_KEY_ID/ });
  });

  test('a bucket of another region names the region to set', async () => {
    const headers = { 'x-amz-bucket-region': 'eu-west-1' };
    await server.failNext({ method: 'LIST', times: 1, answer: { status: 301, code: 'PermanentRedirect', headers } });
    await scene.fails({ code: 'STORAGE_DENIED', names: [server.bucket, 'eu-west-1'], hint: /AWS_REGION=eu-west-1/ });
  });

  test('an endpoint that is down is named, and the run can be tried again', async () => {
    const port = await closedPort();
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
    const told = { code: 'STORAGE_UNREACHABLE', names: [`127.0.0.1:${port}`], hint: /AWS_ENDPOINT_URL/ } as const;
    expect(await scene.fails(told)).toMatchObject({ retryable: true });
    vi.stubEnv('AWS_ENDPOINT_URL', server.endpoint);
  });

  test('an endpoint that is no URL is wrong usage', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'S3RVER:S3CRET@somewhere');
    await scene.fails({ code: 'USAGE', names: ['endpoint'], hint: /https:/ });
    vi.stubEnv('AWS_ENDPOINT_URL', server.endpoint);
  });

  test('once all that is mended the run loads', () => scene.loads(...moreObjects));
});

/** A port that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}

/** A server knows its users by other names. */
function openTargetToAll(target: string): void {
  if (target.startsWith('duckdb:')) openToAll(dirname(target.slice('duckdb:'.length)));
}
