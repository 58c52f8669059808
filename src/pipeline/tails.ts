import type { ObjectStore } from '../storage/object-store.ts';
import type { KnownObject } from './compare-object.ts';

/**
 * A store in which objects that grew consist of what was added to them alone. Sizes stay those of the whole objects,
 * by which reading is bound to the listed version.
 */
export function tailsOf(store: ObjectStore, grown: readonly KnownObject[]): ObjectStore {
  const starts = new Map(grown.map(({ object, addedFrom }) => [object.uri, addedFrom]));
  const open: ObjectStore['open'] = (object) => store.open(object, starts.get(object.uri) ?? 0);
  return {
    ...store,
    open,
    read: async (object) => {
      const chunks: Buffer[] = [];
      for await (const chunk of open(object)) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    localPath: () => undefined,
  };
}
