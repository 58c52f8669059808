import type { CopiedObjects, Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { LandedObject } from '../land/landed.ts';
import type { Mapping } from '../land/mapping.ts';
import type { Staging } from '../model/staging.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';
import type { LandedItem, LandItem, NumberedItem } from './batches.ts';

export interface SourceToCopy {
  readonly session: Session;
  readonly store: ObjectStore;
  readonly staging: Staging;
  readonly mapping: Mapping;
  readonly items: readonly NumberedItem[];
  /** Of the COPY itself. */
  readonly objectId: bigint;
}

/**
 * Whether an object may come in without its rows being told from others: only as a whole, and where nothing of it stays.
 * Objects that hold one record are small and get corrected: they land.
 */
export function mayCopy(item: LandItem, { source }: Staging, isFullRefresh: boolean): boolean {
  return source.framing === 'line' && !item.grows && !item.replays && (isFullRefresh || !item.replaces);
}

/**
 * Has the target read objects of one source by itself. The first item given is the COPY, an object of its own with all
 * the lines; the objects it read follow without any.
 * @throws OBJECT_CHANGED where objects are not, or not all the time were, those that were listed
 */
export async function copySource({
  session,
  store,
  staging,
  mapping,
  items,
  objectId,
}: SourceToCopy): Promise<LandedItem[]> {
  const { copyObjects } = session;
  if (items.length === 0 || !copyObjects) return [];
  const objects = items.map(({ item }) => item.object);
  const changed = () => changedSince(store, staging.source.folder, objects);
  const copied = await copyObjects({ staging, paths: mapping.paths, objects, objectId }).catch(
    async (error: unknown) => {
      // That one changed may be why; where this cannot be seen either, COPY's own failure is to be told.
      throw (await changed().catch(() => undefined)) ?? error;
    },
  );
  const failure = await changed();
  if (failure) throw failure;
  return [
    copyItem(copied, objects, objectId),
    ...items.map((numbered) => ({ ...numbered, landed: without(numbered) })),
  ];
}

/** OBJECT_CHANGED where it is so: the target reads whatever has the key by then, and nothing binds it to a version. */
async function changedSince(
  store: ObjectStore,
  folder: string,
  objects: readonly StoredObject[],
): Promise<SparkifyError | undefined> {
  const now = new Map((await store.list(folder)).map(({ uri, version }) => [uri, version]));
  const changed = objects.filter(({ uri, version }) => now.get(uri) !== version).map(({ uri }) => uri);
  const [uri] = changed;
  if (uri === undefined) return undefined;
  return new SparkifyError('OBJECT_CHANGED', `${uri} was replaced or removed between listing and COPY.`, {
    hint: 'Run again: the next listing sees it as it is now.',
    details: { uri, uris: changed },
    retryable: true,
  });
}

function copyItem({ uri, rows }: CopiedObjects, objects: readonly StoredObject[], objectId: bigint): LandedItem {
  const contentBytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    item: { object: { key: uri, uri, version: '', sizeBytes: 0 }, isCopy: true },
    landed: { ...nothing, objectId, contentBytes, linesRead: rows, linesLoaded: rows },
  };
}

function without({ objectId }: NumberedItem): LandedObject {
  return { ...nothing, objectId };
}

/** The content was never seen here, so that it has no hash. */
const nothing = {
  contentHash: '',
  contentBytes: 0,
  linesRead: 0,
  linesLoaded: 0,
  linesRejected: 0,
  linesBlank: 0,
} as const;
