import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, SparkifyError } from '../errors.ts';
import { type Content, utf8Bytes } from './content.ts';
import { gzipMember } from './gzip-member.ts';
import { type Encode, writeObject } from './write-object.ts';

/** A directory that looks like the app's bucket: keys with `/` below a root. */
export interface Bucket {
  /** Writes one object as it is. */
  writePlain(key: string, content: string): Promise<void>;
  /**
   * Writes one object of data chunk by chunk, compressed if the bucket is, and returns its size in bytes as stored;
   * without a chunk there is no object.
   */
  write(key: string, chunks: Iterable<Content>): Promise<number>;
}

/** Where a bucket is written. */
export interface BucketOptions {
  readonly out: string;
  /** Objects of data are `.gz`. */
  readonly gzip: boolean;
}

/** Holds what is being written, until all of it is there. Below `out`, which may itself be a mount, not to be renamed. */
const unfinished = '.generating';

/**
 * Makes the directory and has it filled, all or nothing: a failure leaves it empty, and a run that was killed leaves
 * only `.generating`, which the next one replaces. So two runs must not write to one directory at a time. A directory
 * that holds anything else is refused, for generated data must not mix with other data.
 */
export async function fillBucket<Result>(
  { out, gzip }: BucketOptions,
  fill: (bucket: Bucket) => Promise<Result>,
): Promise<Result> {
  const folder = join(out, unfinished);
  await refuseUnlessEmpty(out);
  await refusals(out, () => renew(folder));
  try {
    const result = await fill(bucketAt(folder, gzip, out));
    await refusals(out, () => moveUp(folder, out));
    return result;
  } catch (error) {
    // Other objects may still be under way: their folders can come back.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

function bucketAt(folder: string, gzip: boolean, out: string): Bucket {
  const write = (key: string, chunks: Iterable<Content>, encode: Encode) =>
    refusals(out, () => writeObject(join(folder, key), chunks, encode));
  return {
    writePlain: async (key, content) => void (await write(key, [content], utf8Bytes)),
    write: (key, chunks) => (gzip ? write(`${key}.gz`, chunks, gzipMember) : write(key, chunks, utf8Bytes)),
  };
}

async function refuseUnlessEmpty(out: string): Promise<void> {
  const names = await refusals(out, () => namesIn(out));
  if (names.every((name) => name === unfinished)) return;
  throw new SparkifyError('USAGE', `The directory '${out}' is not empty.`, {
    hint: 'Name a directory that does not exist yet or is empty, or remove what an earlier generate left there.',
  });
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function renew(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

async function moveUp(folder: string, out: string): Promise<void> {
  for (const name of await readdir(folder)) await rename(join(folder, name), join(out, name));
  await rmdir(folder);
}

/** Turns what the file system refuses into an expected failure. */
async function refusals<Result>(out: string, attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt();
  } catch (cause) {
    throw refusalOf(out, cause) ?? cause;
  }
}

function refusalOf(out: string, cause: unknown): SparkifyError | undefined {
  switch (codeOf(cause)) {
    case 'ENOTDIR':
    case 'EEXIST':
      return new SparkifyError('USAGE', `'${out}' is no directory.`, { cause, hint: 'Name a directory to write to.' });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new SparkifyError('STORAGE_DENIED', `The file system refuses to write below '${out}'.`, {
        cause,
        hint: 'Name a directory you may write to.',
      });
    case 'ENOSPC':
      return new SparkifyError('STORAGE_DENIED', `There is no space left for '${out}'.`, {
        cause,
        hint: 'Free some space, or generate fewer users or days.',
      });
    default:
      return undefined;
  }
}
