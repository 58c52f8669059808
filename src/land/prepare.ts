import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { codeOf, messageOf, SparkifyError } from '../errors.ts';
import { isGzipKey } from '../storage/keys.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Content } from './content.ts';
import { fileChunks, fileLines, ofObject } from './file-chunks.ts';
import { collectKeys, type KeySample } from './key-sample.ts';
import type { KeyTree } from './key-tree.ts';
import type { Limits } from './limits.ts';
import { sampleLines } from './sample-lines.ts';
import { type Line, type Scan, startScan } from './scan.ts';
import type { Tally } from './tally.ts';
import { waitForAll } from './wait-for-all.ts';

/** An object that DuckDB can parse as a file, its lines counted already. */
export interface FileObject {
  readonly kind: 'file';
  readonly tally: Tally;
  readonly path: string;
  /** Whether it is the root's own file, or a copy for as long as the group is landed. */
  readonly isInPlace: boolean;
  readonly scan: Scan;
  readonly keys: KeySample;
  readonly content: Content;
  /** Reads some lines of it, in order. */
  readonly read: (lines: Iterable<Line>) => AsyncIterable<readonly [Line, Buffer]>;
}

/** An object that is read into memory when its turn comes. */
export interface WholeObject {
  readonly kind: 'whole';
  readonly tally: Tally;
}

export type Prepared = FileObject | WholeObject;

export interface Preparing {
  readonly store: ObjectStore;
  readonly framing: 'line' | 'object';
  readonly limits: Limits;
  /** The keys that columns are filled from. */
  readonly read: KeyTree;
  /** The folder for copies, created when the first one is made. */
  readonly temporaryFolder: () => Promise<string>;
  /** Gives undefined, having told, where an object cannot be read and the others shall go on. */
  readonly readable: <T>(tally: Tally, reading: Promise<T>) => Promise<T | undefined>;
}

/** Content grows about so much when inflated: a guess, for the size of groups and the way to take. */
const inflation = 8;

/** Objects in order, cut into groups that one statement parses. */
export function groupsOf(tallies: readonly Tally[], preparing: Preparing): Tally[][] {
  const { groupBytes, copyBytes } = preparing.limits;
  const groups: Tally[][] = [];
  let room = { parsed: 0, copied: 0 };
  for (const tally of tallies) {
    const bytes = contentBytesOf(tally);
    const copied = isLarge(tally, preparing) && pathInPlace(tally, preparing) === undefined ? bytes : 0;
    const group = groups.at(-1);
    if (group && bytes <= room.parsed && copied <= room.copied) group.push(tally);
    else {
      groups.push([tally]);
      room = { parsed: groupBytes, copied: copyBytes };
    }
    room.parsed -= bytes;
    room.copied -= copied;
  }
  return groups;
}

/** Scans the larger objects of a group, those that are not plain local files while they are copied to one. */
export async function prepareGroup(group: readonly Tally[], preparing: Preparing): Promise<Prepared[]> {
  const limit = pLimit(preparing.store.concurrency);
  const preparation = async (tally: Tally): Promise<Prepared | undefined> =>
    isLarge(tally, preparing)
      ? limit(() => preparing.readable(tally, prepareFile(tally, preparing)))
      : { kind: 'whole', tally };
  const prepared = await waitForAll(group.map(preparation));
  return prepared.filter((object) => object !== undefined);
}

/** Removes the copies. */
export async function discardGroup(prepared: readonly Prepared[]): Promise<void> {
  for (const object of prepared) {
    if (object.kind === 'file' && !object.isInPlace) await rm(object.path, { force: true });
  }
}

function isLarge(tally: Tally, { framing, limits }: Preparing): boolean {
  return framing === 'line' && contentBytesOf(tally) >= limits.fileBytes;
}

function contentBytesOf({ object }: Tally): number {
  return object.sizeBytes * (isGzipKey(object.key) ? inflation : 1);
}

/** DuckDB takes paths for patterns, in which a backslash cannot be told apart from an escape. */
function pathInPlace({ object }: Tally, { store }: Preparing): string | undefined {
  const path = store.localPath(object);
  return path?.includes('\\') ? undefined : path;
}

async function prepareFile(tally: Tally, preparing: Preparing): Promise<FileObject> {
  const path = pathInPlace(tally, preparing);
  return path === undefined ? copied(tally, preparing) : scanned(tally, path, preparing);
}

async function scanned(tally: Tally, path: string, preparing: Preparing): Promise<FileObject> {
  const content = () => ofObject(tally.object, fileChunks(path));
  const read = (lines: Iterable<Line>) => ofObject(tally.object, fileLines(path, lines));
  const reader = startReading(tally, preparing);
  for await (const chunk of content()) reader.add(chunk);
  return { kind: 'file', tally, path, isInPlace: true, ...reader.end(), content, read };
}

/** Scans all lines of an object and takes the keys of the first ones. */
function startReading({ object }: Tally, { limits, read }: Preparing) {
  const scanner = startScan(limits.lineBytes);
  const keys = collectKeys(read);
  const sampler = sampleLines(limits, (lines, start, end) => keys.add(lines, start, end, object.uri));
  return {
    add: (chunk: Buffer) => {
      scanner.add(chunk);
      sampler.add(chunk);
    },
    end: () => {
      sampler.end();
      return { scan: scanner.end(), keys: keys.sample() };
    },
  };
}

async function copied(tally: Tally, preparing: Preparing): Promise<FileObject> {
  const { store, temporaryFolder } = preparing;
  const folder = await temporaryFolder();
  const path = join(folder, `${tally.objectId}.json`);
  const refuse = refuseFolder(folder, tally.object.uri);
  const reader = startReading(tally, preparing);
  const hash = createHash('sha256');
  const file = await open(path, 'w').catch(refuse);
  try {
    for await (const chunk of store.open(tally.object)) {
      reader.add(chunk);
      hash.update(chunk);
      await file.writeFile(chunk).catch(refuse);
    }
  } finally {
    await file.close();
  }
  tally.contentHash = hash.digest('hex');
  return {
    kind: 'file',
    tally,
    path,
    isInPlace: false,
    ...reader.end(),
    content: () => fileChunks(path),
    read: (lines) => fileLines(path, lines),
  };
}

/** What a failure to write to the folder for copies becomes: TEMPORARY_FOLDER_UNUSABLE, naming it. */
export function refuseFolder(folder: string, what = 'Objects'): (cause: unknown) => never {
  return (cause) => {
    const reason = codeOf(cause) ?? messageOf(cause);
    throw new SparkifyError('TEMPORARY_FOLDER_UNUSABLE', `${what} cannot be copied to ${folder}: ${reason}.`, {
      hint: 'Free some space there, or set TMPDIR to a folder with room for two gigabytes.',
      cause,
      details: { folder },
      retryable: true,
    });
  };
}
