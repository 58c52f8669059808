import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lazyFolder } from '../../src/land/temporary-folder.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';

const repository = resolve(import.meta.dirname, '../..');
const module = join(repository, 'src/land/temporary-folder.ts');

let parent: string;
beforeEach(() => {
  parent = temporaryFolder();
});
afterEach(() => removeFolder(parent));

/** A process that makes such a folder, puts a file there and is killed. */
function dieWithFolder(): string {
  const script = `import { writeFileSync } from 'node:fs';
    const { lazyFolder } = await import(${JSON.stringify(module)});
    const folder = await lazyFolder(${JSON.stringify(parent)}).temporaryFolder();
    writeFileSync(folder + '/1.json', 'x');
    process.kill(process.pid, 'SIGKILL');`;
  const { signal } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: repository,
  });
  expect(signal).toBe('SIGKILL');
  const [left = ''] = readdirSync(parent);
  return join(parent, left);
}

test('the folder of a run that was killed goes when the next one makes its own, and nothing else does', async () => {
  const left = dieWithFolder();
  expect(readdirSync(left)).toEqual(['1.json']);
  const [others, living] = [join(parent, 'sparkify-land-elsewhere-1-x'), lazyFolder(parent)];
  mkdirSync(others);
  const own = await living.temporaryFolder();
  writeFileSync(join(own, '1.json'), 'x');
  const second = lazyFolder(parent);
  await second.temporaryFolder();
  expect([left, others, own].map(existsSync)).toEqual([false, true, true]);
  await second.removeFolder();
  await living.removeFolder();
  expect(readdirSync(parent)).toEqual(['sparkify-land-elsewhere-1-x']);
});
