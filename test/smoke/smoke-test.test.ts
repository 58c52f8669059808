import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPoints } from '../../smoke/questions/index.ts';
import { smokeTest } from '../../smoke/smoke-test.ts';
import {
  firstObjects,
  openWarehouse,
  type Servers,
  startServers,
  type TestWarehouse,
} from '../engines/redshift/warehouse.ts';
import { redshiftErrors } from '../redshift/faults.ts';
import { defaultRole, defaultUser } from '../redshift/stand-in.ts';

let servers: Servers;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(() => {
  warehouse = openWarehouse(servers);
  warehouse.put(...firstObjects);
});
afterEach(async () => {
  servers.standIn.faults.clear();
  await warehouse.remove();
});

async function runScript(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'smoke/run.ts'], {
    env: { ...process.env, SPARKIFY_FROM: '', ...environment },
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}

const databases = () => warehouse.ask("select datname from pg_database where datname like 'sparkify_smoke_%'");

describe('the smoke test', () => {
  test('reports every step and every open point, without a secret, and leaves nothing behind', async () => {
    const { code, stdout } = await runScript({ SPARKIFY_TARGET: warehouse.target });
    expect(stdout).toMatch(/^# Smoke test on Amazon Redshift: passed\n/);
    expect(code).toBe(0);
    for (const fact of [/\| date \| 2\d{3}-/, /\| warehouse \| .*Redshift /, /\| run \| passed \| loaded, batches: 1/])
      expect(stdout).toMatch(fact);
    expect(stdout).toMatch(/\| run again \| passed \| nothing new/);
    expect(stdout).toMatch(/\| verify \| passed \| (\d+) of \1 checks hold \|/);
    const points = [...stdout.matchAll(/^\| (\d+|–) \| /gm)].map(([, point]) => point);
    expect(new Set(points)).toEqual(new Set(['–', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11']));
    expect(points).toHaveLength(openPoints.length);
    expect(stdout).not.toMatch(/not answered|does not emulate/);
    const hidden = [defaultUser.password, defaultRole.arn, servers.s3.bucket, warehouse.landing, '127.0.0.1', 'S3RVER'];
    expect(stdout).toMatch(/doctor: events: read \| passed \| ROOT\//);
    for (const secret of hidden) expect(stdout).not.toContain(secret);
    expect(await databases()).toEqual([]);
    expect(await servers.s3.list('')).toEqual([]);
    expect(await warehouse.ask("select 1 from pg_namespace where nspname = 'etl'")).toEqual([]);
  });

  test('needs a target, and says so', async () => {
    expect(await runScript({ SPARKIFY_TARGET: '' })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('SPARKIFY_TARGET'),
    });
  });
});

describe('a report', () => {
  const testWith = (points: readonly number[]) =>
    smokeTest({
      target: warehouse.target,
      root: warehouse.root,
      environment: process.env,
      questions: openPoints.filter(({ point }) => points.includes(point)),
    });
  const refuse = (matching: RegExp) =>
    servers.standIn.faults.add({ matching, outcome: { error: redshiftErrors.diskFull } });

  test('fails where an answer contradicts what the code relies on, and the other questions are asked', async () => {
    refuse(/order by a\) from smoke_order_2/);
    const { passed, report } = await testWith([3, 9]);
    expect(passed).toBe(false);
    expect(report).toMatch(
      /Does a window .*\| refused: XX000 Disk Full \| .*\*\*not as assumed, and the code relies on it/,
    );
    expect(report).toMatch(/Does a DOUBLE come back .*\| as assumed \|/);
  });

  test('passes where another answer matters not, and says why', async () => {
    servers.standIn.faults.snapshotAtBegin = true;
    const { passed, report } = await testWith([4]);
    expect(report).toMatch(/Does a transaction that waited .* not as assumed, and matters not: the UPDATE of one row/);
    expect(report).toMatch(/Is the UPDATE refused .*\| as assumed \|/);
    expect(passed).toBe(true);
  });

  test('fails where what the code relies on cannot be answered', async () => {
    servers.standIn.faults.add({ matching: /create temp table smoke_digits/, outcome: { cut: 'before' } });
    const { passed, report } = await testWith([9]);
    expect(passed).toBe(false);
    expect(report).toMatch(/Does a DOUBLE come back .*\*\*not answered, and the code relies on it/);
    expect(report).toMatch(/How is a DOUBLE rounded .*\| as assumed, and matters not/);
  });

  test('tells of a step that fails, and goes on', async () => {
    servers.standIn.faults.add({ matching: /load what landed/, outcome: { error: redshiftErrors.diskFull } });
    const { passed, report } = await testWith([11]);
    expect(passed).toBe(false);
    expect(report).toMatch(/\| run \| \*\*failed\*\* \| STATEMENT_FAILED load what landed/);
    expect(report).toMatch(/\| 11 \| Are two statements/);
    expect(report).toMatch(/\| drop the database \| passed/);
  });

  test('tells that no database could be created', async () => {
    servers.standIn.faults.add({ matching: /create database/, outcome: { error: redshiftErrors.diskFull } });
    const { passed, report } = await testWith([11]);
    expect(passed).toBe(false);
    expect(report).toMatch(/\| create a database \| \*\*failed\*\*/);
  });
});
