import { createHash } from 'node:crypto';
import type { Source } from '../model/source.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Listing, ObjectStore, StoredObject } from '../storage/object-store.ts';

/** What lies in the folder of one source. The objects themselves are made when they are first read. */
export interface SourceListing {
  readonly staging: Staging;
  /** The source's JSONPaths file, where it has one. */
  readonly jsonPaths: StoredObject | undefined;
  /** Of all that lies in the folder. */
  readonly digest: string;
  readonly counts: { readonly objects: number; readonly ignored: number };
  readonly objects: readonly StoredObject[];
  /** What is no data: `_SUCCESS`, a JSONPaths file. */
  readonly ignored: readonly StoredObject[];
}

const dataKey = /\.(json|jsonl|ndjson)(\.gz)?$/i;

/** Lists the objects of every source of a warehouse. @throws what `ObjectStore.list` throws */
export async function listSources(warehouse: Warehouse, store: ObjectStore): Promise<readonly SourceListing[]> {
  const listings: SourceListing[] = [];
  for (const staging of warehouse.staging) {
    const { folder, jsonPaths } = staging.source;
    const listing = await store.survey(folder);
    const found = jsonPaths === undefined ? undefined : await store.find(jsonPaths);
    listings.push(sourceListing(staging, found, listing));
  }
  return listings;
}

function sourceListing(staging: Staging, jsonPaths: StoredObject | undefined, listing: Listing): SourceListing {
  const { digest, keys } = listing;
  const objects = keys.filter((key) => isData({ key }, staging.source)).length;
  let made: Pick<SourceListing, 'objects' | 'ignored'> | undefined;
  const part = () => {
    made ??= parted(listing.objects(), staging.source);
    return made;
  };
  return {
    staging,
    jsonPaths,
    digest,
    counts: { objects, ignored: keys.length - objects },
    get objects() {
      return part().objects;
    },
    get ignored() {
      return part().ignored;
    },
  };
}

function parted(listed: readonly StoredObject[], source: Source): Pick<SourceListing, 'objects' | 'ignored'> {
  return {
    objects: listed.filter((object) => isData(object, source)),
    ignored: listed.filter((object) => !isData(object, source)),
  };
}

/** Whether a run reads an object of a source's folder: its name says that it is JSON, and it is no JSONPaths file. */
export function isData({ key }: Pick<StoredObject, 'key'>, { jsonPaths }: Source): boolean {
  return dataKey.test(key) && key !== jsonPaths;
}

/**
 * A text that differs whenever a run over these listings could come to something else: another object, another version
 * of one, or anything else in `context` (the tool, the root, the model).
 */
export function fingerprintOf(listings: readonly SourceListing[], context: readonly string[]): string {
  const sources = listings.map(({ staging, jsonPaths, digest }) => {
    return [staging.source.name, jsonPaths?.uri, jsonPaths?.version, digest];
  });
  return createHash('sha256')
    .update(JSON.stringify([context, sources]))
    .digest('hex');
}
