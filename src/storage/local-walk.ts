import { isUtf8 } from 'node:buffer';
import { type BigIntStats, type Dirent, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, messageOf, SparkifyError } from '../errors.ts';
import { compareKeys, folderPrefix } from './keys.ts';
import { denied, versionOf } from './local-version.ts';
import type { StoredObject } from './object-store.ts';

/** A folder being walked: its path and key with a slash at the end, and the folders it was reached through, itself last. */
interface Folder {
  readonly path: string;
  readonly prefix: string;
  readonly chain: readonly string[];
}

/**
 * Every regular file below `folder` of the absolute path `root`, in byte order of the key; synchronous, since that is several
 * times quicker than promises. Links are followed, except into a folder they were reached through. What has no
 * content is no object: links that lead nowhere, sockets, pipes and devices.
 * @throws ROOT_NOT_FOUND, STORAGE_DENIED, OBJECT_UNREADABLE for a file name that is not UTF-8
 */
export function walkFolder(root: string, folder: string): StoredObject[] {
  confirmRoot(root);
  const prefix = folderPrefix(folder);
  const path = folderPrefix(root) === '' ? `/${prefix}` : `${folderPrefix(root)}${prefix}`;
  const stats = statOf(path);
  if (!stats?.isDirectory()) return [];
  const found: StoredObject[] = [];
  walk({ path, prefix, chain: [identityOf(stats)] }, found);
  return found.sort((a, b) => compareKeys(a.key, b.key));
}

/** The file with this key as an object, or undefined where no regular file is. Errors as `walkFolder`. */
export function findFile(root: string, key: string): StoredObject | undefined {
  confirmRoot(root);
  const path = `${root === '/' ? '' : root}/${key}`;
  const stats = key === '' ? undefined : statOf(path);
  return stats?.isFile() ? objectOf(key, path, stats) : undefined;
}

/** What the system knows about a path, links followed, or undefined where nothing is. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (codeOf(error) === 'ELOOP' || codeOf(error) === 'ENOTDIR') return undefined;
    throw listError(error, path);
  }
}

function confirmRoot(root: string): void {
  const stats = statOf(root);
  if (stats?.isDirectory()) return;
  if (stats === undefined) {
    throw new SparkifyError('ROOT_NOT_FOUND', `The folder ${root} does not exist.`, {
      hint: 'Give an existing folder or s3://bucket/prefix. A relative path starts at the current folder.',
      details: { root },
    });
  }
  throw new SparkifyError('ROOT_NOT_FOUND', `The root ${root} is a file, not a folder.`, {
    hint: `Give the folder that holds it: ${dirname(root)}`,
    details: { root },
  });
}

function walk(folder: Folder, found: StoredObject[]): void {
  for (const entry of entriesOf(folder.path)) {
    const path = folder.path + entry.name;
    const stats = statOf(path);
    if (stats?.isFile()) found.push(objectOf(folder.prefix + entry.name, path, stats));
    else if (stats?.isDirectory()) walkInto(folder, entry.name, stats, found);
  }
}

function walkInto({ path, prefix, chain }: Folder, name: string, stats: BigIntStats, found: StoredObject[]): void {
  const identity = identityOf(stats);
  if (chain.includes(identity)) return;
  walk({ path: `${path}${name}/`, prefix: `${prefix}${name}/`, chain: [...chain, identity] }, found);
}

function entriesOf(path: string): Dirent[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    if (entries.some(({ name }) => name.includes('\uFFFD'))) confirmUtf8Names(path);
    return entries;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw listError(error, path);
  }
}

// Node puts U+FFFD for what is not UTF-8. A name may also hold a real one, which only its bytes tell.
function confirmUtf8Names(path: string): void {
  const broken = readdirSync(path, { encoding: 'buffer' }).find((name) => !isUtf8(name));
  if (broken === undefined) return;
  const name = broken
    .toString('latin1')
    .replace(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  throw new SparkifyError('OBJECT_UNREADABLE', `A file name in ${path} is not valid UTF-8: ${name}`, {
    hint: 'Rename the file (convmv converts whole folders), or move it out of the root.',
    details: { path, name },
  });
}

function objectOf(key: string, path: string, stats: BigIntStats): StoredObject {
  return { key, uri: path, sizeBytes: Number(stats.size), version: versionOf(stats) };
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

function listError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof SparkifyError || code === undefined) return error;
  if (code === 'EACCES' || code === 'EPERM') return denied(path, error);
  return new SparkifyError('STORAGE_UNREACHABLE', `${path} could not be listed: ${messageOf(error)}`, {
    hint: 'Look at the folder with another program to see whether the disk or the mount is at fault.',
    cause: error,
    details: { path, code },
    retryable: true,
  });
}
