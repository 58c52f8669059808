import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Content } from './content.ts';

/** Turns a chunk into the bytes that are stored for it. */
export type Encode = (chunk: Content) => Uint8Array;

/** Writes a new file chunk by chunk and returns its size in bytes; without a chunk there is no file. */
export async function writeObject(path: string, chunks: Iterable<Content>, encode: Encode): Promise<number> {
  let file: FileHandle | undefined;
  let sizeBytes = 0;
  try {
    for (const chunk of chunks) {
      const bytes = encode(chunk);
      file ??= await create(path);
      await file.writeFile(bytes);
      sizeBytes += bytes.length;
    }
  } finally {
    await file?.close();
  }
  return sizeBytes;
}

async function create(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  return open(path, 'wx');
}
