import { chmod, constants, copyFile, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type FileObject, refuseFolder } from './prepare.ts';
import type { Scan } from './scan.ts';
import { waitForAll } from './wait-for-all.ts';

const copiesAtOnce = 4;

/**
 * Copies files, as many at a time as there is room for, without a byte order mark and with their irregular lines masked:
 * overwritten by a number and blanks, which is JSON but no object, so that DuckDB's reader makes a row of NULLs of the
 * line whatever stood there. The copies are gone when the next ones are asked for.
 */
export async function* maskedCopies(
  files: readonly FileObject[],
  folder: string,
  roomBytes: number,
): AsyncGenerator<readonly FileObject[]> {
  const limit = pLimit(copiesAtOnce);
  for (const part of partsOf(files, roomBytes)) {
    const copies = await waitForAll(part.map((file) => limit(() => maskedCopy(file, folder))));
    yield copies;
    await waitForAll(copies.map(({ path }) => rm(path)));
  }
}

/** Files in order, cut into parts of no more bytes than that, or of one file. */
function partsOf(files: readonly FileObject[], roomBytes: number): FileObject[][] {
  const parts: FileObject[][] = [];
  let room = 0;
  for (const file of files) {
    const { contentBytes } = file.scan;
    if (parts.length === 0 || contentBytes > room) {
      parts.push([]);
      room = roomBytes;
    }
    parts.at(-1)?.push(file);
    room -= contentBytes;
  }
  return parts;
}

async function maskedCopy(file: FileObject, folder: string): Promise<FileObject> {
  const path = join(folder, `${file.tally.objectId}-masked.json`);
  await copyMasked(file, path).catch(refuseFolder(folder, file.tally.object.uri));
  return { ...file, path };
}

async function copyMasked({ path: from, scan }: { path: string; scan: Scan }, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  // The copy has the mode of the file, which may be one that nobody writes to.
  await chmod(to, 0o600);
  const blank = Buffer.from('   ');
  const mask = Buffer.alloc(scan.longestLineBytes, ' ');
  mask.write('0');
  const copy = await open(to, 'r+');
  try {
    if (scan.hasMark) await copy.write(blank, 0, blank.length, 0);
    for (const { start, end } of scan.irregular ?? []) await copy.write(mask, 0, end - start, start);
  } finally {
    await copy.close();
  }
}
