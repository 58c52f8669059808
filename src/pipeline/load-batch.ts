import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import { writeDrift } from '../ledger/known-keys.ts';
import { nextObjectId } from '../ledger/ledger.ts';
import { confirmLoads, takeMutex } from '../ledger/mutex.ts';
import { checks as checkTable } from '../ledger/tables.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { everything, touchedRows } from '../quality/check-scope.ts';
import { type Drift, refuseDrift } from '../quality/drift.ts';
import { countDuplicates, type DuplicateCount, refuseConflicts } from '../quality/duplicates.ts';
import { type CheckResult, refuseFailures, runChecks, runObjectBalance } from '../quality/run-checks.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { hasLines, refreshStar, type TableChange } from '../transform/refresh-star.ts';
import type { Batch, SourceBatch } from './batches.ts';
import type { Pause } from './begin-again.ts';
import { confirmAllReadAgain } from './copied.ts';
import { count, counted } from './count.ts';
import { noteKeys } from './drift-batch.ts';
import { type RejectLimit, refuseRejects, refuseShrunk, refuseUnreadable } from './guards.ts';
import { type LandedSource, landSource, type RejectRow } from './land-source.ts';
import { mergeParts, recordObjects, takeAwayUnknown } from './ledger-batch.ts';
import type { RunReport } from './report.ts';
import { notCommitted, wasCommitted } from './was-committed.ts';
import type { Progress, WatchStage } from './watch-stages.ts';

export interface LoadBatch {
  readonly warehouse: Warehouse;
  readonly store: ObjectStore;
  readonly session: Session;
  readonly batch: Batch;
  readonly runId: string;
  /** How many loads the ledger knew of when the batch was planned. */
  readonly loads: bigint;
  readonly maxConflicts: number;
  readonly maxRejects: RejectLimit | undefined;
  readonly allowShrink: boolean;
  readonly onDrift: OnDrift;
  /** The batches that the run has loaded before this one. */
  readonly earlier: readonly LoadedBatch[];
  readonly isLast: boolean;
  readonly pause: Pause;
  readonly signal: AbortSignal | undefined;
  readonly watch: WatchStage;
  /** Looked at between steps; throws where the run is to stop. */
  readonly confirmGoingOn: () => void;
  /** Written inside the transaction, last. */
  readonly record: () => Promise<void>;
  /** Filled as the batch goes on, for a run that fails. */
  readonly trace: Trace;
}

/** What becomes of a run whose lines differ from those seen before. */
export type OnDrift = 'warn' | 'fail';

/** What a run that fails leaves in the ledger for reading. */
export interface Trace {
  rejects: RejectRow[];
  checks: readonly CheckResult[];
  drift: readonly Drift[];
}

export interface LoadedBatch {
  readonly batch: Batch;
  readonly landed: readonly LandedSource[];
  readonly changes: readonly TableChange[];
  readonly duplicates: readonly DuplicateCount[];
  readonly checks: readonly CheckResult[];
  /** What they looked at. */
  readonly checked: RunReport['checked'];
  readonly drift: readonly Drift[];
}

/** What a batch that has seen nothing yet leaves. */
export const emptyTrace = (): Trace => ({ rejects: [], checks: [], drift: [] });

/** Of the rejects of a run that failed this many are kept. */
const tracedRejects = 10_000;

/**
 * Loads a batch: everything from the first row landed to the last ledger row is one transaction.
 * @throws of note TRANSACTION_BROKEN, where another attempt may succeed
 */
export async function loadBatch(load: LoadBatch): Promise<LoadedBatch> {
  let loaded: LoadedBatch | undefined;
  try {
    return await load.session.transaction(async () => {
      loaded = await loadInTransaction(load);
      return loaded;
    });
  } catch (error) {
    if (!loaded || !(error instanceof SparkifyError) || error.code !== 'COMMIT_UNKNOWN') throw error;
    const { session, runId, earlier, pause, signal } = load;
    const checksBefore = earlier.reduce((sum, { checks }) => sum + checks.length, 0);
    if (await wasCommitted({ session, runId, checksBefore, pause, signal }, error)) return loaded;
    throw notCommitted(error);
  }
}

async function loadInTransaction(load: LoadBatch): Promise<LoadedBatch> {
  const { session, batch, watch, runId, trace, confirmGoingOn } = load;
  Object.assign(trace, emptyTrace());
  await takeTheMutex(load);
  const scopes = await scopesOf(load);
  const landed = await watch('land', 'read and parse', (progress) => landAll(load, progress), describeLanded);
  confirmGoingOn();
  confirmAllReadAgain(batch, landed);
  refuseUnreadable(batch, landed);
  refuseShrunk(batch, landed, load.allowShrink);
  const earlier = load.earlier.flatMap((one) => one.landed);
  refuseRejects([...earlier, ...landed], load.maxRejects);
  const drift = await noteKeys(session, { ...load, landed, earlier });
  trace.drift = drift;
  if (load.onDrift === 'fail') refuseDrift(drift);
  await recordObjects(session, batch, landed, runId);
  for (const source of batch.sources) {
    if (scopes.get(source.staging) === 'all' && (batch.isFullRefresh || replaces(source))) {
      await takeAwayUnknown(session, source);
    }
  }
  const changes = await watch('transform', 'refresh the star', (tell) => refresh(load, scopes, tell), describeChanges);
  confirmGoingOn();
  const { duplicates, checks, checked } = await watch(
    'verify',
    'run the checks',
    () => verify(load, scopes),
    describeChecks,
  );
  trace.checks = checks;
  refuseFailures(checks);
  refuseConflicts(duplicates, load.maxConflicts);
  await watch(
    'record',
    'write the ledger',
    () => recordBatch(load, { landed, checks, drift }),
    () => 'committing',
  );
  confirmGoingOn();
  return { batch, landed, changes, duplicates, checks, checked, drift };
}

/** @throws LEDGER_MOVED where another load came between the plan and the mutex */
async function takeTheMutex({ session, loads }: LoadBatch): Promise<void> {
  await session.run(takeMutex);
  await confirmLoads(session, loads + 1n);
}

type Scopes = ReadonlyMap<Staging, 'all' | 'touched' | 'none'>;

/**
 * How much of each staging table a batch is about. Where all of it is new, or more than half of what was there is
 * replaced, everything is computed at once.
 */
async function scopesOf({ session, batch }: LoadBatch): Promise<Scopes> {
  const scopes = new Map<Staging, 'all' | 'touched' | 'none'>();
  for (const source of batch.sources) {
    const { staging, items } = source;
    const isAll = batch.isFullRefresh || source.isMostlyReplaced || batch.outdatedTables.includes(staging.name);
    const isFirst = !isAll && items.length > 0 && !(await hasLines(staging, session));
    scopes.set(staging, isAll || isFirst ? 'all' : isAbout(source) ? 'touched' : 'none');
  }
  return scopes;
}

function isAbout({ items, vanished, returned, forgotten }: SourceBatch): boolean {
  return [items, vanished, returned, forgotten].some(({ length }) => length > 0);
}

function replaces({ items, forgotten, copies }: SourceBatch): boolean {
  return forgotten.length + copies.length > 0 || items.some((item) => item.replaces !== undefined);
}

async function landAll(load: LoadBatch, progress: Progress): Promise<LandedSource[]> {
  const { session, batch, trace, confirmGoingOn } = load;
  const landed: LandedSource[] = [];
  let firstId = await nextObjectId(session, load.warehouse.staging);
  let before = 0;
  for (const source of batch.sources) {
    const { name } = source.staging.source;
    landed.push(
      await landSource({
        ...load,
        source,
        firstId,
        isFullRefresh: batch.isFullRefresh,
        onRejects: (rows) => trace.rejects.push(...rows.slice(0, Math.max(0, tracedRejects - trace.rejects.length))),
        onProgress: (bytes) => {
          confirmGoingOn();
          progress(name, batch.bytes === 0 ? 1 : Math.min(1, (before + bytes) / batch.bytes));
        },
      }),
    );
    before += source.items.reduce((sum, { object }) => sum + object.sizeBytes, 0);
    firstId += BigInt(source.items.length + (landed.at(-1)?.landed.some(({ item }) => item.isCopy) ? 1 : 0));
  }
  return landed;
}

function refresh({ session, warehouse, batch, runId, confirmGoingOn }: LoadBatch, scopes: Scopes, progress: Progress) {
  const names = [...warehouse.staging, ...warehouse.tables].map(({ name }) => name);
  return refreshStar({
    session,
    warehouse,
    runId,
    scopeOf: (staging) => scopes.get(staging) ?? 'none',
    isOutdated: ({ name }) => batch.outdatedTables.includes(name),
    onTable: (table) => {
      confirmGoingOn();
      progress(table, names.indexOf(table) / names.length);
    },
  });
}

async function verify({ session, warehouse, batch }: LoadBatch, scopes: Scopes) {
  const isAll = batch.outdatedTables.length > 0 || [...scopes.values()].includes('all');
  return {
    duplicates: await countDuplicates(warehouse, session),
    checked: isAll ? ('everything' as const) : ('changes' as const),
    checks: await runChecks(warehouse, session, isAll ? everything : touchedRows),
  };
}

async function recordBatch(
  load: LoadBatch,
  { landed, checks, drift }: Pick<LoadedBatch, 'landed' | 'checks' | 'drift'>,
) {
  const merged = await mergeParts(load.session, landed);
  if (merged > 0) refuseFailures(await runObjectBalance(load.warehouse, load.session, touchedRows));
  await load.session.insertRows(checkTable, checkRows(load.runId, checks));
  await writeDrift(load.session, load.runId, drift);
  await load.record();
}

/** Rows of etl.checks. */
export function checkRows(runId: string, checks: readonly CheckResult[]) {
  return checks.map(({ name, kind, table, severity, passed, failures }) => [
    runId,
    name,
    kind,
    table,
    severity,
    passed,
    failures,
  ]);
}

/** Counts the lines read, as the report and the limit of rejects do. */
function describeLanded(sources: readonly LandedSource[]): string {
  const all = sources.flatMap(({ landed }) => landed.map((item) => item.landed));
  const read = all.reduce((sum, { linesRead }) => sum + linesRead, 0);
  const rejected = all.reduce((sum, { linesRejected }) => sum + linesRejected, 0);
  const objects = sources.flatMap(({ landed }) => landed.filter(({ item }) => !item.isCopy)).length;
  const words = `${counted(read, 'line')} of ${counted(objects, 'object')}`;
  return rejected === 0 ? words : `${words}, ${count(rejected)} rejected`;
}

function describeChanges(changes: readonly TableChange[]): string {
  const changed = changes.filter(({ inserted, updated, deleted }) => inserted + updated + deleted > 0);
  return `${changed.length} of ${changes.length} tables changed`;
}

function describeChecks({
  checks,
  duplicates,
}: {
  checks: readonly CheckResult[];
  duplicates: readonly DuplicateCount[];
}): string {
  const passed = checks.filter((check) => check.passed).length;
  const lines = duplicates.reduce((sum, count) => sum + count.lines, 0n);
  return `${passed} of ${checks.length} checks passed${lines === 0n ? '' : `, ${counted(lines, 'duplicate line')}`}`;
}
