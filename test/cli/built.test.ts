import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
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
