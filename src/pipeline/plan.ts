import { createHash } from 'node:crypto';
import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import { hasLedger, type LedgerObject, readObjects } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';
import type { SourceListing } from './listing.ts';

/** An object the ledger knows, as it lies in the root now. */
export interface KnownObject {
  readonly object: StoredObject;
  readonly known: LedgerObject;
}

/** What a run has to do for one source. */
export interface SourcePlan {
  readonly staging: Staging;
  readonly fresh: readonly StoredObject[];
  /** Loaded before with other content. */
  readonly changed: readonly KnownObject[];
  readonly unchanged: readonly KnownObject[];
  /** Same content under a new version, e.g. a file that was touched. */
  readonly touched: readonly KnownObject[];
  /** Loaded before, listed no more. Their rows stay. */
  readonly vanished: readonly LedgerObject[];
  /** Vanished before, here again with the same content. */
  readonly returned: readonly KnownObject[];
  /** Objects in the source's folder that are no data (`_SUCCESS`, a JSONPaths file). */
  readonly ignored: readonly StoredObject[];
}

export interface Plan {
  readonly root: string;
  readonly sources: readonly SourcePlan[];
}

/**
 * Compares what the root holds with what the ledger says was loaded.
 * @throws ROOT_EMPTY when no source has an object, now or before; and what listing throws
 */
export async function makePlan(
  store: ObjectStore,
  listings: readonly SourceListing[],
  known: readonly LedgerObject[],
): Promise<Plan> {
  const sources: SourcePlan[] = [];
  for (const listing of listings) sources.push(await planSource(listing, store, known));
  const nothing = sources.every(({ fresh, changed, unchanged, touched, vanished, returned }) =>
    [fresh, changed, unchanged, touched, vanished, returned].every(({ length }) => length === 0),
  );
  if (nothing) throw emptyRoot(listings, store);
  return { root: store.root, sources };
}

/** The objects of the ledger, or none where the target has no ledger yet. */
export async function knownObjects(session: Session): Promise<readonly LedgerObject[]> {
  return (await hasLedger(session)) ? readObjects(session) : [];
}

/** Whether a run would change a row of staging or star. */
export function hasWork({ sources }: Plan): boolean {
  return sources.some(({ fresh, changed, vanished, returned }) =>
    [fresh, changed, vanished, returned].some(({ length }) => length > 0),
  );
}

/** The plan that reads every existing object again; vanished ones keep their rows. */
export function withFullRefresh({ root, sources }: Plan): Plan {
  return {
    root,
    sources: sources.map(({ changed, unchanged, touched, returned, ...source }) => ({
      ...source,
      changed: [...changed, ...unchanged, ...touched, ...returned],
      unchanged: [],
      touched: [],
      returned: [],
    })),
  };
}

async function planSource(
  { staging, objects, ignored }: SourceListing,
  store: ObjectStore,
  known: readonly LedgerObject[],
): Promise<SourcePlan> {
  const { folder, name } = staging.source;
  const beneath = `${store.root}/${folder}/`;
  const ofSource = known.filter(({ source, uri }) => source === name && uri.startsWith(beneath));
  return {
    staging,
    ignored,
    vanished: vanishedAmong(ofSource, objects),
    ...(await compare(objects, ofSource, store)),
  };
}

function vanishedAmong(known: readonly LedgerObject[], objects: readonly StoredObject[]): LedgerObject[] {
  const present = new Set(objects.map(({ uri }) => uri));
  return known.filter(({ uri, state }) => state === 'loaded' && !present.has(uri));
}

type Comparison = Pick<SourcePlan, 'fresh' | 'changed' | 'unchanged' | 'touched' | 'returned'>;

async function compare(
  objects: readonly StoredObject[],
  known: readonly LedgerObject[],
  store: ObjectStore,
): Promise<Comparison> {
  const byUri = new Map(known.map((object) => [object.uri, object]));
  const fresh: StoredObject[] = [];
  const groups = {
    changed: [] as KnownObject[],
    unchanged: [] as KnownObject[],
    touched: [] as KnownObject[],
    returned: [] as KnownObject[],
  };
  for (const object of objects) {
    const found = byUri.get(object.uri);
    if (found) groups[await stateOf(object, found, store)].push({ object, known: found });
    else fresh.push(object);
  }
  return { fresh, ...groups };
}

/** The version says that nothing changed; where it differs the content decides. */
async function stateOf(
  object: StoredObject,
  known: LedgerObject,
  store: ObjectStore,
): Promise<keyof Omit<Comparison, 'fresh'>> {
  const sameVersion = object.version === known.version;
  const same = sameVersion || (await contentHash(object, store)) === known.contentHash;
  if (!same) return 'changed';
  if (known.state === 'vanished') return 'returned';
  return sameVersion ? 'unchanged' : 'touched';
}

async function contentHash(object: StoredObject, store: ObjectStore): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of store.open(object)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function emptyRoot(listings: readonly SourceListing[], store: ObjectStore): SparkifyError {
  const folders = listings.map(({ staging }) => `${store.root}/${staging.source.folder}/`).join(' and ');
  return new SparkifyError('ROOT_EMPTY', `There is nothing to load in ${store.root}.`, {
    hint: `Objects ending in .json, .jsonl or .ndjson (also with .gz) are looked for in ${folders}.`,
    details: { root: store.root },
  });
}
