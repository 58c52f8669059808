import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';

/** What a run keeps in a temporary folder: copies of objects to land, or landed rows that do not fit into the memory. */
export type TemporaryUse = 'land' | 'landing';

const pattern = /^sparkify-land(?:ing)?-(\d+)-([0-9a-f]{12})-/;

/**
 * How the name of a temporary folder of this process must begin, so that it can be told later whose it was:
 * `sparkify-land-<pid>-<where>-`. What follows must make it unique.
 */
export async function temporaryPrefix(use: TemporaryUse): Promise<string> {
  return `sparkify-${use}-${process.pid}-${await whereabouts()}-`;
}

/**
 * Removes the temporary folders of this user's runs that died (a killed process takes nothing away). A folder is
 * removed when its process is gone: known at once where its number means a process of this machine, boot and container;
 * otherwise (before a reboot, or in a container that shares the folder) when nothing has been written there for a day.
 * Where the number belongs to another process by now, the folder stays until the next boot. What cannot be removed is
 * left: it costs space and nothing else.
 */
export async function removeDeadFolders(parent: string = tmpdir()): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const here = await whereabouts();
  for (const name of names) {
    const [, pid, where] = pattern.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(parent, name);
    const isDead = where === here ? isGone(Number(pid)) : await isOld(path);
    if (isDead && (await isOwn(path))) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * Differs between machines, boots and containers, in each of which a process number means another process. Where the
 * system does not tell (it is not Linux), the name of the machine.
 */
async function whereabouts(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const container = await readlink('/proc/self/ns/pid').catch(() => '');
  return createHash('sha256').update(`${hostname()} ${boot.trim()} ${container}`).digest('hex').slice(0, 12);
}

/** Whether no process has this number. One that may not be asked is there. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

const dayMs = 24 * 60 * 60 * 1000;

/** Whether neither the folder nor a file in it has been written to for a day. */
async function isOld(path: string): Promise<boolean> {
  try {
    const names = await readdir(path);
    const found = await Promise.all([path, ...names.map((name) => join(path, name))].map((each) => lstat(each)));
    return found.every(({ mtimeMs }) => Date.now() - mtimeMs > dayMs);
  } catch {
    return false;
  }
}

/** Whether it is a folder, not a link to one, of this user. */
async function isOwn(path: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    return found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
  } catch {
    return false;
  }
}
