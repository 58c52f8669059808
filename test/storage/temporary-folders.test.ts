import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lazyFolder } from '../../src/land/temporary-folder.ts';
import { removeDeadFolders, temporaryPrefix } from '../../src/storage/temporary-folders.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';

const repository = resolve(import.meta.dirname, '../..');
const inNode = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval'] as const;
/** Starts a process with process numbers of its own, as containers have, and with a certain one. */
const inContainer = (pid: number): readonly string[] => {
  const script = `echo ${pid - 1} > /proc/sys/kernel/ns_last_pid; "$@" & wait`;
  return ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-ec', script, 'sh'];
};
const [unshare = '', ...trial] = inContainer(1_000);
/** Whether this user may do that. */
const canContain = spawnSync(unshare, [...trial, 'true']).status === 0;

let parent: string;
let children: ChildProcess[];
beforeEach(() => {
  parent = temporaryFolder();
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  removeFolder(parent);
});

/** A script that makes the folder a run would, with a file in it, says so, and waits. */
const holding = `import { writeFileSync } from 'node:fs';
  const { lazyFolder } = await import(${JSON.stringify(join(repository, 'src/land/temporary-folder.ts'))});
  const folder = await lazyFolder(process.env.PARENT).temporaryFolder();
  writeFileSync(folder + '/1.json', 'x');
  console.log(folder);
  setInterval(() => {}, 1000);`;

async function hold(...before: readonly string[]) {
  const [command = '', ...args] = [...before, ...inNode, holding];
  const child = spawn(command, args, { cwd: repository, env: { ...process.env, PARENT: parent } });
  children.push(child);
  const exited = once(child, 'exit');
  const [said] = await once(child.stdout, 'data');
  return {
    path: String(said).trim(),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A folder in the parent, last written to so many hours ago. */
function folderOf(name: string, hours = 0, files: Readonly<Record<string, number>> = {}): string {
  const path = join(parent, name);
  mkdirSync(path);
  const date = (ago: number) => new Date(Date.now() - ago * 3_600_000);
  for (const [file, ago] of Object.entries(files)) {
    writeFileSync(join(path, file), 'x');
    utimesSync(join(path, file), date(ago), date(ago));
  }
  utimesSync(path, date(hours), date(hours));
  return path;
}

/** A process number that no process has: of one that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;

describe('the temporary folders of runs', () => {
  test('go once their process was killed, and not before', async () => {
    const [killed, living] = [await hold(), await hold()];
    await removeDeadFolders(parent);
    expect([killed.path, living.path].map(existsSync)).toEqual([true, true]);
    await killed.kill();
    expect(readdirSync(killed.path)).toEqual(['1.json']);
    await removeDeadFolders(parent);
    expect([killed.path, living.path].map(existsSync)).toEqual([false, true]);
    await living.kill();
  });

  test('go with their process where it ends well', async () => {
    const folder = lazyFolder(parent);
    writeFileSync(join(await folder.temporaryFolder(), '1.json'), 'x');
    await removeDeadFolders(parent);
    expect(readdirSync(parent)).toHaveLength(1);
    await folder.removeFolder();
    expect(readdirSync(parent)).toEqual([]);
  });

  test('of rows that did not fit into the memory go as well', async () => {
    const prefix = (await temporaryPrefix('landing')).replace(`-${process.pid}-`, `-${deadPid()}-`);
    const left = folderOf(`${prefix}abc`, 0, { 'duckdb_temp_storage_DEFAULT-0.tmp': 0 });
    await removeDeadFolders(parent);
    expect(existsSync(left)).toBe(false);
  });

  test('from another boot, machine or container go when nothing was written there for a day', async () => {
    const of = (name: string) => `sparkify-land-${deadPid()}-0123456789ab-${name}`;
    const kept = [folderOf(of('young')), folderOf(of('used'), 48, { '1.json': 48, '2.json': 1 })];
    const left = [folderOf(of('old'), 25), folderOf(of('unused'), 48, { '1.json': 48 })];
    await removeDeadFolders(parent);
    expect(kept.filter(existsSync)).toEqual(kept);
    expect(left.filter(existsSync)).toEqual([]);
  });

  test.skipIf(!canContain)(
    'of a container that shares the folder stay, as its numbers mean other processes',
    async () => {
      const pid = deadPid();
      const living = await hold(...inContainer(pid));
      expect(living.path).toContain(`-land-${pid}-`);
      await removeDeadFolders(parent);
      expect(existsSync(living.path)).toBe(true);
      await living.kill();
    },
  );

  test('are told from what else there is by their names, and from links to elsewhere', async () => {
    const dead = (await temporaryPrefix('land')).replace(`-${process.pid}-`, `-${deadPid()}-`);
    const others = ['sparkify-land-', 'sparkify-land-1-', `x${dead}a`, dead.replace('land', 'lands')];
    for (const name of others) folderOf(name, 48);
    const elsewhere = folderOf('elsewhere', 0, { 'mine.txt': 0 });
    symlinkSync(elsewhere, join(parent, `${dead}link`));
    writeFileSync(join(parent, `${dead}file`), 'x');
    const before = readdirSync(parent);
    await removeDeadFolders(parent);
    expect(readdirSync(parent)).toEqual(before);
    expect(readdirSync(elsewhere)).toEqual(['mine.txt']);
  });

  test.skipIf(process.getuid?.() !== 0)('of other users stay', async () => {
    const dead = (await temporaryPrefix('land')).replace(`-${process.pid}-`, `-${deadPid()}-`);
    const path = folderOf(`${dead}theirs`);
    chownSync(path, 65_534, 65_534);
    await removeDeadFolders(parent);
    expect(existsSync(path)).toBe(true);
  });

  test('are looked for in a folder that may not be there', async () => {
    await expect(removeDeadFolders(join(parent, 'none'))).resolves.toBeUndefined();
  });
});
