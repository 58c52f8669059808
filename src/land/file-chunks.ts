import { open } from 'node:fs/promises';
import { readError } from '../storage/local-version.ts';
import type { StoredObject } from '../storage/object-store.ts';
import type { Line } from './scan.ts';

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

/** Some lines of a file, in order, each with its bytes, which are valid until the next one is asked for. */
export async function* fileLines(path: string, lines: Iterable<Line>): AsyncGenerator<readonly [Line, Buffer]> {
  const file = await open(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(chunkBytes);
    let window = buffer.subarray(0, 0);
    let windowStart = 0;
    for (const line of lines) {
      const { start, end } = line;
      if (end > windowStart + window.length) {
        if (end - start > buffer.length) buffer = Buffer.allocUnsafe(end - start);
        const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
        window = buffer.subarray(0, bytesRead);
        windowStart = start;
      }
      yield [line, window.subarray(start - windowStart, end - windowStart)];
    }
  } finally {
    await file.close();
  }
}

/**
 * What is read from an object's own file. Whether it is still the version that was listed is for `confirmUnchanged` to say.
 * @throws OBJECT_CHANGED, OBJECT_UNREADABLE, STORAGE_DENIED
 */
export async function* ofObject<T>(object: StoredObject, reading: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* reading;
  } catch (error) {
    throw readError(error, object);
  }
}
