import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine } from '../oracle/build-bucket.ts';
import { writeBucket } from '../support/bucket.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';

const repository = resolve(import.meta.dirname, '../..');
const inNode = ['--import', 'tsx', '--input-type=module', '--eval'];
const module = (path: string): string => JSON.stringify(join(repository, path));

let folder: string;
let root: string;
let target: string;
let copies: string;
const systemFolder = process.env.TMPDIR;

beforeEach(() => {
  folder = temporaryFolder();
  [root, copies] = [join(folder, 'bucket'), join(folder, 'copies')];
  target = `duckdb:${join(folder, 'w.duckdb')}`;
  mkdirSync(copies);
});
afterEach(() => {
  if (systemFolder === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = systemFolder;
  removeFolder(folder);
});

const linesOf = (session: number, count: number): string =>
  Array.from({ length: count }, (_, index) => eventLine({ sessionId: session, itemInSession: index, ts: index })).join(
    '\n',
  );

test('a run removes the copies that a killed one left, also where it makes none itself', async () => {
  const zipped = { key: 'log_data/2018/11/2018-11-01-events.json.gz', content: gzipSync(linesOf(1, 60_000)) };
  writeBucket(root, [zipped]);
  const killed = spawnSync(
    process.execPath,
    [
      ...inNode,
      `import { readdirSync } from 'node:fs';
       const { run } = await import(${module('src/pipeline/run.ts')});
       const { sparkify } = await import(${module('src/sparkify/warehouse.ts')});
       setInterval(() => {
         if (readdirSync(process.env.TMPDIR).some((name) => /-land-/.test(name))) process.kill(process.pid, 'SIGKILL');
       }, 1);
       await run({ warehouse: sparkify, root: ${JSON.stringify(root)}, target: ${JSON.stringify(target)}, toolVersion: 'test' });`,
    ],
    { cwd: repository, env: { ...process.env, TMPDIR: copies } },
  );
  expect([killed.signal, String(killed.stderr)]).toEqual(['SIGKILL', '']);
  // The loader of the killed process leaves something too.
  const left = () => readdirSync(copies).filter((name) => name.startsWith('sparkify-'));
  expect(left()).toEqual([expect.stringMatching(/^sparkify-land-\d+-/)]);
  removeFolder(join(root, zipped.key));
  writeBucket(root, [{ key: 'log_data/2018/11/2018-11-02-events.json', content: linesOf(2, 1) }]);
  process.env.TMPDIR = copies;
  expect(await run({ warehouse: sparkify, root, target, toolVersion: 'test' })).toMatchObject({ outcome: 'loaded' });
  expect(left()).toEqual([]);
});

test('a run removes what a killed process had spilled beside the database', async () => {
  writeBucket(root, [{ key: 'log_data/2018/11/2018-11-02-events.json', content: linesOf(2, 1) }]);
  await run({ warehouse: sparkify, root, target, toolVersion: 'test' });
  const spill = join(folder, 'w.duckdb.tmp');
  const child = spawn(
    process.execPath,
    [
      ...inNode,
      `const { openTarget } = await import(${module('src/engines/index.ts')});
       const session = await openTarget(${JSON.stringify(target)}, { mode: 'write' });
       await session.run("set memory_limit = '100MB'");
       await session.run('create temporary table t as select i, md5(i::varchar) as h from range(4000000) r(i) order by h');
       setInterval(() => {}, 1000);`,
    ],
    { cwd: repository, stdio: 'inherit' },
  );
  const exited = once(child, 'exit');
  const isSpilling = () => existsSync(spill) && readdirSync(spill).some((name) => name.startsWith('duckdb_temp_'));
  await expect
    .poll(isSpilling, { interval: 5, timeout: 30_000 })
    .toBe(true)
    .finally(() => child.kill('SIGKILL'));
  await exited;
  expect(isSpilling()).toBe(true);
  writeBucket(root, [{ key: 'log_data/2018/11/2018-11-03-events.json', content: linesOf(3, 1) }]);
  expect(await run({ warehouse: sparkify, root, target, toolVersion: 'test' })).toMatchObject({ outcome: 'loaded' });
  expect(isSpilling()).toBe(false);
});
