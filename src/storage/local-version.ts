import type { BigIntStats } from 'node:fs';
import { codeOf, SparkifyError } from '../errors.ts';
import type { StoredObject } from './object-store.ts';

/** What tells one version of a file from another. */
export type FileStats = Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs' | 'ino'>;

/** Size, mtime and ctime in nanoseconds and inode: what changes when a file is written, touched or replaced. */
export function versionOf({ size, mtimeNs, ctimeNs, ino }: FileStats): string {
  return `${size}-${mtimeNs}-${ctimeNs}-${ino}`;
}

/**
 * Passes when `stats` (undefined: gone) are those of the listed version.
 * @throws OBJECT_CHANGED
 */
export function confirmVersion(object: StoredObject, stats: BigIntStats | undefined): void {
  if (stats === undefined) throw changed(object, 'was removed');
  if (versionOf(stats) !== object.version) throw changed(object, 'was written or replaced');
}

/** What a failed system call on a listed file means: gone, refused, or unreadable. */
export function readError(error: unknown, object: StoredObject): unknown {
  const code = codeOf(error);
  if (error instanceof SparkifyError || code === undefined) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return changed(object, 'was removed', error);
  if (code === 'EACCES' || code === 'EPERM') return denied(object.uri, error);
  return new SparkifyError('OBJECT_UNREADABLE', `${object.uri} could not be read: ${code}.`, {
    hint: 'Read the file with another program to see whether the disk or the mount is at fault.',
    cause: error,
    details: { uri: object.uri, code },
    retryable: ['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'EIO', 'ESTALE'].includes(code),
  });
}

/** The system does not let this user read `path`. */
export function denied(path: string, cause: unknown): SparkifyError {
  return new SparkifyError('STORAGE_DENIED', `${path} may not be read by this user.`, {
    hint: 'Give the user read permission on it, and for a folder also execute permission (chmod u+rX).',
    cause,
    details: { path },
  });
}

function changed({ uri }: StoredObject, what: string, cause?: unknown): SparkifyError {
  return new SparkifyError('OBJECT_CHANGED', `${uri} ${what} after it was listed.`, {
    hint: 'Run again: the next listing sees it as it is now.',
    cause,
    details: { uri },
    retryable: true,
  });
}
