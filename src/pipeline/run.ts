import { randomBytes } from 'node:crypto';
import type { Engine, Session } from '../engines/engine.ts';
import { engineOf, openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { setObjectVersions } from '../ledger/ledger.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { missingTables } from '../quality/missing-tables.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { openRoot } from '../storage/open-root.ts';
import { fingerprintOf, listSources, type SourceListing } from './listing.ts';
import { hasWork, knownIn, knownObjects, makePlan, type Plan, withFullRefresh } from './plan.ts';
import { type Effects, type ObjectCounts, objectCounts, quiet, type RunReport } from './report.ts';
import { showSql } from './show-sql.ts';
import { watchStages } from './watch-stages.ts';

export interface RunOptions {
  readonly warehouse: Warehouse;
  readonly root: string;
  readonly target: string;
  readonly toolVersion: string;
  /** Read every object of the root again. Default false. */
  readonly fullRefresh?: boolean;
  /** How many natural keys may have lines that contradict each other, inclusive. Default 0. */
  readonly maxConflicts?: number;
  /** How long to wait for another process to let go of the target, in milliseconds. Default 0. */
  readonly waitMs?: number;
}

/**
 * plan → land → transform → verify → record: brings the target to what the root holds, in one transaction. A run that
 * fails leaves staging and star as they were, and in the ledger its checks and rejects, marked as not loaded.
 * Where the listing is the one remembered for an untouched target, the run ends without opening it.
 * @throws SparkifyError; of note OBJECT_CHANGED_SINCE_LOAD, BALANCE, CHECK_FAILED, CONFLICTS
 */
export async function run(options: RunOptions, effects: Effects = quiet): Promise<RunReport> {
  const startedAt = effects.now();
  const engine = engineOf(options.target);
  const store = await openRoot(options.root);
  try {
    const listings = await listSources(options.warehouse, store);
    if (listings.every(({ counts }) => counts.objects === 0)) {
      // Before the target is opened, which would create it.
      await makePlan(store, listings, await knownIn(options.target));
    }
    const fingerprint = fingerprintOf(listings, contextOf(options, engine, store));
    const known = !options.fullRefresh && (await engine.recall(options.target)) === fingerprint;
    const report = known
      ? nothingNew(store, countsOf(listings))
      : await runOnTarget({ options, store, listings, startedAt, effects });
    if (!known) await engine.remember(options.target, fingerprint);
    return { ...report, elapsedMs: effects.now().getTime() - startedAt.getTime() };
  } finally {
    store.close();
  }
}

/** What decides, besides the objects, what a run would do. */
function contextOf({ warehouse, toolVersion }: RunOptions, engine: Engine, { root }: ObjectStore): readonly string[] {
  return [toolVersion, root, ...showSql(warehouse, engine).map(({ sql }) => sql)];
}

/** What a run has found out before it opens the target. */
interface Attempt {
  readonly options: RunOptions;
  readonly store: ObjectStore;
  readonly listings: readonly SourceListing[];
  readonly startedAt: Date;
  readonly effects: Effects;
}

async function runOnTarget(attempt: Attempt) {
  const { target, waitMs = 0 } = attempt.options;
  const session = await openTarget(target, { mode: 'write', waitMs });
  try {
    return await runInSession(attempt, session);
  } finally {
    await session.close();
  }
}

async function runInSession({ options, store, listings, startedAt, effects }: Attempt, session: Session) {
  const { warehouse, fullRefresh = false, maxConflicts = 0, toolVersion } = options;
  const watch = watchStages(effects);
  const plan = await watch(
    'plan',
    `compare ${store.root} with the ledger`,
    async () => makePlan(store, listings, await knownObjects(session)),
    describePlan,
  );
  if (!fullRefresh) {
    refuseChanged(plan);
    if (!hasWork(plan) && (await missingTables(warehouse, session)).length === 0) {
      await noteTouched(session, plan);
      return nothingNew(store, objectCounts(plan));
    }
  }
  const runId = newRunId(startedAt);
  const work = fullRefresh ? withFullRefresh(plan) : plan;
  const { loadPlan } = await import('./load-plan.ts');
  const { now } = effects;
  const load = { warehouse, store, session, plan: work, runId, startedAt, toolVersion, maxConflicts, watch, now };
  return {
    outcome: 'loaded' as const,
    runId,
    root: store.root,
    objects: objectCounts(plan),
    ...(await loadPlan(load)),
  };
}

/** Sorts by time, and is unique however many start in one second. */
function newRunId(startedAt: Date): string {
  return `${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
}

function describePlan(plan: Plan): string {
  const { fresh, changed, vanished, unchanged, touched } = objectCounts(plan);
  const words = [
    `${fresh} new`,
    changed && `${changed} changed`,
    vanished && `${vanished} vanished`,
    `${unchanged + touched} unchanged`,
  ];
  return `${words.filter(Boolean).join(', ')} objects`;
}

/** @throws OBJECT_CHANGED_SINCE_LOAD naming the objects */
function refuseChanged({ sources }: Plan): void {
  const changed = sources.flatMap((source) => source.changed.map(({ object }) => object.uri));
  if (changed.length === 0) return;
  const shown = changed
    .slice(0, 10)
    .map((uri) => `\n  - ${uri}`)
    .join('');
  throw new SparkifyError(
    'OBJECT_CHANGED_SINCE_LOAD',
    `${changed.length} objects have other content, or are mapped otherwise, than when they were loaded:${shown}`,
    {
      hint: 'Load everything again with --full-refresh; the warehouse stays as it is until that has succeeded.',
      details: { objects: changed },
    },
  );
}

/** Notes the new versions of objects whose content is the same, so that they need not be read again next time. */
async function noteTouched(session: Session, { sources }: Plan): Promise<void> {
  const touched = sources.flatMap((source) => source.touched);
  if (touched.length === 0) return;
  const versions = touched.map(({ object, known }) => ({ objectId: known.objectId, version: object.version }));
  await session.transaction(() => setObjectVersions(session, versions));
}

function nothingNew({ root }: ObjectStore, objects: ObjectCounts) {
  const nothing = { sources: [], tables: [], duplicates: [], checks: [], warnings: [] };
  return { outcome: 'nothing new' as const, runId: undefined, root, objects, ...nothing };
}

/** The counts of a listing that is known to be loaded. */
function countsOf(listings: readonly SourceListing[]): ObjectCounts {
  const sum = (group: 'objects' | 'ignored') => listings.reduce((total, { counts }) => total + counts[group], 0);
  return {
    fresh: 0,
    changed: 0,
    unchanged: sum('objects'),
    touched: 0,
    vanished: 0,
    returned: 0,
    ignored: sum('ignored'),
  };
}
