import type { Session } from '../engines/engine.ts';
import { messageOf, SparkifyError } from '../errors.ts';
import { writeDrift } from '../ledger/known-keys.ts';
import { closeDeadRuns, closeRun, openRun, writeDefinitions } from '../ledger/ledger.ts';
import {
  checks as checkTable,
  rejects as rejectTable,
  roots as rootTable,
  unreadable as unreadableTable,
} from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { comment } from '../sql/quote.ts';
import { searchedTables } from '../sql/searched.ts';
import { stagingShape, starShape, tableName } from '../sql/shapes.ts';
import { isUnreadable, type ObjectStore } from '../storage/object-store.ts';
import { removeDeadFolders } from '../storage/temporary-folders.ts';
import { withLeftovers } from '../transform/evolve.ts';
import { scratchShapes } from '../transform/scratch.ts';
import { type Batch, batchesOf, type SourceBatch } from './batches.ts';
import { beginAgain, type Pause } from './begin-again.ts';
import { definitionsOf } from './fingerprints.ts';
import type { RejectLimit } from './guards.ts';
import type { Known } from './known.ts';
import { type UnreadableObject, unreadableObject } from './land-source.ts';
import {
  checkRows,
  emptyTrace,
  type LoadBatch,
  type LoadedBatch,
  loadBatch,
  type OnDrift,
  type Trace,
} from './load-batch.ts';
import { mergeBatches } from './merge-batches.ts';
import type { Plan } from './plan.ts';
import { narrowTables, prepareTarget } from './prepare.ts';
import type { RunReport } from './report.ts';
import type { WatchStage } from './watch-stages.ts';

export interface Load {
  readonly warehouse: Warehouse;
  readonly store: ObjectStore;
  readonly session: Session;
  readonly plan: Plan;
  readonly known: Known;
  readonly runId: string;
  readonly startedAt: Date;
  readonly toolVersion: string;
  readonly maxConflicts: number;
  readonly maxRejects: RejectLimit | undefined;
  readonly allowShrink: boolean;
  readonly onDrift: OnDrift;
  /** Content of one transaction. */
  readonly batchBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly watch: WatchStage;
  readonly now: () => Date;
  readonly pause: Pause;
}

type Loaded = Pick<
  RunReport,
  | 'sources'
  | 'tables'
  | 'duplicates'
  | 'checks'
  | 'checked'
  | 'drift'
  | 'warnings'
  | 'unreadable'
  | 'batches'
  | 'interrupted'
>;

/** Carries out a plan, batch by batch, each one transaction. A run may stop after any of them. */
export async function loadPlan(load: Load): Promise<Loaded> {
  const { session, warehouse, plan, known, runId, startedAt, toolVersion, now } = load;
  const repeatable = { ...load, isRepeatable: true };
  const loads = await beginAgain(() => prepareTarget(session, warehouse, known), repeatable);
  await beginAgain(() => openRun(session, { runId, root: plan.root, startedAt, toolVersion }), repeatable);
  await removeDeadFolders();
  const trace = emptyTrace();
  const unreadable: UnreadableObject[] = [];
  const loaded: LoadedBatch[] = [];
  try {
    await beginAgain(() => prepareScratch(load), load);
    const batches = batchesOf(plan, load.batchBytes);
    for (const [index, batch] of batches.entries()) {
      if (load.signal?.aborted && index > 0) break;
      if (index > 0) await clearScratch(load);
      const isLast = index === batches.length - 1;
      const step = { batch, loads: loads + BigInt(index), isLast, earlier: loaded };
      const done = await withoutChanging(load, step, trace, unreadable);
      loaded.push(done);
      unreadable.push(...done.landed.flatMap((source) => source.unreadable));
    }
    const interrupted = loaded.length < batches.length;
    if (interrupted || unreadable.length > 0) await beginAgain(() => noteEnd(load, unreadable, interrupted), load);
    const tables = await beginAgain(() => countRows(session, warehouse), load);
    const merged = mergeBatches(warehouse, loaded, tables);
    const { definitions } = known;
    const narrowed = await narrowTables(session, warehouse, { definitions, loads: loads + BigInt(loaded.length) });
    const warnings = [...narrowed, ...(await maintain(load))];
    return { ...merged, unreadable, interrupted, batches: loaded.length, warnings };
  } catch (error) {
    if (error instanceof SparkifyError) error.addDetail('committedBatches', loaded.length);
    await leaveTrace(load, trace, unreadable, error);
    throw error;
  }

  async function noteEnd({ session: target }: Load, objects: readonly UnreadableObject[], interrupted: boolean) {
    await target.transaction(async () => {
      await target.insertRows(
        unreadableTable,
        objects.map(({ source, uri, code, message }) => [runId, source, uri, code, message.slice(0, 1_000)]),
      );
      if (interrupted) await closeRun(target, runId, now(), interruption());
    });
  }
}

/** One batch of the plan, and where it stands among the others. */
type Step = Pick<LoadBatch, 'batch' | 'loads' | 'isLast' | 'earlier'>;

/**
 * An object that changes, or breaks, after some of it was parsed is left out: the batch begins again without it, and
 * the next run reads what it has become.
 */
async function withoutChanging(
  load: Load,
  step: Step,
  trace: Trace,
  unreadable: UnreadableObject[],
): Promise<LoadedBatch> {
  const { batch } = step;
  try {
    return await oneBatch(load, step, trace);
  } catch (error) {
    const uris = isUnreadable(error) ? urisOf(error) : [];
    const source = batch.sources.find(({ items }) => items.some(({ object }) => uris.includes(object.uri)));
    if (!source || !isUnreadable(error) || source.copies.length > 0 || isLost(source, uris)) throw error;
    unreadable.push(...uris.map((uri) => unreadableObject(source.staging.source.name, uri, error)));
    await clearScratch(load);
    return withoutChanging(load, { ...step, batch: without(batch, uris) }, trace, unreadable);
  }
}

/** Whether nothing is left of one of these that were loaded before. */
function isLost({ emptied }: SourceBatch, uris: readonly string[]): boolean {
  return emptied.some(({ uri }) => uris.includes(uri));
}

/** Of one object, or of several of one source. */
function urisOf({ details: { uri, uris = [uri] } }: SparkifyError): readonly string[] {
  return Array.isArray(uris) ? uris.filter((one) => typeof one === 'string') : [];
}

function without(batch: Batch, uris: readonly string[]): Batch {
  const sources = batch.sources.map((source) => ({
    ...source,
    items: source.items.filter(({ object }) => !uris.includes(object.uri)),
  }));
  return { ...batch, sources };
}

function oneBatch(load: Load, step: Step, trace: Trace): Promise<LoadedBatch> {
  const { session, runId, now, signal, plan, known } = load;
  const batch: LoadBatch = {
    ...load,
    ...step,
    trace,
    confirmGoingOn: () => {
      if (signal?.aborted) throw interruption();
    },
    record: async () => {
      if (step.earlier.length === 0) {
        await recordOrigins(load, plan, known);
        await closeDeadRuns(session, runId);
      }
      if (step.isLast) await closeRun(session, runId, now());
    },
  };
  return beginAgain(() => loadBatch(batch), { ...load, prepare: () => renewScratch(load) });
}

/** Which root and which definitions the rows come from; with the first batch, which brings every table to them. */
async function recordOrigins(
  { session, warehouse, runId }: Load,
  { root }: Plan,
  { roots, definitions }: Known,
): Promise<void> {
  if (!roots.includes(root)) await session.insertRows(rootTable, [[root, runId]]);
  await writeDefinitions(session, withLeftovers(definitionsOf(warehouse, session.dialect), definitions));
}

function interruption(): SparkifyError {
  return new SparkifyError('INTERRUPTED', 'The run was asked to stop.', {
    hint: 'Run again to load the rest.',
    retryable: true,
  });
}

/** Before the first transaction: an engine may not create tables inside one that loads. */
async function prepareScratch({ session, warehouse }: Load): Promise<void> {
  for (const shape of scratchShapes(warehouse)) {
    await session.run(`${comment(`create ${shape.name}`)}\n${session.dialect.createTemporaryTable(shape)}`);
  }
}

/** Another connection has none of the temporary tables, and the same one may have what a batch left in them. */
async function renewScratch(load: Load): Promise<void> {
  await prepareScratch(load);
  await emptyScratch(load);
}

function clearScratch(load: Load): Promise<void> {
  return beginAgain(() => emptyScratch(load), { ...load, prepare: () => prepareScratch(load) });
}

async function emptyScratch({ session, warehouse }: Load): Promise<void> {
  for (const shape of scratchShapes(warehouse)) {
    await session.run(`${comment(`empty ${shape.name}`)}\ndelete from ${tableName(shape)}`);
  }
}

/** The rows are committed: indexes and statistics that are missing make queries slower, not wrong. */
async function maintain({ session, warehouse }: Load): Promise<readonly string[]> {
  try {
    for (const { title, sql } of session.dialect.maintain(searchedTables(warehouse)))
      await session.run(`${comment(title)}\n${sql}`);
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

async function countRows(session: Session, { staging, tables }: Warehouse): Promise<ReadonlyMap<string, bigint>> {
  const shapes = [...staging.map(stagingShape), ...tables.map(starShape)];
  const counts = shapes.map((shape) => `(select count(*) from ${tableName(shape)})`);
  const { rows } = await session.all(`-- count the rows of every table\nselect ${counts.join(', ')}`);
  return new Map(shapes.map(({ name }, index) => [name, BigInt(String(rows[0]?.[index] ?? 0))]));
}

/** After the rollback: what the run saw stays readable, marked as not loaded. */
async function leaveTrace(
  load: Load,
  trace: Trace,
  unreadable: readonly UnreadableObject[],
  error: unknown,
): Promise<void> {
  try {
    await load.session.reconnect();
    await writeTrace(load, trace, unreadable, error instanceof Error ? error : new Error(String(error)));
  } catch (second) {
    // What failed first is what people must see; that the ledger could not be told goes with it.
    if (error instanceof SparkifyError) error.addDetail('trace', `not written to the ledger: ${messageOf(second)}`);
  }
}

async function writeTrace(
  { session, runId, now }: Load,
  { rejects, checks, drift }: Trace,
  unreadable: readonly UnreadableObject[],
  error: Error,
): Promise<void> {
  await session.transaction(async () => {
    await session.insertRows(
      rejectTable,
      rejects.map((row) => [...row.slice(0, -1), 'not_loaded']),
    );
    await session.insertRows(checkTable, checkRows(runId, checks));
    await writeDrift(session, runId, drift);
    await session.insertRows(
      unreadableTable,
      unreadable.map(({ source, uri, code, message }) => [runId, source, uri, code, message.slice(0, 1_000)]),
    );
    await closeRun(session, runId, now(), error);
  });
}
