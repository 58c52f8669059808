import { createHash } from 'node:crypto';
import type { Source } from '../model/source.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';

/** What lies in the folder of one source. */
export interface SourceListing {
  readonly staging: Staging;
  /** The source's JSONPaths file, where it has one. */
  readonly jsonPaths: StoredObject | undefined;
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
    listings.push({
      staging,
      jsonPaths: jsonPaths === undefined ? undefined : await store.find(jsonPaths),
      ...parted(await store.list(folder), staging.source),
    });
  }
  return listings;
}

function parted(listed: readonly StoredObject[], source: Source): Pick<SourceListing, 'objects' | 'ignored'> {
  const objects: StoredObject[] = [];
  const ignored: StoredObject[] = [];
  for (const object of listed) (isData(object, source) ? objects : ignored).push(object);
  return { objects, ignored };
}

/** Whether a run reads an object of a source's folder: its name says that it is JSON, and it is no JSONPaths file. */
export function isData({ key }: StoredObject, { jsonPaths }: Source): boolean {
  return dataKey.test(key) && key !== jsonPaths;
}

/**
 * A text that differs whenever a run over these listings could come to something else: another object, another version
 * of one, or anything else in `context` (the tool, the root, the model).
 */
export function fingerprintOf(listings: readonly SourceListing[], context: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(context));
  for (const { staging, jsonPaths, objects } of listings) {
    hash.update(JSON.stringify([staging.source.name, jsonPaths?.uri, jsonPaths?.version, objects.length]));
    hash.update(
      objects.map(({ key, version, sizeBytes }) => `${key.length} ${key} ${version} ${sizeBytes}`).join('\n'),
    );
  }
  return hash.digest('hex');
}
