import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { eventLine } from '../oracle/build-bucket.ts';
import type { BucketObject } from '../oracle/read-objects.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';
import { confirmTold, failureOf, folderPlace, moreObjects, openScene, type Scene, snapshot } from './scene.ts';
import { mountDisk, type SmallDisk } from './small-disk.ts';

const repository = resolve(import.meta.dirname, '../..');
const mayNotMount = 'this process may not mount a disk';

/** About 6 MB that no compression makes smaller; a fresh warehouse has 3 MB. */
const much: BucketObject = {
  key: 'log_data/2018/11/2018-11-20-events.json',
  content: Array.from({ length: 3_000 }, (_, item) =>
    eventLine({ sessionId: 20, itemInSession: item, userAgent: randomBytes(1_000).toString('hex') }),
  ).join('\n'),
};

describe.each(testEngines.filter(({ engine }) => engine === 'duckdb'))('on $engine', (engine) => {
  let scene: Scene | undefined;
  let disk: SmallDisk | undefined;
  afterEach(() => {
    scene?.remove();
    disk?.remove();
    [scene, disk] = [undefined, undefined];
    vi.unstubAllEnvs();
  });

  /** A scene whose target lies on a disk of 6 MB. */
  async function sceneOn({ folder }: SmallDisk): Promise<Scene> {
    const create = () => ({ target: `duckdb:${join(folder, 'warehouse.duckdb')}`, remove: () => {} });
    return openScene(folderPlace(), { ...engine, create });
  }

  test('a full disk fails the run, which changes nothing and goes through once there is room', async ({ skip }) => {
    disk = mountDisk(6_000);
    if (!disk) return skip(mayNotMount);
    scene = await sceneOn(disk);
    await scene.place.put(...moreObjects, much);
    const told = {
      code: 'STATEMENT_FAILED',
      names: [disk.folder, 'No space left'],
      hint: /Free some disk space/,
    } as const;
    expect(await scene.fails(told)).toMatchObject({ retryable: true });
    await scene.fails(told);
    disk.remount('size=200m');
    await scene.loads(...moreObjects, much);
  });

  test('a disk too small for an empty warehouse fails the run, and is no hindrance later', async ({ skip }) => {
    disk = mountDisk(8);
    if (!disk) return skip(mayNotMount);
    scene = await openScene(folderPlace(), engine);
    await scene.place.put(...moreObjects);
    const target = `duckdb:${join(disk.folder, 'w.duckdb')}`;
    confirmTold(await failureOf(scene.run({ target })), {
      code: 'TARGET_UNUSABLE',
      names: [disk.folder, 'disk is full'],
      hint: /Free some disk space/,
    });
    disk.remount('size=200m');
    expect(await scene.run({ target })).toMatchObject({ outcome: 'loaded' });
  });

  test('a disk that became read-only fails the run', async ({ skip }) => {
    disk = mountDisk(20_000);
    if (!disk) return skip(mayNotMount);
    scene = await sceneOn(disk);
    await scene.place.put(...moreObjects);
    disk.remount('ro');
    await scene.fails({ code: 'TARGET_UNUSABLE', names: [disk.folder, 'read-only'], hint: /writable/ });
    const target = `duckdb:${join(disk.folder, 'new/w.duckdb')}`;
    confirmTold(await failureOf(scene.run({ target })), {
      code: 'TARGET_UNUSABLE',
      names: [disk.folder, 'cannot be created'],
      hint: /another one/,
    });
    disk.remount('rw');
    await scene.loads(...moreObjects);
  });

  test('a full folder for copies fails the run, which names it', async ({ skip }) => {
    disk = mountDisk(1_000);
    if (!disk) return skip(mayNotMount);
    scene = await openScene(folderPlace(), engine);
    // DuckDB cannot be given a path with a backslash, so that the file is copied as objects of S3 are.
    const copied = { ...much, key: 'log_data/back\\slash.json' };
    await scene.place.put(...moreObjects, copied);
    vi.stubEnv('TMPDIR', disk.folder);
    await scene.fails({
      code: 'TEMPORARY_FOLDER_UNUSABLE',
      names: [copied.key, disk.folder, 'ENOSPC'],
      hint: /TMPDIR/,
    });
    disk.remount('size=200m');
    await scene.loads(...moreObjects, copied);
  });

  test('a limit on the size of files fails the run as a full disk does', async ({ skip }) => {
    if (spawnSync('bash', ['-c', 'ulimit -f 4000']).status !== 0) return skip('there is no bash with ulimit');
    scene = await openScene(folderPlace(), engine);
    await scene.place.put(...moreObjects, much);
    const before = await snapshot(scene.target);
    const elsewhere = temporaryFolder();
    const { status, stdout } = spawnSync(
      'bash',
      [
        '-c',
        'ulimit -f 4000; exec "$@"',
        'bash',
        ...sparkify('run', '--from', scene.place.root, '--target', scene.target),
      ],
      { cwd: elsewhere, encoding: 'utf8' },
    );
    removeFolder(elsewhere);
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({
      status: 1,
      error: {
        code: 'STATEMENT_FAILED',
        message: expect.stringContaining('File too large'),
        hint: expect.stringContaining('Free some disk space'),
      },
    });
    expect(await snapshot(scene.target)).toEqual(before);
    await scene.loads(...moreObjects, much);
  });
});

/** The program from its sources, in a process of its own. */
function sparkify(...argv: readonly string[]): readonly string[] {
  const tsx = join(repository, 'node_modules/tsx/dist/loader.mjs');
  return [process.execPath, '--import', tsx, join(repository, 'src/cli/main.ts'), ...argv, '--json'];
}
