import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../src/pipeline/report.ts';
import { eventLine } from '../oracle/build-bucket.ts';
import type { BucketObject } from '../oracle/read-objects.ts';
import { type EngineBeside, engineBeside } from '../support/engine-beside.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { testEngines } from '../support/targets.ts';
import { bucketPlace, folderPlace, moreObjects, openScene, type Scene } from './scene.ts';

const again = /Run again/;
const key = 'log_data/2018/11/2018-11-19-events.json';

/** A log under `key`, with a bad line to be looked at once more; a large one is parsed as a file where it lies. */
function logWith(lines: number): BucketObject {
  const good = Array.from({ length: lines }, (_, item) => eventLine({ sessionId: 19, itemInSession: item }));
  return { key, content: ['{broken', ...good].join('\n') };
}

/** A log that is decided before the one under `key`. */
const before = { ...logWith(1), key: 'log_data/2018/11/2018-11-18-events.json' };
const largeBefore = { ...logWith(300), key: before.key };

describe.each(testEngines)('on $engine', (engine) => {
  let scene: Scene | undefined;
  afterEach(() => scene?.remove());

  const changes: readonly (readonly [string, RegExp, (path: string) => void])[] = [
    ['vanishes', /was removed/, (path) => rmSync(path)],
    ['grows', /was written or replaced/, (path) => appendFileSync(path, '\n{}')],
    ['is cut short', /was written or replaced/, (path) => truncateSync(path, 20)],
  ];

  describe.each(changes)('a file that %s', (_, what, change) => {
    const moments = [
      ['between listing and reading', 3, 'started'],
      ['between listing and parsing in place', 300, 'started'],
      ['between parsing it and looking at its bad lines', 300, 'progress'],
    ] as const;

    test.each(moments)('%s is left out, and the next run takes it as it is', async (_moment, lines, kind) => {
      scene = await openScene(folderPlace(), engine);
      const path = join(scene.place.root, key);
      const first = lines > 100 ? largeBefore : before;
      await scene.place.put(first, logWith(lines));
      const told = { key, code: 'OBJECT_CHANGED', names: [path, what], hint: again } as const;
      await scene.leavesOut(
        told,
        [first],
        {},
        once(kind, () => change(path)),
      );
      const now = existsSync(path) ? [{ key, content: readFileSync(path) }] : [];
      if (now.length > 0) await scene.loads(first, ...now);
      else expect(await scene.run()).toMatchObject({ outcome: 'nothing new', objects: { vanished: 0 } });
    });
  });

  describe('an object in a bucket', () => {
    let server: S3Server;
    let beside: EngineBeside;
    let folders = 0;
    beforeAll(async () => {
      server = await startS3Server();
      for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
      beside = await engineBeside(engine, server);
    });
    afterAll(async () => {
      vi.unstubAllEnvs();
      await beside.stop();
      await server.stop();
    });

    const [, song] = moreObjects;
    if (!song) throw new Error('there is no song');

    test.each([
      ['vanishes', /was removed/, 'remove'],
      ['is replaced', /was replaced/, 'put'],
    ] as const)('that %s between listing and reading is left out', async (_, what, act) => {
      scene = await openScene(bucketPlace(server, `changes-${folders++}`), beside.engine);
      const { place } = scene;
      await place.put(song);
      const told = {
        key: song.key,
        code: 'OBJECT_CHANGED',
        names: [`${place.root}/${song.key}`, what],
        hint: again,
      } as const;
      await scene.leavesOut(
        told,
        [],
        {},
        once('started', () => fromAnotherProcess(server, act, `${place.root}/${song.key}`)),
      );
      await place.put(...moreObjects);
      await scene.loads(...moreObjects);
    });
  });
});

/** Does it at the first event of that kind in the landing stage, when everything is listed. */
function once(kind: RunEvent['kind'], change: () => void) {
  let done = false;
  return (event: RunEvent) => {
    if (done || event.stage !== 'land' || event.kind !== kind) return;
    done = true;
    change();
  };
}

/** Removes an object or writes other bytes in its place while this process stands still. */
function fromAnotherProcess({ bucket, env }: S3Server, act: 'put' | 'remove', uri: string): void {
  const command = act === 'put' ? 'PutObjectCommand' : 'DeleteObjectCommand';
  const input = { Bucket: bucket, Key: uri.slice(`s3://${bucket}/`.length), ...(act === 'put' && { Body: '{}' }) };
  const script = `import { S3Client, ${command} } from '@aws-sdk/client-s3';
    const client = new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
    await client.send(new ${command}(${JSON.stringify(input)}));`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: { ...process.env, ...env },
  });
}
