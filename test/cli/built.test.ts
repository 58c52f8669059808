import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { writeBucket } from '../support/bucket.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';

const repository = resolve(import.meta.dirname, '../..');

/** The program as it is published, built into a folder of its own and run as a child. */
describe('the built program', () => {
  let folder: string;
  let bin: string;

  beforeAll(() => {
    folder = temporaryFolder();
    const built = join(folder, 'package');
    execFileSync(process.execPath, [join(repository, 'scripts/bundle.mjs'), join(built, 'dist')]);
    cpSync(join(repository, 'package.json'), join(built, 'package.json'));
    symlinkSync(join(repository, 'node_modules'), join(built, 'node_modules'));
    // As npm installs it: an executable link.
    mkdirSync(join(folder, 'bin'));
    bin = join(folder, 'bin/sparkify');
    symlinkSync(join(built, 'dist/cli/main.js'), bin);
    chmodSync(bin, 0o755);
    writeBucket(join(folder, 'bucket'), [logOf(eventLine(), '{broken'), songFile()]);
  });
  afterAll(() => removeFolder(folder));

  const sparkify = (...argv: string[]) => {
    const { status, stdout, stderr } = spawnSync(bin, argv, { cwd: folder, encoding: 'utf8', env: withoutSettings() });
    return { code: status, stdout, stderr };
  };

  /** By name, each once. */
  const packagesLoadedBy = (argv: readonly string[]): string[] => {
    const imports = join(folder, 'imports', randomUUID());
    mkdirSync(join(folder, 'imports'), { recursive: true });
    const recorder = join(import.meta.dirname, 'record-imports.mjs');
    execFileSync(process.execPath, ['--import', recorder, bin, ...argv], {
      cwd: folder,
      env: { ...withoutSettings(), IMPORTS_FILE: imports },
    });
    const names = readFileSync(imports, 'utf8').matchAll(/^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/gm);
    return [...new Set([...names].map(([, name = '']) => name))];
  };

  test('tells its version', () => {
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
    expect(sparkify('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([['--version'], ['--help'], ['run', '--help']])('loads no package but commander for %s %s', (...argv) => {
    expect(packagesLoadedBy(argv)).toEqual(['commander']);
  });

  test('exits with 0 when done, 1 when failed and 2 for wrong usage', () => {
    expect(sparkify('sql').code).toBe(0);
    expect(sparkify('status')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^✖ TARGET_EMPTY /),
    });
    expect(sparkify('rnu')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean run?'),
    });
  });

  test('loads and answers', () => {
    const report = sparkify('run', '--from', 'bucket', '--json');
    expect(report).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(report.stdout)).toMatchObject({ outcome: 'loaded' });
    expect(sparkify('query', 'plays_by_level')).toEqual({
      code: 0,
      stdout: 'level,plays,listeners\nfree,1,1\n',
      stderr: '',
    });
  });

  test('loads no package but commander for a run with nothing new', () => {
    const again = ['run', '--from', 'bucket', '--target', 'duckdb:again.duckdb'];
    expect(sparkify(...again)).toMatchObject({ code: 0 });
    expect(packagesLoadedBy(again)).toEqual(['commander']);
  });

  test('keeps stderr clean of the advice of the AWS SDK', () => {
    const { code, stdout, stderr } = sparkify('doctor', '--from', 's3://no-such-bucket', '--json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ ok: false, hint: expect.any(String) })]),
    });
  });

  test('finishes a run whose reader has gone', async () => {
    const child = spawn(bin, ['run', '--from', 'bucket', '--target', 'duckdb:piped.duckdb'], {
      cwd: folder,
      env: withoutSettings(),
    });
    child.stdout.destroy();
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(Buffer.concat(errors).toString()).toBe('');
    expect(JSON.parse(sparkify('status', '--target', 'duckdb:piped.duckdb', '--json').stdout)).toMatchObject({
      runs: [{ state: 'done' }],
    });
  });

  describe('that is asked to stop', () => {
    /** Each day of 2,000 plays, which are one batch under --batch-bytes. */
    const days = 12;
    const events = days * 2_000;
    const dayOf = (day: number) => ({
      key: `log_data/2018/11/2018-11-${String(day).padStart(2, '0')}-events.json`,
      content: Array.from({ length: 2_000 }, (_, item) => eventLine({ sessionId: day, itemInSession: item })).join(
        '\n',
      ),
    });
    beforeAll(() =>
      writeBucket(
        join(folder, 'days'),
        [...Array(days).keys()].map((day) => dayOf(day + 1)),
      ),
    );

    const start = (argv: readonly string[], env: NodeJS.ProcessEnv = {}) => {
      const child = spawn(bin, argv, { cwd: folder, env: { ...withoutSettings(), ...env } });
      const told = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk: Buffer) => (told.stdout += chunk));
      child.stderr.on('data', (chunk: Buffer) => (told.stderr += chunk));
      const seen = async (text: string | RegExp, stream: 'stdout' | 'stderr' = 'stdout') => {
        while (!told[stream].match(text)) await once(child[stream], 'data');
      };
      return { child, told, seen, ended: once(child, 'close') };
    };
    const staged = (target: string): number => {
      const sql = 'select count(*) as n from staging_events';
      return JSON.parse(sparkify('query', '--sql', sql, '--target', target, '--json').stdout).rows[0].n;
    };
    const stopping = 'stopping: what is not being committed yet is rolled back; a second signal ends at once\n';
    const stopped = /INTERRUPTED The run was asked to stop|Stopped as asked after \d+ batch/;

    test.each(['SIGINT', 'SIGTERM'] as const)(
      'by %s keeps whole batches, and the next run completes what is there',
      async (signal) => {
        const run = ['run', '--from', 'days', '--target', `duckdb:${signal}.duckdb`];
        const { child, told, seen, ended } = start([...run, '--batch-bytes', '1B']);
        await seen(/(… land[\s\S]*){4}/);
        child.kill(signal);
        expect(await ended).toEqual([1, null]);
        expect(told.stderr.startsWith(stopping)).toBe(true);
        expect(told.stdout + told.stderr).toMatch(stopped);
        const rows = staged(`duckdb:${signal}.duckdb`);
        expect(rows % 2_000).toBe(0);
        expect(rows).toBeGreaterThanOrEqual(3 * 2_000);
        expect(rows).toBeLessThan(events);
        expect(sparkify(...run)).toMatchObject({ code: 0, stderr: '' });
        expect(staged(`duckdb:${signal}.duckdb`)).toBe(events);
        expect(sparkify('verify', '--target', `duckdb:${signal}.duckdb`).code).toBe(0);
      },
    );

    test('within its only batch changes nothing, and stands in the ledger', async () => {
      const run = ['run', '--from', 'days', '--target', 'duckdb:whole.duckdb'];
      const { child, told, seen, ended } = start(run);
      await seen('… land');
      child.kill('SIGINT');
      expect(await ended).toEqual([1, null]);
      expect(told.stderr).toMatch(
        new RegExp(`^${stopping}✖ INTERRUPTED .*\\n  Nothing was changed\\.\\n {2}→ Run again to load the rest\\.\\n$`),
      );
      expect(staged('duckdb:whole.duckdb')).toBe(0);
      const { runs } = JSON.parse(sparkify('status', '--target', 'duckdb:whole.duckdb', '--json').stdout);
      expect(runs).toMatchObject([{ state: 'failed', errorCode: 'INTERRUPTED' }]);
      expect(sparkify(...run).code).toBe(0);
      expect(staged('duckdb:whole.duckdb')).toBe(events);
    });

    test('ends at once when it is asked a second time', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
      const { child, seen, ended } = start(['run', '--from', 's3://bucket'], env);
      await once(silent, 'connection');
      child.kill('SIGINT');
      await seen(stopping, 'stderr');
      // A signal that npm hands on right away is the same one.
      child.kill('SIGINT');
      await sleep(1_000);
      expect(child.exitCode ?? child.signalCode).toBe(null);
      child.kill('SIGINT');
      expect(await ended).toEqual([null, 'SIGINT']);
      silent.close();
    });
  });

  test('takes its settings from variables and the file', () => {
    const { status } = spawnSync(bin, ['status'], {
      cwd: folder,
      env: { ...withoutSettings(), SPARKIFY_TARGETT: 'x' },
    });
    expect(status).toBe(2);
  });
});

/** No settings of whoever runs the tests, no credentials, and no waiting for those of a machine in the cloud. */
function withoutSettings(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(SPARKIFY|AWS)_/.test(name));
  return {
    ...Object.fromEntries(kept),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'us-east-1',
    HOME: '/nonexistent',
  };
}
