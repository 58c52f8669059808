import { isUtf8 } from 'node:buffer';
import { type BigIntStats, type Dirent, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, messageOf, SparkifyError } from '../errors.ts';
import { folderPrefix } from './keys.ts';
import { newFoundFiles, objectOf } from './local-files.ts';
import { denied } from './local-version.ts';
import type { Listing, StoredObject } from './object-store.ts';

type OnFile = (path: string, stats: BigIntStats) => void;

/** A folder being walked: its path with a slash at the end, and the folders it was reached through, itself last. */
interface Folder {
  readonly path: string;
  readonly through: readonly string[];
  /** What those folders are, known once a link was followed: without one no folder lies in itself. */
  readonly chain?: readonly string[];
}

/**
 * Every regular file below `folder` of the absolute path `root`; synchronous, since that is several times quicker than
 * promises. Links are followed, except into a folder they were reached through. What has no content is no object: links
 * that lead nowhere, sockets, pipes and devices.
 * @throws ROOT_NOT_FOUND, STORAGE_DENIED, OBJECT_UNREADABLE for a file name that is not UTF-8
 */
export function walkFolder(root: string, folder: string): Listing {
  confirmRoot(root);
  const above = root === '/' ? root : `${root}/`;
  const path = `${above}${folderPrefix(folder)}`;
  const found = newFoundFiles(above.length);
  if (statOf(path)?.isDirectory()) walk({ path, through: [path] }, found.add);
  return found.listing();
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

// What the system is asked for is nearly all that a listing costs: a file's entry says that it is one, a folder's that it
// is no link, so that there is one question for each file and one for each folder.
function walk(folder: Folder, onFile: OnFile): void {
  for (const entry of entriesOf(folder.path)) {
    if (entry.isDirectory() && !folder.chain) walk(within(folder, entry.name), onFile);
    else visit(folder, entry, onFile);
  }
}

function visit(folder: Folder, entry: Dirent, onFile: OnFile): void {
  const path = folder.path + entry.name;
  const stats = statOf(path);
  if (stats && (entry.isFile() || stats.isFile())) onFile(path, stats);
  else if (stats?.isDirectory()) followInto(folder, entry.name, stats, onFile);
}

function followInto(folder: Folder, name: string, stats: BigIntStats, onFile: OnFile): void {
  const chain = folder.chain ?? folder.through.map((path) => identityOf(statOf(path)));
  const identity = identityOf(stats);
  if (!chain.includes(identity)) walk({ ...within(folder, name), chain: [...chain, identity] }, onFile);
}

function within({ path, through }: Folder, name: string): Folder {
  const inside = `${path}${name}/`;
  return { path: inside, through: [...through, inside] };
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

/** Of a folder that is gone it is like no other's. */
function identityOf(stats: BigIntStats | undefined): string {
  return `${stats?.dev}:${stats?.ino}`;
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
