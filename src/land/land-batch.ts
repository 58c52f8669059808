import { tmpdir } from 'node:os';
import { engineFailure } from '../engines/duckdb/failures.ts';
import type { LandingTable } from '../engines/engine.ts';
import type { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import { comment } from '../sql/quote.ts';
import { isUnreadable, type ObjectStore } from '../storage/object-store.ts';
import { addAllLines, addObject, addSomeLines } from './add-lines.ts';
import { balance } from './balance.ts';
import { hashOf, readWhole, type WholeContent } from './content.ts';
import { type FilePath, openFilePath, type Undecided } from './file-path.ts';
import { collectKeys, emptySample, type KeyCollector, type KeySample, mergeSamples } from './key-sample.ts';
import { keyTree } from './key-tree.ts';
import type { LandedBatch, NumberedObject, Reject } from './landed.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { markLength } from './lines.ts';
import type { Mapping } from './mapping.ts';
import { discardGroup, type FileObject, groupsOf, type Prepared, type Preparing, prepareGroup } from './prepare.ts';
import { openRawPath, type RawPath } from './raw-path.ts';
import { readAhead } from './read-ahead.ts';
import { sampleLines } from './sample-lines.ts';
import { newTally, type Tally } from './tally.ts';
import { lazyFolder } from './temporary-folder.ts';
import { waitForAll } from './wait-for-all.ts';

/** What is done so far; never less than what was told before. */
export interface LandProgress {
  readonly objects: number;
  readonly bytes: number;
  readonly lines: number;
}

export interface Batch {
  readonly staging: Staging;
  readonly mapping: Mapping;
  readonly store: ObjectStore;
  /** Numbers are positive, and no rows carry them yet. */
  readonly objects: readonly NumberedObject[];
  readonly landing: LandingTable;
  /** Called with bounded chunks, in order of object and line. */
  readonly onRejects: (rejects: readonly Reject[]) => Promise<void>;
  readonly onProgress?: (progress: LandProgress) => void;
  /**
   * Called for an object of which nothing could be read (OBJECT_UNREADABLE, OBJECT_CHANGED, STORAGE_DENIED); the others
   * go on. Without it the error is thrown, as it is for an object that changes when some of it is parsed already.
   */
  readonly onUnreadable?: (object: NumberedObject, error: SparkifyError) => void;
  /** Where copies of remote objects are put for a while, in a folder of their own. */
  readonly temporaryFolder?: string;
  readonly limits?: Partial<Limits>;
}

/**
 * Parses objects into typed rows of the landing table. Lines that do not fit are handed over as rejects; no statement
 * fails because of what a line holds, as that would end the transaction it stands in.
 * @throws BALANCE, and what the store throws
 */
export async function landBatch(batch: Batch): Promise<LandedBatch> {
  const work = begin(batch);
  const raw = await openRawPath({ ...batch, limits: work.limits });
  const parser = openFilePath({ ...batch, ...work, onParsing: work.parsing });
  try {
    for await (const group of readAhead(groupsOf(work.tallies, work), 1, (group) => prepareGroup(group, work))) {
      const undecided = await decideFiles(group, parser, work);
      await decideOthers(group, undecided, raw, work);
      await discardGroup(group);
    }
    await raw.flush();
    await batch.store.confirmUnchanged(work.inPlace.map(({ object }) => object));
    const tallies = work.tallies.filter((tally) => !work.unreadable.has(tally));
    return { objects: await balance(tallies, batch.staging, batch.landing), keys: work.sampled() };
  } catch (error) {
    throw engineFailure(comment(`land ${batch.staging.name}`), error);
  } finally {
    raw.close();
    await work.removeFolder();
  }
}

/** What all steps of one batch share. */
interface Work extends Preparing {
  readonly tallies: readonly Tally[];
  readonly unreadable: Set<Tally>;
  readonly inPlace: Tally[];
  readonly removeFolder: () => Promise<void>;
  /** Of the objects that are read into memory. */
  readonly keys: KeyCollector;
  /** Takes what was sampled of a file. */
  readonly addSample: (ofFile: KeySample) => void;
  /** The keys of all objects that could be read. */
  readonly sampled: () => KeySample;
  /** Tells that an object is done. */
  readonly finish: (tally: Tally) => void;
  /** Tells how much of what comes next is parsed already. */
  readonly parsing: (bytes: number) => void;
}

function begin(batch: Batch): Work {
  const { staging, mapping, store, objects, limits, temporaryFolder, onUnreadable, onProgress } = batch;
  const zero = objects.find(({ objectId }) => objectId <= 0n);
  if (zero) throw new RangeError(`objects are numbered from 1, but ${zero.object.uri} has ${zero.objectId}`);
  const unreadable = new Set<Tally>();
  let done: LandProgress = { objects: 0, bytes: 0, lines: 0 };
  let shownBytes = 0;
  const read = keyTree(Object.values(mapping.paths));
  const keys = collectKeys(read);
  let ofFiles = emptySample;
  const show = (progress: LandProgress) => {
    shownBytes = Math.max(shownBytes, progress.bytes);
    onProgress?.({ ...progress, bytes: shownBytes });
  };
  return {
    store,
    framing: staging.source.framing,
    limits: { ...defaultLimits, ...limits },
    tallies: objects.map(newTally),
    unreadable,
    inPlace: [],
    read,
    keys,
    addSample: (ofFile) => {
      ofFiles = mergeSamples([ofFiles, ofFile]);
    },
    sampled: () => mergeSamples([ofFiles, keys.sample()]),
    ...lazyFolder(temporaryFolder ?? tmpdir()),
    finish: ({ contentBytes, linesRead }) => {
      done = { objects: done.objects + 1, bytes: done.bytes + contentBytes, lines: done.lines + linesRead };
      show(done);
    },
    parsing: (bytes) => show({ ...done, bytes: done.bytes + bytes }),
    readable: (tally, reading) =>
      reading.catch((error: unknown) => {
        if (!onUnreadable || !isUnreadable(error)) throw error;
        unreadable.add(tally);
        onUnreadable({ object: tally.object, objectId: tally.objectId }, error);
        return undefined;
      }),
  };
}

/** Parses the files of a group; files read in place are hashed meanwhile. */
async function decideFiles(
  group: readonly Prepared[],
  parser: FilePath,
  work: Work,
): Promise<ReadonlyMap<FileObject, Undecided>> {
  const files = group.filter((object) => object.kind === 'file');
  if (files.length === 0) return new Map();
  for (const { tally, scan, isInPlace } of files) {
    tally.contentBytes = scan.contentBytes;
    tally.linesRead = scan.lines;
    tally.linesBlank = scan.blankLines;
    if (isInPlace) work.inPlace.push(tally);
  }
  const parsing = parser.insert(files);
  await waitForAll<unknown>([parsing, hashInPlace(files)]);
  return parsing;
}

async function hashInPlace(files: readonly FileObject[]): Promise<void> {
  for (const { tally, isInPlace, content } of files) {
    if (isInPlace) tally.contentHash = await hashOf(content);
  }
}

/** Hands over, object by object, the lines that the parser has not decided. */
async function decideOthers(
  group: readonly Prepared[],
  undecided: ReadonlyMap<FileObject, Undecided>,
  raw: RawPath,
  work: Work,
): Promise<void> {
  const read = async (object: Prepared) => {
    if (object.kind === 'file') return { object, content: undefined };
    const keepBytes = work.framing === 'object' ? work.limits.lineBytes : Number.POSITIVE_INFINITY;
    const reading = readWhole(work.store, object.tally.object, keepBytes);
    return { object, content: await work.readable(object.tally, reading) };
  };
  for await (const { object, content } of readAhead(group, work.store.concurrency, read)) {
    if (object.kind === 'file') {
      work.addSample(object.keys);
      await decideFile(object, undecided.get(object), raw, work.limits);
    } else if (content) await decideWhole(object.tally, content, raw, work);
    if (!work.unreadable.has(object.tally)) work.finish(object.tally);
  }
}

async function decideFile(
  file: FileObject,
  undecided: Undecided | undefined,
  raw: RawPath,
  limits: Limits,
): Promise<void> {
  if (undecided === 'all') await addAllLines(raw, file.tally, file.content, limits);
  else if (undecided) await addSomeLines(raw, file, undecided);
}

async function decideWhole(tally: Tally, content: WholeContent, raw: RawPath, work: Work): Promise<void> {
  const { framing, limits } = work;
  sampleWhole(tally, content, work);
  tally.contentHash = content.contentHash;
  tally.contentBytes = content.contentBytes;
  if (framing === 'object') await addObject(raw, tally, content);
  else await addAllLines(raw, tally, () => [content.bytes], limits);
}

function sampleWhole({ object }: Tally, { bytes, contentBytes }: WholeContent, { framing, limits, keys }: Work): void {
  if (framing === 'object') {
    if (contentBytes <= limits.sampleBytes) keys.add(bytes, markLength(bytes, 0), bytes.length, object.uri);
    return;
  }
  const sampler = sampleLines(limits, (lines, start, end) => keys.add(lines, start, end, object.uri));
  sampler.add(bytes);
  sampler.end();
}
