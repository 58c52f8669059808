import { randomBytes } from 'node:crypto';
import type { Engine, Session } from '../engines/engine.ts';
import { engineOf } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { setObjectVersions } from '../ledger/ledger.ts';
import { migrateLedger } from '../ledger/migrate.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { openRoot } from '../storage/open-root.ts';
import { refusalsOf, refuseWrongTarget, refuseWrongUse, unknownRoot } from './confirm.ts';
import { keptCopied } from './copied.ts';
import { count, counted } from './count.ts';
import type { RejectLimit } from './guards.ts';
import { type Known, knownIn, readKnown } from './known.ts';
import { fingerprintOf, listSources, type SourceListing } from './listing.ts';
import type { OnDrift } from './load-batch.ts';
import type { Period } from './period.ts';
import { hasWork, makePlan, type Plan, type PlanOptions, withFullRefresh, withReplay } from './plan.ts';
import { readReplays } from './replay.ts';
import { type Effects, type ObjectCounts, objectCounts, quiet, type RunReport } from './report.ts';
import { showSql } from './show-sql.ts';
import { watchStages } from './watch-stages.ts';

export interface RunOptions {
  readonly warehouse: Warehouse;
  readonly root: string;
  readonly target: string;
  readonly toolVersion: string;
  /** Read every object of the root again, in one transaction. Default false. */
  readonly fullRefresh?: boolean;
  /** Land the objects that hold rejects again, under today's rules. Default false. */
  readonly replay?: boolean;
  /** Drop the rows of objects that are in the root no more. Default false. */
  readonly forgetVanished?: boolean;
  /** Load objects of these days only. */
  readonly period?: Period | undefined;
  /** Take in a root that the warehouse does not know. Default false. */
  readonly addRoot?: boolean;
  /** Do what else would have to be confirmed. Default false. */
  readonly yes?: boolean;
  /** Accept replacements with less than half of the lines. Default false. */
  readonly allowShrink?: boolean;
  /** How many natural keys may have lines that contradict each other, inclusive. Default 0. */
  readonly maxConflicts?: number;
  /** How many lines of a run may be rejected. Default: any. */
  readonly maxRejects?: RejectLimit | undefined;
  /** What to do when lines differ from those seen before: tell, or fail and change nothing. Default 'warn'. */
  readonly onDrift?: OnDrift;
  /** About how much content one transaction loads, in bytes. Default 16 GiB. */
  readonly batchBytes?: number | undefined;
  /** How long to wait for another process to let go of the target, in milliseconds. Default 0. */
  readonly waitMs?: number;
  /** End the session of a run that died with its host and holds the target still. Default false. */
  readonly takeOver?: boolean;
  /** Asks the run to stop: a batch under way is rolled back unless it is committing. */
  readonly signal?: AbortSignal;
}

const defaultBatchBytes = 16 * 1024 ** 3;

/**
 * plan → land → transform → verify → record: brings the target to what the root holds, in one transaction a batch. A
 * batch that fails leaves staging and star as they were, and in the ledger its checks and rejects, marked as not loaded.
 * Where the listing is the one remembered for an untouched target, the run ends without opening it.
 * @throws SparkifyError; of note BALANCE, CHECK_FAILED, CONFLICTS, DRIFT, OBJECT_SHRANK, CONFIRMATION_NEEDED
 */
export async function run(options: RunOptions, changed: Partial<Effects> = {}): Promise<RunReport> {
  const effects = { ...quiet, ...changed };
  refuseWrongUse(options);
  refuseWrongTarget(options);
  const startedAt = effects.now();
  const engine = engineOf(options.target);
  const store = await openRoot(options.root);
  try {
    const listings = await listSources(options.warehouse, store);
    if (listings.every(({ counts }) => counts.objects === 0)) {
      // Before the target is opened, which would create it.
      await makePlan({ ...options, store, listings, known: await knownIn(options.warehouse, options.target) });
    }
    const fingerprint = fingerprintOf(listings, contextOf(options, engine, store));
    const remembered = isAsked(options) ? undefined : await engine.recall(options.target);
    const known = remembered?.text === fingerprint;
    const report = known
      ? nothingNew(store, countsOf(listings))
      : await runOnTarget({ options, store, listings, startedAt, effects });
    if (!known && isComplete(report, options)) await engine.remember(options.target, fingerprint);
    const elapsedMs = effects.now().getTime() - startedAt.getTime();
    return { ...report, rememberedAt: known ? remembered.at : undefined, elapsedMs };
  } finally {
    store.close();
  }
}

/** Whether more is asked for than to load what is new. */
function isAsked({ fullRefresh, replay, forgetVanished, period }: RunOptions): boolean {
  return fullRefresh === true || replay === true || forgetVanished === true || period !== undefined;
}

/** Whether a run that finds the same listing has nothing to do. */
function isComplete(
  { unreadable, interrupted }: Pick<RunReport, 'unreadable' | 'interrupted'>,
  { period }: RunOptions,
): boolean {
  return unreadable.length === 0 && !interrupted && period === undefined;
}

/** What decides, besides the objects, what a run would do. */
function contextOf({ warehouse, toolVersion }: RunOptions, engine: Engine, { root }: ObjectStore): readonly string[] {
  return [toolVersion, root, String(warehouse.version), ...showSql(warehouse, engine).map(({ sql }) => sql)];
}

/** What a run has found out before it opens the target. */
interface Attempt {
  readonly options: RunOptions;
  readonly store: ObjectStore;
  readonly listings: readonly SourceListing[];
  readonly startedAt: Date;
  readonly effects: Effects;
}

async function runOnTarget(attempt: Attempt, plansLeft = 2): ReturnType<typeof runInSession> {
  const { target, waitMs = 0, takeOver = false, signal } = attempt.options;
  const runId = newRunId(attempt.startedAt);
  const session = await attempt.effects.open(target, { mode: 'write', waitMs, signal, runId, takeOver });
  try {
    return await runInSession(attempt, session, runId);
  } catch (error) {
    if (plansLeft === 0 || !isVoid(error)) throw error;
  } finally {
    await session.close();
  }
  // Whoever came between is alive.
  return runOnTarget({ ...attempt, options: { ...attempt.options, takeOver: false } }, plansLeft - 1);
}

/** Whether the plan was overtaken by another run before anything of it was done: then there is another plan to make. */
function isVoid(error: unknown): boolean {
  return error instanceof SparkifyError && error.code === 'LEDGER_MOVED' && (error.details.committedBatches ?? 0) === 0;
}

async function runInSession(
  { options, store, listings, startedAt, effects }: Attempt,
  session: Session,
  runId: string,
) {
  const { warehouse, toolVersion, maxConflicts = 0, maxRejects, allowShrink = false, signal } = options;
  const { batchBytes = defaultBatchBytes, onDrift = 'warn' } = options;
  const watch = watchStages(effects);
  const known = await readKnown(warehouse, session, await migrateLedger(warehouse, session));
  const otherRoot = unknownRoot(store.root, known, options.addRoot === true);
  if (otherRoot) throw otherRoot;
  const plan = await watch(
    'plan',
    `compare ${store.root} with the ledger`,
    async () => asked(await planNow({ ...options, store, listings, known }), options, store, session, known),
    describePlan,
  );
  const [refusal] = refusalsOf(warehouse, plan, known, options);
  if (refusal) throw refusal;
  const kept = options.forgetVanished ? keptCopied(plan) : [];
  if (!hasWork(plan) && !plan.isFullRefresh) {
    await noteTouched(session, plan);
    return { ...nothingNew(store, objectCounts(plan)), warnings: kept };
  }
  const { loadPlan } = await import('./load-plan.ts');
  const { now, pause } = effects;
  const limits = { maxConflicts, maxRejects, allowShrink, onDrift, batchBytes };
  const run = { warehouse, store, session, runId, startedAt, toolVersion, signal };
  const load = { ...run, ...limits, plan, known, watch, now, pause };
  const { warnings, ...loaded } = await loadPlan(load);
  return {
    outcome: 'loaded' as const,
    runId,
    root: store.root,
    objects: objectCounts(plan),
    rebuilt: known.loads === 0n ? [] : plan.outdatedTables,
    ...loaded,
    warnings: [...kept, ...warnings],
  };
}

/**
 * The root was listed before the target was opened. Another run may have loaded what came in between, so where something
 * seems to have vanished the root is listed again.
 */
async function planNow(options: PlanOptions & Pick<RunOptions, 'warehouse'>): Promise<Plan> {
  const { listings, store, warehouse } = options;
  const plan = await makePlan(options);
  if (plan.sources.every(({ vanished, forgotten, lost }) => vanished.length + forgotten.length + lost.length === 0))
    return plan;
  const again = await listSources(warehouse, store);
  return fingerprintOf(again, []) === fingerprintOf(listings, []) ? plan : makePlan({ ...options, listings: again });
}

/** The plan with what was asked for besides loading what is new. */
async function asked(
  plan: Plan,
  { fullRefresh = false, replay = false }: RunOptions,
  store: ObjectStore,
  session: Session,
  { objects }: Known,
): Promise<Plan> {
  if (fullRefresh) return withFullRefresh(plan);
  if (!replay) return plan;
  const gone = objects.filter(({ state, linesRejected }) => state === 'vanished' && linesRejected > 0);
  return withReplay(plan, store, await readReplays(session, gone));
}

/** Sorts by time, and is unique however many start in one second. */
function newRunId(startedAt: Date): string {
  return `${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
}

function describePlan(plan: Plan): string {
  if (plan.isFullRefresh) return describeFullRefresh(plan);
  const { fresh, grown, changed, outdated, vanished, returned, forgotten, unchanged, touched } = objectCounts(plan);
  const words = [
    `${count(fresh)} new`,
    grown && `${count(grown)} grown`,
    changed && `${count(changed)} changed`,
    outdated && `${count(outdated)} landed by other rules`,
    vanished && `${count(vanished)} vanished`,
    returned && `${count(returned)} returned`,
    forgotten && `${count(forgotten)} to forget`,
    `${count(unchanged + touched)} unchanged`,
  ];
  return `${words.filter(Boolean).join(', ')} objects`;
}

function describeFullRefresh(plan: Plan): string {
  const { fresh, changed, vanished } = objectCounts(plan);
  const words = [
    counted(fresh, 'new object'),
    `${count(changed)} to read again`,
    vanished && `${count(vanished)} vanished`,
  ];
  return words.filter(Boolean).join(', ');
}

/** Notes the new versions of objects whose content is the same, so that they need not be read again next time. */
async function noteTouched(session: Session, { sources }: Plan): Promise<void> {
  const touched = sources.flatMap((source) => source.touched);
  if (touched.length === 0) return;
  const versions = touched.map(({ object, known }) => ({ objectId: known.objectId, version: object.version }));
  await session.transaction(() => setObjectVersions(session, versions));
}

function nothingNew({ root }: ObjectStore, objects: ObjectCounts) {
  const nothing = {
    sources: [],
    tables: [],
    rebuilt: [],
    duplicates: [],
    checks: [],
    checked: 'changes' as const,
    drift: [],
    warnings: [],
    unreadable: [],
  };
  return {
    outcome: 'nothing new' as const,
    runId: undefined,
    root,
    objects,
    batches: 0,
    interrupted: false,
    ...nothing,
  };
}

/** The counts of a listing that is known to be loaded. */
function countsOf(listings: readonly SourceListing[]): ObjectCounts {
  const sum = (group: 'objects' | 'ignored') => listings.reduce((total, { counts }) => total + counts[group], 0);
  return {
    fresh: 0,
    grown: 0,
    changed: 0,
    outdated: 0,
    unchanged: sum('objects'),
    touched: 0,
    vanished: 0,
    returned: 0,
    forgotten: 0,
    ignored: sum('ignored'),
  };
}
