import type { LandingTable, Session } from '../engines/engine.ts';
import type { SparkifyError } from '../errors.ts';
import { emptySample, type KeySample, mergeSamples } from '../land/key-sample.ts';
import { landBatch } from '../land/land-batch.ts';
import type { LandedObject, NumberedObject, Reject } from '../land/landed.ts';
import type { Mapping } from '../land/mapping.ts';
import { rejects } from '../ledger/tables.ts';
import type { Staging } from '../model/staging.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { contentBytes, type LandedItem, type LandItem, type NumberedItem, type SourceBatch } from './batches.ts';
import { copySource, mayCopy } from './copy-source.ts';
import { textsOf } from './replay.ts';
import { tailsOf } from './tails.ts';

export interface LandSource {
  readonly session: Session;
  readonly store: ObjectStore;
  readonly source: SourceBatch;
  /** The number of the first object; the next ones follow, and behind them that of a COPY, where there is one. */
  readonly firstId: bigint;
  readonly isFullRefresh: boolean;
  readonly runId: string;
  readonly onRejects: (rows: readonly RejectRow[]) => void;
  readonly onProgress: (bytes: number) => void;
}

/** A row of etl.rejects, in the order of its columns. */
export type RejectRow = readonly (string | bigint | null)[];

/** An object that could not be read. */
export interface UnreadableObject {
  readonly source: string;
  readonly uri: string;
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | undefined;
}

export function unreadableObject(
  source: string,
  uri: string,
  { code, message, hint, details }: SparkifyError,
): UnreadableObject {
  // Of several objects with one failure it names the first.
  return { source, uri, code, message: message.replaceAll(String(details.uri ?? uri), uri), hint };
}

export interface LandedSource {
  readonly staging: Staging;
  readonly mapping: Mapping | undefined;
  readonly landed: readonly LandedItem[];
  readonly unreadable: readonly UnreadableObject[];
  /** The keys of the first lines of its objects. */
  readonly keys: KeySample;
}

/** Lands the objects of one source, loads them into staging and writes their rejects. The ledger is told by `record`. */
export async function landSource(options: LandSource): Promise<LandedSource> {
  const { source, session, firstId } = options;
  const { staging, mapping, items } = source;
  if (items.length === 0 || !mapping) return { staging, mapping, ...nothingLanded };
  const numbered = items.map((item, index) => ({ item, objectId: firstId + BigInt(index) }));
  const isDirect = ({ item }: NumberedItem) =>
    session.copyObjects !== undefined && mayCopy(item, staging, options.isFullRefresh);
  const [toCopy, toLand] = [numbered.filter(isDirect), numbered.filter((one) => !isDirect(one))];
  const landed = await landItems(options, mapping, toLand);
  const objectId = firstId + BigInt(items.length);
  const copied = await copySource({ ...options, staging, mapping, items: toCopy, objectId });
  return { staging, mapping, ...landed, landed: [...landed.landed, ...copied] };
}

const nothingLanded: LandedPart = { landed: [], unreadable: [], keys: emptySample };

async function landItems(
  options: LandSource,
  mapping: Mapping,
  numbered: readonly NumberedItem[],
): Promise<LandedPart> {
  if (numbered.length === 0) return nothingLanded;
  const { source, store, session } = options;
  const { staging } = source;
  const parts: LandedPart[] = [];
  let loading: Promise<void> | undefined;
  const held = holdRejects(async (rows) => {
    // A session takes one statement at a time, and after one that failed none: the load under way has to be over.
    await loading;
    await session.insertRows(rejects, rows);
  });
  const onRejects = (rows: readonly RejectRow[]): Promise<void> => {
    options.onRejects(rows);
    return held.add(rows);
  };
  try {
    for (const load of loadsOf(partsOf(store, numbered), session.landingBytes)) {
      const landing = await session.landingTable(staging);
      for (const part of load) parts.push(await landPart({ ...options, mapping, landing, onRejects }, part));
      await held.write();
      await loading;
      loading = session.loadLanded(staging, landing);
      // It is waited for when the next part has landed; until then its failure has nobody to tell.
      loading.catch(() => {});
    }
    await loading;
  } catch (error) {
    await loading?.catch(() => {});
    throw error;
  }
  await session.describeLoaded(staging);
  return {
    landed: parts.flatMap(({ landed }) => landed),
    unreadable: parts.flatMap(({ unreadable }) => unreadable),
    keys: mergeSamples(parts.map(({ keys }) => keys)),
  };
}

/** Rejects that wait while objects land, so that a load under way is not waited for: about so many bytes of them. */
const heldBytes = 2 ** 23;

function holdRejects(writeRows: (rows: readonly RejectRow[]) => Promise<void>) {
  let rows: RejectRow[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    const held = rows;
    [rows, bytes] = [[], 0];
    if (held.length > 0) await writeRows(held);
  };
  const add = async (more: readonly RejectRow[]): Promise<void> => {
    rows.push(...more);
    bytes += more.flat().reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
    if (bytes >= heldBytes) await write();
  };
  return { add, write };
}

type LandedPart = Pick<LandedSource, 'landed' | 'unreadable' | 'keys'>;

/** What lands from one store. */
type Part = readonly [ObjectStore, readonly NumberedItem[]];

/** What is landed and then loaded at a time: objects of about so much content, one at least. */
function* loadsOf(parts: readonly Part[], landingBytes: number): Generator<readonly Part[]> {
  let load: [ObjectStore, NumberedItem[]][] = [];
  let bytes = 0;
  for (const [store, items] of parts) {
    for (const numbered of items) {
      const more = contentBytes([numbered.item]);
      if (load.length > 0 && bytes + more > landingBytes) {
        yield load;
        [load, bytes] = [[], 0];
      }
      if (load.at(-1)?.[0] !== store) load.push([store, []]);
      load.at(-1)?.[1].push(numbered);
      bytes += more;
    }
  }
  if (load.length > 0) yield load;
}

/** Whole objects, the tails of those that grew, and kept lines: each from a store of its own. */
function partsOf(store: ObjectStore, numbered: readonly NumberedItem[]): Part[] {
  const grown = numbered.filter(({ item }) => item.grows);
  const replayed = numbered.filter(({ item }) => item.replays);
  return [
    [store, numbered.filter(({ item }) => !item.grows && !item.replays)],
    [
      tailsOf(
        store,
        grown.flatMap(({ item }) => item.grows ?? []),
      ),
      grown,
    ],
    [
      textsOf(
        store,
        replayed.flatMap(({ item }) => item.replays ?? []),
      ),
      replayed,
    ],
  ];
}

interface LandPart extends Pick<LandSource, 'source' | 'runId' | 'onProgress'> {
  readonly mapping: Mapping;
  readonly landing: LandingTable;
  readonly onRejects: (rows: readonly RejectRow[]) => Promise<void>;
}

async function landPart(
  { source: { staging }, mapping, landing, runId, ...on }: LandPart,
  [store, numbered]: Part,
): Promise<LandedPart> {
  const byId = new Map(numbered.map(({ item, objectId }) => [objectId, item]));
  const unreadable: UnreadableObject[] = [];
  const { objects, keys } = await landBatch({
    staging,
    mapping,
    store,
    landing,
    objects: numbered.map(({ item, objectId }) => ({ object: item.object, objectId })),
    onRejects: (found) =>
      on.onRejects(found.map((reject) => rejectRow(reject, byId.get(reject.objectId), runId, staging))),
    onProgress: ({ bytes }) => on.onProgress(bytes),
    onUnreadable: ({ object }: NumberedObject, error: SparkifyError) =>
      unreadable.push(unreadableObject(staging.source.name, object.uri, error)),
  });
  return { landed: objects.map((object) => ({ item: itemOf(object, byId), landed: object })), unreadable, keys };
}

/** Of an object that grew the line counts from its beginning; a kept line stands where it stood. */
function rejectRow(
  { objectId, uri, line, column, reason, rawText }: Reject,
  item: LandItem | undefined,
  runId: string,
  { source }: Staging,
): RejectRow {
  const place = item?.replays?.lines[line - 1] ?? line + (item?.grows?.known.linesRead ?? 0);
  return [runId, objectId, source.name, uri, BigInt(place), column ?? null, reason, rawText, 'kept'];
}

function itemOf({ objectId }: LandedObject, byId: ReadonlyMap<bigint, LandItem>): LandItem {
  const item = byId.get(objectId);
  if (!item) throw new RangeError(`landing gave back object ${objectId}, which was not handed to it`);
  return item;
}
