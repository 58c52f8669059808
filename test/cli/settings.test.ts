import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Effects } from '../../src/cli/effects.ts';
import { type Flags, readSettings, rootOf } from '../../src/cli/settings.ts';
import { SparkifyError } from '../../src/errors.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';
import { sparkify, sparkifyError } from './in-process.ts';

describe('settings', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  const write = (config: unknown) => writeFileSync(join(folder, 'sparkify.config.json'), JSON.stringify(config));
  const read = (flags: Flags, environment: Effects['environment'] = {}) =>
    readSettings(flags, { environment, folder } as Effects);

  test('are the defaults where nothing is said', async () => {
    expect(await read({})).toEqual({
      from: undefined,
      target: 'duckdb:sparkify.duckdb',
      warehouse: undefined,
      maxConflicts: 0,
      maxRejects: undefined,
      onDrift: 'warn',
      batchBytes: undefined,
      waitMs: 0,
      given: { target: false, warehouse: false },
    });
  });

  test('come from flags, then variables, then the file', async () => {
    write({ from: 'file', target: 'duckdb:file', warehouse: 'file.mjs', maxConflicts: 3 });
    const environment = { SPARKIFY_FROM: 'variable', SPARKIFY_TARGET: 'duckdb:variable', SPARKIFY_MAX_CONFLICTS: '2' };
    expect(await read({ from: 'flag' }, environment)).toMatchObject({
      from: 'flag',
      target: 'duckdb:variable',
      warehouse: 'file.mjs',
      maxConflicts: 2,
    });
  });

  test('take sizes and limits as they are written, as text or number', async () => {
    write({ maxRejects: 7, batchBytes: 1_000 });
    expect(await read({})).toMatchObject({ maxRejects: { lines: 7 }, batchBytes: 1_000 });
    const environment = { SPARKIFY_MAX_REJECTS: '0.5%', SPARKIFY_BATCH_BYTES: '4GiB' };
    expect(await read({}, environment)).toMatchObject({ maxRejects: { percent: 0.5 }, batchBytes: 4 * 1024 ** 3 });
    expect(await read({ maxRejects: '0', batchBytes: '500MB' }, environment)).toMatchObject({
      maxRejects: { lines: 0 },
      batchBytes: 500_000_000,
    });
  });

  test('refuse sizes and limits that are none', async () => {
    for (const [maxRejects, batchBytes] of [
      ['-1', '0'],
      ['101%', '1 potato'],
      ['1.5', '-4GB'],
      ['some', ''],
    ]) {
      await expect(read({ maxRejects, batchBytes })).rejects.toMatchObject({
        details: {
          problems: [
            '--max-rejects must be a whole number from 0, or a percentage as 1%',
            '--batch-bytes must be a size as 500MB or 4GiB',
          ],
        },
      });
    }
    await expect(read({}, { SPARKIFY_MAX_REJECTS: 'x' })).rejects.toThrow('SPARKIFY_MAX_REJECTS must be');
  });

  test('take drift for a warning or a failure, and for nothing else', async () => {
    write({ onDrift: 'fail' });
    expect(await read({})).toMatchObject({ onDrift: 'fail' });
    expect(await read({ onDrift: 'warn' }, { SPARKIFY_ON_DRIFT: 'fail' })).toMatchObject({ onDrift: 'warn' });
    await expect(read({ onDrift: 'ignore' })).rejects.toThrow('--on-drift must be warn or fail');
  });

  test('wait for seconds, and for an hour when no number is given', async () => {
    expect(await read({ wait: '2' })).toMatchObject({ waitMs: 2_000 });
    expect(await read({ wait: true })).toMatchObject({ waitMs: 3_600_000 });
    expect(await read({}, { SPARKIFY_WAIT: '5' })).toMatchObject({ waitMs: 5_000 });
  });

  test('take a variable that is set to nothing for unset', async () => {
    expect(await read({}, { SPARKIFY_TARGET: '', SPARKIFY_DEBUG: '1' })).toMatchObject({
      target: 'duckdb:sparkify.duckdb',
    });
  });

  test('list every problem of every place at once, with where it comes from', async () => {
    write({ targett: 'duckdb:x', maxConflicts: -1, from: 7 });
    const error = await sparkifyError(['run', '--target', 'oracle://x', '--max-conflicts', 'few'], {
      folder,
      environment: { SPARKIFY_FORM: 'data', SPARKIFY_WAIT: '1.5' },
    });
    expect(error).toMatchObject({ exitCode: 2, code: 'USAGE' });
    expect(error.message.split('\n').slice(1)).toEqual([
      '  - from in sparkify.config.json must be a folder or s3://bucket/prefix',
      '  - maxConflicts in sparkify.config.json must be a whole number from 0',
      '  - targett in sparkify.config.json is no setting. Did you mean target?',
      '  - SPARKIFY_WAIT must be a whole number of seconds from 0',
      '  - SPARKIFY_FORM is no setting. Did you mean SPARKIFY_FROM?',
      expect.stringMatching(/^ {2}- --target must be written as duckdb:PATH/),
      '  - --max-conflicts must be a whole number from 0',
    ]);
  });

  test('tell a problem of the file also where a flag stands before it', async () => {
    write({ maxConflicts: 'many' });
    await expect(read({ maxConflicts: '1' })).rejects.toThrow('maxConflicts in sparkify.config.json must');
  });

  test('never repeat a value, which may be a secret', async () => {
    const error = await read({ target: 'mysql://me:hunter2@host' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SparkifyError);
    expect(JSON.stringify([error, (error as SparkifyError).message])).not.toContain('hunter2');
  });

  test.each(['{', '[]', '"text"', 'null'])('refuse a file that holds %s', async (text) => {
    writeFileSync(join(folder, 'sparkify.config.json'), text);
    await expect(read({})).rejects.toThrow(/sparkify\.config\.json (holds no valid JSON|must be one JSON object)/);
  });

  test.each(['run', 'plan'])('must say the root for %s', async (verb) => {
    const { code, stderr } = await sparkify([verb], { folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^✖ USAGE There is no root to read from\.\n {2}→ Give --from ROOT .*SPARKIFY_FROM.*sparkify\.config\.json\.\n$/,
    );
  });

  test('give the root from wherever it is set', async () => {
    expect(rootOf(await read({}, { SPARKIFY_FROM: 's3://bucket' }))).toBe('s3://bucket');
  });
});
