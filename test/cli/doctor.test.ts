import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { doctor, type Finding } from '../../src/pipeline/doctor.ts';
import { sparkify as warehouse } from '../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { writeBucket } from '../support/bucket.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';
import { sparkify, sparkifyJson } from './in-process.ts';

describe('doctor', () => {
  let folder: string;
  let root: string;
  let file: string;
  beforeEach(() => {
    folder = temporaryFolder();
    root = join(folder, 'bucket');
    file = join(folder, 'new/w.duckdb');
    writeBucket(root, [logOf(eventLine()), songFile()]);
  });
  afterEach(() => removeFolder(folder));

  const broken = async (target = `duckdb:${file}`): Promise<Finding[]> =>
    (await doctor({ warehouse, root, target })).filter(({ ok }) => !ok);

  test('finds nothing wrong with what a run can load, and leaves nothing behind', async () => {
    const { code, stdout } = await sparkify(['doctor', '--from', root, '--target', `duckdb:${file}`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/✔ target +DuckDB v1\.\S+, a run can create it\n/);
    expect(stdout).toMatch(/\nAll is well\.\n$/);
    expect(stdout).not.toContain('✖');
    expect(readdirSync(folder)).toEqual(['bucket']);
  });

  test('leaves a warehouse that is there as it is', async () => {
    await sparkify(['run', '--from', root, '--target', `duckdb:${file}`]);
    const before = { ...statSync(file), names: readdirSync(join(folder, 'new')) };
    expect(await broken()).toEqual([]);
    expect(statSync(file)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs });
    expect(readdirSync(join(folder, 'new'))).toEqual(before.names);
  });

  test('exits with 1 and says what to do where something is wrong', async () => {
    const { code, data } = await sparkifyJson(['doctor', '--target', `duckdb:${file}`]);
    expect(code).toBe(1);
    expect(data.findings).toContainEqual({
      name: 'root',
      ok: false,
      detail: 'none is given',
      hint: expect.stringContaining('--from ROOT'),
    });
  });

  test('finds a root that is not there, and tells it once', async () => {
    root = join(folder, 'elsewhere');
    expect(await broken()).toMatchObject([{ name: 'events: list', detail: expect.stringMatching(/^ROOT_NOT_FOUND /) }]);
  });

  test('finds a source without objects', async () => {
    rmSync(join(root, 'song_data'), { recursive: true });
    writeBucket(root, [{ key: 'song_data/_SUCCESS', content: '' }]);
    expect(await broken()).toMatchObject([{ name: 'songs: list', hint: expect.stringContaining('.json') }]);
  });

  test('finds an object that cannot be read', async () => {
    rmSync(join(root, 'song_data'), { recursive: true });
    writeBucket(root, [{ key: 'song_data/A.json.gz', content: 'no gzip' }]);
    expect(await broken()).toMatchObject([
      { name: 'songs: read', detail: expect.stringMatching(/^OBJECT_UNREADABLE /) },
    ]);
  });

  test.each(['', '{}', '{"jsonpaths":["$.artist"]}'])('finds a JSONPaths file that holds %j', async (text) => {
    writeFileSync(join(root, 'log_json_path.json'), text);
    expect(await broken()).toMatchObject([
      { name: 'events: JSONPaths', detail: expect.stringMatching(/^JSONPATHS_INVALID /) },
    ]);
  });

  test('finds a missing JSONPaths file', async () => {
    rmSync(join(root, 'log_json_path.json'));
    expect(await broken()).toMatchObject([
      { name: 'events: JSONPaths', detail: expect.stringMatching(/^JSONPATHS_INVALID /) },
    ]);
  });

  test('finds a target that is no database, and leaves it as it is', async () => {
    mkdirSync(join(folder, 'new'));
    writeFileSync(file, 'my thesis');
    expect(await broken()).toMatchObject([{ name: 'target', detail: expect.stringMatching(/^TARGET_UNUSABLE /) }]);
    expect(statSync(file).size).toBe(9);
  });

  test('finds a target in a folder that cannot be made', async () => {
    writeFileSync(join(folder, 'new'), '');
    expect(await broken()).toMatchObject([{ name: 'target', detail: expect.stringMatching(/^TARGET_UNUSABLE /) }]);
  });

  test('finds a target that no engine has', async () => {
    expect(await broken('oracle:x')).toMatchObject([
      { name: 'target', detail: expect.stringMatching(/^TARGET_INVALID /) },
    ]);
  });

  test('finds an old Node', async () => {
    const [finding] = await doctor({ warehouse, root, target: `duckdb:${file}`, nodeVersion: '20.18.3' });
    expect(finding).toMatchObject({ name: 'Node.js', ok: false, hint: expect.stringContaining('20.19') });
  });
});
