import { createHash } from 'node:crypto';
import type { Session } from '../engines/engine.ts';
import { openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { type Mapping, readMapping } from '../land/mapping.ts';
import { confirmLedgerVersion, hasLedger, type LedgerObject, readObjects } from '../ledger/ledger.ts';
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
  /** How its objects are mapped to columns; undefined where there is none to read. */
  readonly mapping: Mapping | undefined;
  readonly fresh: readonly StoredObject[];
  /** Loaded before with other content, or by another mapping. */
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
  /** Every existing object is read again, and rows that no object of the ledger accounts for are taken away. */
  readonly isFullRefresh: boolean;
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
  return { root: store.root, isFullRefresh: false, sources };
}

/** The objects of the ledger, or none where the target has no ledger yet. @throws TARGET_NEWER */
export async function knownObjects(session: Session): Promise<readonly LedgerObject[]> {
  if (!(await hasLedger(session))) return [];
  await confirmLedgerVersion(session);
  return readObjects(session);
}

/** The objects that the ledger of a target knows; none where there is no target yet. Creates nothing. */
export async function knownIn(target: string): Promise<readonly LedgerObject[]> {
  const session = await openTarget(target, { mode: 'read' }).catch((error: unknown) => {
    if (error instanceof SparkifyError && error.code === 'TARGET_EMPTY') return undefined;
    throw error;
  });
  if (!session) return [];
  try {
    return await knownObjects(session);
  } finally {
    await session.close();
  }
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
    isFullRefresh: true,
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
  const mapping = objects.length === 0 ? undefined : await readMapping({ source: staging.source, staging, store });
  const beneath = `${store.root}/${folder}/`;
  const ofSource = known.filter(({ source, uri }) => source === name && uri.startsWith(beneath));
  return {
    staging,
    mapping,
    ignored,
    vanished: vanishedAmong(ofSource, objects),
    ...(await compare(objects, ofSource, mapping, store)),
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
  mapping: Mapping | undefined,
  store: ObjectStore,
): Promise<Comparison> {
  const hash = mapping && mappingHash(mapping);
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
    if (found) groups[await stateOf(object, found, hash, store)].push({ object, known: found });
    else fresh.push(object);
  }
  return { fresh, ...groups };
}

/** The version says that nothing changed; where it differs the content decides. */
async function stateOf(
  object: StoredObject,
  known: LedgerObject,
  mapping: string | undefined,
  store: ObjectStore,
): Promise<keyof Omit<Comparison, 'fresh'>> {
  if (known.mappingHash !== mapping) return 'changed';
  const sameVersion = object.version === known.version;
  const same = sameVersion || (await contentHash(object, store)) === known.contentHash;
  if (!same) return 'changed';
  if (known.state === 'vanished') return 'returned';
  return sameVersion ? 'unchanged' : 'touched';
}

/** Differs whenever a column would be filled from another key. */
export function mappingHash({ paths }: Mapping): string {
  return createHash('sha256').update(JSON.stringify(paths)).digest('hex');
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
