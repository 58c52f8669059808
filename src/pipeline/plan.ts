import { SparkifyError } from '../errors.ts';
import { type Mapping, readMapping } from '../land/mapping.ts';
import { isCopied, type LedgerObject } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';
import { type ComparedState, compareObject, type KnownObject } from './compare-object.ts';
import { landingFingerprint } from './fingerprints.ts';
import { type Known, landedAnew, type OutdatedTable } from './known.ts';
import type { SourceListing } from './listing.ts';
import { isWithin, type Period } from './period.ts';
import type { Replay } from './replay.ts';

type KnownGroups = Readonly<Record<ComparedState, readonly KnownObject[]>>;

/** What a run has to do for one source. */
export interface SourcePlan extends KnownGroups {
  readonly staging: Staging;
  /** How its objects are mapped to columns; undefined where there is none to read. */
  readonly mapping: Mapping | undefined;
  readonly fresh: readonly StoredObject[];
  /**
   * Loaded before, of this root or of another, not listed in this one, and of which the staging table has lost lines or
   * values: this run cannot bring them back.
   */
  readonly lost: readonly LedgerObject[];
  /** The same of what is listed, but out of the period. */
  readonly lostOutside: readonly LedgerObject[];
  /** All that the ledger tells of, where the staging table has not their lines: the ledger forgets them. */
  readonly emptied: readonly LedgerObject[];
  /** Loaded before, listed no more. Their rows stay. */
  readonly vanished: readonly LedgerObject[];
  /** Vanished now or before, and to be dropped with their rows. */
  readonly forgotten: readonly LedgerObject[];
  /** Came by COPY, listed no more now or before. Their rows stay for good. */
  readonly absentCopied: readonly LedgerObject[];
  /** The COPYs by which objects of this source came. */
  readonly copies: readonly LedgerObject[];
  /** Rejected lines of vanished objects, to be landed from the text kept of them. */
  readonly replays: readonly Replay[];
  /** Objects in the source's folder that are no data (`_SUCCESS`, a JSONPaths file). */
  readonly ignored: readonly StoredObject[];
}

export interface Plan {
  readonly root: string;
  /** Every existing object is read again, and rows that no object of the ledger accounts for are taken away. */
  readonly isFullRefresh: boolean;
  /**
   * All is loaded in one transaction, however much it is: between two of them the star would lack what a staging table
   * has lost.
   */
  readonly isOneBatch: boolean;
  readonly sources: readonly SourcePlan[];
  readonly outdatedTables: readonly OutdatedTable[];
}

export interface PlanOptions {
  readonly store: ObjectStore;
  readonly listings: readonly SourceListing[];
  readonly known: Known;
  /** Only objects of these days are looked at; those whose key carries no date always are. */
  readonly period?: Period | undefined;
  readonly forgetVanished?: boolean;
}

/**
 * Compares what the root holds with what the ledger says was loaded.
 * @throws ROOT_EMPTY when no source has an object, now or before; and what listing throws
 */
export async function makePlan({ store, listings, known, period, forgetVanished = false }: PlanOptions): Promise<Plan> {
  const sources: SourcePlan[] = [];
  for (const listing of listings) sources.push(await planSource(listing, store, known, period, forgetVanished));
  if (sources.every(isEmpty)) throw emptyRoot(listings, store);
  const isOneBatch = landedAnew(known).length > 0;
  return { root: store.root, isFullRefresh: false, isOneBatch, sources, outdatedTables: known.outdatedTables };
}

/** Whether a run would change a row of staging or star. */
export function hasWork({ sources, outdatedTables }: Plan): boolean {
  const working = ['fresh', 'grown', 'changed', 'outdated', 'vanished', 'returned', 'forgotten', 'replays'] as const;
  return outdatedTables.length > 0 || sources.some((source) => working.some((group) => source[group].length > 0));
}

/** The plan that reads every existing object again; vanished ones keep their rows. */
export function withFullRefresh(plan: Plan): Plan {
  return {
    ...plan,
    isFullRefresh: true,
    isOneBatch: true,
    sources: plan.sources.map((source) => withAgain(source, () => true)),
  };
}

/**
 * The plan that also lands the objects again that hold rejects; of those that vanished, the lines that were kept.
 * @param replays what was kept, of all sources
 */
export async function withReplay(plan: Plan, store: ObjectStore, replays: readonly Replay[]): Promise<Plan> {
  const sources: SourcePlan[] = [];
  for (const source of plan.sources) {
    const { staging } = source;
    const ofSource = replays.filter(({ known }) => known.source === staging.source.name);
    const mapping =
      source.mapping ??
      (ofSource.length > 0 ? await readMapping({ source: staging.source, staging, store }) : undefined);
    sources.push({ ...withAgain(source, ({ linesRejected }) => linesRejected > 0), mapping, replays: ofSource });
  }
  return { ...plan, sources };
}

function withAgain(source: SourcePlan, again: (known: LedgerObject) => boolean): SourcePlan {
  const all = [source.outdated, source.changed, source.grown, source.touched, source.unchanged, source.returned].flat();
  const rest = (group: readonly KnownObject[]) => group.filter(({ known }) => !again(known));
  return {
    ...source,
    changed: [...all.filter(({ known }) => again(known)), ...rest(source.changed)],
    outdated: rest(source.outdated),
    grown: rest(source.grown),
    touched: rest(source.touched),
    unchanged: rest(source.unchanged),
    returned: rest(source.returned),
  };
}

async function planSource(
  { staging, objects, ignored }: SourceListing,
  store: ObjectStore,
  { objects: known, lost, emptied }: Known,
  period: Period | undefined,
  forgetVanished: boolean,
): Promise<SourcePlan> {
  const { folder, name } = staging.source;
  const inPeriod = objects.filter(({ key }) => isWithin(key, period));
  const mapping = inPeriod.length === 0 ? undefined : await readMapping({ source: staging.source, staging, store });
  const beneath = `${store.root}/${folder}/`;
  const isOurs = ({ source, state, uri }: LedgerObject) =>
    source === name && state !== 'copy' && uri.startsWith(beneath);
  const ofSource = known.filter((object) => isOurs(object) && isWithin(object.uri.slice(beneath.length), period));
  const listed = new Set(objects.map(({ uri }) => uri));
  const present = new Set(inPeriod.map(({ uri }) => uri));
  const absent = ofSource.filter(({ uri }) => !present.has(uri));
  const forgotten = absent.filter((object) => forgetVanished && !isCopied(object));
  const goes = new Set(forgotten.map(({ uri }) => uri));
  const lostHere = lost.filter((object) => object.source === name && hadLines(object));
  const runsThatCopied = new Set(ofSource.filter(isCopied).map(({ runId }) => runId));
  return {
    staging,
    mapping,
    ignored,
    ...(await compareAll(inPeriod, ofSource, mapping, staging, store)),
    lost: lostHere.filter(({ uri }) => !listed.has(uri) && !goes.has(uri)),
    lostOutside: lostHere.filter(({ uri }) => listed.has(uri) && !present.has(uri)),
    emptied: emptied.includes(staging.name) ? lost.filter(({ source }) => source === name) : [],
    vanished: absent.filter(({ state, uri }) => state === 'loaded' && !goes.has(uri)),
    forgotten,
    absentCopied: absent.filter(isCopied),
    copies: known.filter(
      ({ state, source, runId }) => state === 'copy' && source === name && runsThatCopied.has(runId),
    ),
    replays: [],
  };
}

/** What it had may have been rejected, and kept to be landed later; of a COPY the objects had it. */
function hadLines(object: LedgerObject): boolean {
  return object.state !== 'copy' && (object.linesLoaded + object.linesRejected > 0 || isCopied(object));
}

async function compareAll(
  objects: readonly StoredObject[],
  known: readonly LedgerObject[],
  mapping: Mapping | undefined,
  staging: Staging,
  store: ObjectStore,
): Promise<KnownGroups & { readonly fresh: readonly StoredObject[] }> {
  const fingerprint = mapping && landingFingerprint(staging, mapping);
  const canGrow = staging.source.framing === 'line';
  const byUri = new Map(known.map((object) => [object.uri, object]));
  const fresh: StoredObject[] = [];
  const groups: Record<ComparedState, KnownObject[]> = {
    unchanged: [],
    touched: [],
    returned: [],
    grown: [],
    changed: [],
    outdated: [],
  };
  for (const object of objects) {
    const found = byUri.get(object.uri);
    if (found) {
      const { state, ...content } = await compareObject(object, found, { fingerprint, canGrow, store });
      groups[state].push({ object, known: found, ...content });
    } else {
      fresh.push(object);
    }
  }
  return { fresh, ...groups };
}

function isEmpty({ staging, mapping, ignored, absentCopied, copies, ...groups }: SourcePlan): boolean {
  return Object.values(groups).every(({ length }) => length === 0);
}

function emptyRoot(listings: readonly SourceListing[], store: ObjectStore): SparkifyError {
  const folders = listings.map(({ staging }) => `${store.root}/${staging.source.folder}/`).join(' and ');
  return new SparkifyError('ROOT_EMPTY', `There is nothing to load in ${store.root}.`, {
    hint: `Objects ending in .json, .jsonl or .ndjson (also with .gz) are looked for in ${folders}.`,
    details: { root: store.root },
  });
}
