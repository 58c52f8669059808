import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, SparkifyError } from '../errors.ts';

/** A directory that looks like the app's bucket: keys with `/` below a root. */
export interface Bucket {
  /** Writes one object at once. */
  write(key: string, text: string): Promise<void>;
  /** Writes one object chunk by chunk and returns its size in bytes; without a chunk there is no object. */
  writeChunks(key: string, chunks: Iterable<string>): Promise<number>;
}

/** Makes the directory; one that holds anything is refused, for generated data must not mix with other data. */
export async function createBucket(out: string): Promise<Bucket> {
  await refuseUnlessEmpty(out);
  await refusals(out, () => mkdir(out, { recursive: true }));
  return {
    write: (key, text) => refusals(out, () => writeObject(join(out, key), text)),
    writeChunks: (key, chunks) => refusals(out, () => writeObjectInChunks(join(out, key), chunks)),
  };
}

async function refuseUnlessEmpty(out: string): Promise<void> {
  const names = await refusals(out, () => namesIn(out));
  if (names.length === 0) return;
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

async function writeObject(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function writeObjectInChunks(path: string, chunks: Iterable<string>): Promise<number> {
  const iterator = chunks[Symbol.iterator]();
  let chunk = iterator.next();
  if (chunk.done === true) return 0;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx');
  let sizeBytes = 0;
  try {
    for (; chunk.done !== true; chunk = iterator.next()) {
      const bytes = Buffer.from(chunk.value, 'utf8');
      await file.writeFile(bytes);
      sizeBytes += bytes.length;
    }
  } finally {
    await file.close();
  }
  return sizeBytes;
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
