import type { Session } from '../engines/engine.ts';
import { messageOf, SparkifyError } from '../errors.ts';
import {
  closeRun,
  forgetObjects,
  type LedgerObject,
  nextObjectId,
  openRun,
  setObjectState,
  setObjectVersions,
  touchMutex,
} from '../ledger/ledger.ts';
import { checks as checkTable, objects as objectTable, rejects as rejectTable } from '../ledger/tables.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { countDuplicates, type DuplicateCount, refuseConflicts } from '../quality/duplicates.ts';
import { type CheckResult, refuseFailures, runChecks } from '../quality/run-checks.ts';
import { comment, textLiteral } from '../sql/quote.ts';
import { searchedTables } from '../sql/searched.ts';
import { stagingShape, starShape, tableName } from '../sql/shapes.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { recomputeStar } from '../transform/statements.ts';
import { landSource, type RejectRow } from './land-source.ts';
import type { Plan, SourcePlan } from './plan.ts';
import { prepareTarget } from './prepare.ts';
import type { RunReport, SourceReport } from './report.ts';
import type { Progress, WatchStage } from './watch-stages.ts';

export interface Load {
  readonly warehouse: Warehouse;
  readonly store: ObjectStore;
  readonly session: Session;
  readonly plan: Plan;
  readonly runId: string;
  readonly startedAt: Date;
  readonly toolVersion: string;
  readonly maxConflicts: number;
  readonly watch: WatchStage;
  readonly now: () => Date;
}

/** What a run that fails leaves in the ledger for reading. */
interface Trace {
  rejects: RejectRow[];
  checks: readonly CheckResult[];
}

/** Of the rejects of a run that failed this many are kept. */
const tracedRejects = 10_000;

type Loaded = Pick<RunReport, 'sources' | 'tables' | 'duplicates' | 'checks'>;
type Committed = Loaded & Pick<RunReport, 'warnings'>;

/** Carries out a plan: everything from the first row landed to the last ledger row is one transaction. */
export async function loadPlan(load: Load): Promise<Committed> {
  const { session, warehouse, plan, runId, startedAt, toolVersion } = load;
  const trace: Trace = { rejects: [], checks: [] };
  await prepareTarget(session, warehouse);
  await openRun(session, { runId, root: plan.root, startedAt, toolVersion });
  const loaded = await session
    .transaction(() => loadInTransaction(load, trace))
    .catch(async (error: unknown) => {
      await leaveTrace(load, trace, error);
      throw error;
    });
  return { ...loaded, warnings: await maintain(load) };
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

async function loadInTransaction(load: Load, trace: Trace): Promise<Loaded> {
  const { session, warehouse, maxConflicts, watch } = load;
  await touchMutex(session);
  const sources = await watch('land', 'read and parse', (progress) => landAll(load, trace, progress), describeLanded);
  await watch(
    'transform',
    'recompute the star',
    (progress) => transform(load, progress),
    () => `${warehouse.tables.length} tables`,
  );
  const { duplicates, checks } = await watch('verify', 'run the checks', () => verify(load), describeChecks);
  trace.checks = checks;
  refuseFailures(checks);
  refuseConflicts(duplicates, maxConflicts);
  const tables = await watch(
    'record',
    'write the ledger',
    () => record(load, checks),
    () => 'committing',
  );
  return { sources, tables, duplicates, checks };
}

async function landAll(load: Load, trace: Trace, progress: Progress): Promise<SourceReport[]> {
  const { session, plan } = load;
  const totalBytes = plan.sources.flatMap(toLand).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const reports: SourceReport[] = [];
  let firstId = await nextObjectId(session, load.warehouse.staging);
  for (const source of plan.sources) {
    const objects = toLand(source);
    const before = reports.reduce((sum, { bytes }) => sum + bytes, 0);
    await replace(session, source, plan.isFullRefresh);
    reports.push(
      await landSource({
        ...load,
        staging: source.staging,
        mapping: source.mapping,
        objects,
        firstId,
        onRejects: (rows) => trace.rejects.push(...rows.slice(0, tracedRejects - trace.rejects.length)),
        onProgress: (bytes) =>
          progress(source.staging.source.name, totalBytes === 0 ? 1 : Math.min(1, (before + bytes) / totalBytes)),
      }),
    );
    firstId += BigInt(objects.length);
  }
  return reports;
}

function toLand({ fresh, changed }: SourcePlan) {
  return [...fresh, ...changed.map(({ object }) => object)];
}

/** Takes the old rows of objects that are landed again away, and notes which objects went, came back or were touched. */
async function replace(session: Session, source: SourcePlan, isFullRefresh: boolean): Promise<void> {
  const { staging, changed, vanished, returned, touched } = source;
  const ids = (objects: readonly { readonly known: LedgerObject }[]) => objects.map(({ known }) => known.objectId);
  await forgetObjects(session, ids(changed));
  if (changed.length > 0 || isFullRefresh) await takeAwayUnknown(session, staging);
  await setObjectState(
    session,
    vanished.map(({ objectId }) => objectId),
    'vanished',
  );
  await setObjectState(session, ids(returned), 'loaded');
  const versions = [...touched, ...returned];
  await setObjectVersions(
    session,
    versions.map(({ object, known }) => ({ objectId: known.objectId, version: object.version })),
  );
}

/** Staged rows and rejects that no object of the ledger accounts for: of forgotten objects, or of rows lost by hand. */
async function takeAwayUnknown(session: Session, staging: Staging): Promise<void> {
  const unknown = `object_id not in (select object_id from ${tableName(objectTable)})`;
  await session.run(
    `-- take away the rows of ${staging.name} that are landed again\ndelete from ${tableName(stagingShape(staging))} where ${unknown}`,
  );
  await session.run(
    `-- take away the rejects of objects that are landed again\ndelete from ${tableName(rejectTable)} where state = 'kept' and source = ${textLiteral(staging.source.name)} and ${unknown}`,
  );
}

async function transform({ session, warehouse, runId }: Load, progress: Progress): Promise<void> {
  const statements = recomputeStar(warehouse, session.dialect);
  for (const [index, { title, sql, table }] of statements.entries()) {
    progress(table, index / statements.length);
    await session.run(`${comment(`${runId} ${title}`)}\n${sql}`);
  }
}

async function verify({ session, warehouse }: Load) {
  return { duplicates: await countDuplicates(warehouse, session), checks: await runChecks(warehouse, session) };
}

async function record(load: Load, checks: readonly CheckResult[]): Promise<RunReport['tables']> {
  const { session, warehouse, runId, now } = load;
  await session.insertRows(checkTable, checkRows(runId, checks));
  const tables = await countRows(session, warehouse);
  await closeRun(session, runId, now());
  return tables;
}

function checkRows(runId: string, checks: readonly CheckResult[]) {
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

async function countRows(session: Session, { staging, tables }: Warehouse): Promise<RunReport['tables']> {
  const shapes = [...staging.map(stagingShape), ...tables.map(starShape)];
  const counts = shapes.map((shape) => `(select count(*) from ${tableName(shape)})`);
  const { rows } = await session.all(`-- count the rows of every table\nselect ${counts.join(', ')}`);
  return shapes.map(({ name }, index) => ({ table: name, rows: BigInt(String(rows[0]?.[index] ?? 0)) }));
}

/** After the rollback: what the run saw stays readable, marked as not loaded. */
async function leaveTrace(load: Load, trace: Trace, error: unknown): Promise<void> {
  try {
    await writeTrace(load, trace, error instanceof Error ? error : new Error(String(error)));
  } catch (second) {
    // What failed first is what people must see; that the ledger could not be told goes with it.
    if (error instanceof SparkifyError) error.addDetail('trace', `not written to the ledger: ${messageOf(second)}`);
  }
}

async function writeTrace({ session, runId, now }: Load, { rejects, checks }: Trace, error: Error): Promise<void> {
  await session.transaction(async () => {
    await session.insertRows(
      rejectTable,
      rejects.map((row) => [...row.slice(0, -1), 'not_loaded']),
    );
    await session.insertRows(checkTable, checkRows(runId, checks));
    await closeRun(session, runId, now(), error);
  });
}

function describeLanded(sources: readonly SourceReport[]): string {
  const sum = (count: (source: SourceReport) => number) =>
    sources.reduce((total, source) => total + count(source), 0).toLocaleString('en');
  const rejected = sum(({ linesRejected }) => linesRejected);
  const landed = `${sum(({ linesLoaded }) => linesLoaded)} lines of ${sum(({ objects }) => objects)} objects`;
  return rejected === '0' ? landed : `${landed}, ${rejected} rejected`;
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
  return `${passed} of ${checks.length} checks passed${lines === 0n ? '' : `, ${lines} duplicate lines`}`;
}
