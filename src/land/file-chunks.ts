import { open } from 'node:fs/promises';
import { readError } from '../storage/local-version.ts';
import type { StoredObject } from '../storage/object-store.ts';

const chunkBytes = 1024 * 1024;

/**
 * The bytes of a file, in order. The buffer is used again: a chunk is valid until the next one is asked for. New
 * buffers would cost as much as the reading itself.
 */
export async function* fileChunks(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/**
 * The same of an object's own file. Whether it is still the version that was listed is for `confirmUnchanged` to say.
 * @throws OBJECT_CHANGED, OBJECT_UNREADABLE, STORAGE_DENIED
 */
export async function* objectChunks(object: StoredObject, path: string): AsyncGenerator<Buffer> {
  try {
    yield* fileChunks(path);
  } catch (error) {
    throw readError(error, object);
  }
}
