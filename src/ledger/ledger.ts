import type { Session, Value } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import { identifier, textLiteral } from '../sql/quote.ts';
import { stagingShape, tableName } from '../sql/shapes.ts';
import { confirmStarSchema } from './star-schema.ts';
import { checks, definitions, ledgerVersion, mutex, objects, roots, runs } from './tables.ts';

/**
 * 'copy': no object of the root but a COPY of many, whose rows carry its number, as nothing tells which came from which.
 */
export type ObjectState = 'loaded' | 'vanished' | 'copy';

/** What the ledger knows of an object. */
export interface LedgerObject {
  readonly objectId: bigint;
  readonly source: string;
  readonly uri: string;
  readonly version: string;
  /** '' where this tool has not read it: its lines came by a COPY of the same run. */
  readonly contentHash: string;
  /** Of the rules by which it was landed. */
  readonly fingerprint: string;
  readonly state: ObjectState;
  readonly runId: string;
  readonly contentBytes: number;
  readonly linesRead: number;
  readonly linesLoaded: number;
  readonly linesRejected: number;
}

/** Whether an object's lines came by COPY, past this tool: nothing tells them from those that came with them. */
export function isCopied({ state, contentHash }: Pick<LedgerObject, 'state' | 'contentHash'>): boolean {
  return state !== 'copy' && contentHash === '';
}

export interface RunRow {
  readonly runId: string;
  readonly root: string;
  readonly startedAt: Date;
  readonly toolVersion: string;
}

/** How a time is written for the ledger: UTC, to the millisecond. */
function timestampOf(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}

/** What the ledger says of itself. */
interface LedgerHead {
  readonly version: number;
  /** Where staging and star are; '' where it is of a version that does not tell. */
  readonly starSchema: string;
}

/**
 * Confirms that this version can read the ledger and that it tells of the star that the session finds; false where it is
 * still empty.
 * @throws TARGET_NEWER, TARGET_OLDER, TARGET_ELSEWHERE; TARGET_UNUSABLE where it has lost the row that tells
 */
export async function confirmLedger(session: Session): Promise<boolean> {
  const head = await readLedgerHead(session);
  if (!head) {
    await confirmEmpty(session);
    return false;
  }
  refuseOtherVersion(head);
  confirmStarSchema(head.starSchema, session.schemas);
  return true;
}

/** Without the mutex nobody knows what the ledger is of: to take it for new would load everything twice. */
async function confirmEmpty(session: Session): Promise<void> {
  const { rows } = await session.all(`-- look for objects of the ledger\nselect 1 from ${tableName(objects)} limit 1`);
  if (rows.length > 0) throw wrongMutex(0);
}

function refuseOtherVersion({ version }: LedgerHead): void {
  if (version === ledgerVersion) return;
  if (version > ledgerVersion) {
    throw new SparkifyError(
      'TARGET_NEWER',
      `The target's ledger has version ${version}; this tool knows up to ${ledgerVersion}.`,
      { hint: 'Update sparkify-warehouse.' },
    );
  }
  throw new SparkifyError(
    'TARGET_OLDER',
    `The target's ledger has version ${version}; this tool needs ${ledgerVersion}.`,
    {
      hint: 'The next `sparkify run` brings it there.',
    },
  );
}

/** Of a ledger of any version; undefined where it is still empty. */
export async function readLedgerHead(session: Session): Promise<LedgerHead | undefined> {
  // Which columns there are depends on the version.
  const { columns, rows } = await session.all(`-- read the version of the ledger\nselect * from ${tableName(mutex)}`);
  const [row] = rows;
  const told = (column: string) => row?.[columns.findIndex(({ name }) => name === column)] ?? '';
  return row && { version: Number(told('ledger_version')), starSchema: String(told('star_schema')) };
}

/** Puts the mutex row in where it is missing. @throws TARGET_NEWER, TARGET_OLDER, TARGET_ELSEWHERE */
export async function ensureMutex(session: Session): Promise<void> {
  const [starSchema = ''] = session.schemas;
  if (!(await confirmLedger(session))) await session.insertRows(mutex, [[1, 0n, ledgerVersion, starSchema]]);
}

/** Whether the target has a ledger at all. */
export async function hasLedger(session: Session): Promise<boolean> {
  const { rows } = await session.all(
    `-- look for the ledger\nselect count(*) from information_schema.tables where table_schema = ${textLiteral(mutex.schema ?? '')} and table_name = ${textLiteral(mutex.name)}`,
  );
  return Number(rows[0]?.[0]) > 0;
}

/** Every object the ledger knows. */
export async function readObjects(session: Session): Promise<readonly LedgerObject[]> {
  const { rows } = await session.all(
    `-- read the objects of the ledger\nselect object_id, source, uri, version, content_hash, fingerprint, state, run_id, content_bytes, lines_read, lines_loaded, lines_rejected from ${tableName(objects)}`,
  );
  return rows.map(([objectId, source, uri, version, contentHash, fingerprint, state, runId, ...counts]) => {
    const [contentBytes = 0, linesRead = 0, linesLoaded = 0, linesRejected = 0] = counts.map(Number);
    return {
      objectId: BigInt(objectId as bigint),
      source: String(source),
      uri: String(uri),
      version: String(version),
      contentHash: String(contentHash),
      fingerprint: String(fingerprint),
      state: state as ObjectState,
      runId: String(runId),
      contentBytes,
      linesRead,
      linesLoaded,
      linesRejected,
    };
  });
}

/** The number the next object gets: greater than any in the ledger or, should the ledger have lost rows, in staging. */
export async function nextObjectId(session: Session, staging: readonly Staging[]): Promise<bigint> {
  const greatest = [objects, ...staging.map(stagingShape)].map(
    (table) => `select coalesce(max(object_id), 0) as object_id from ${tableName(table)}`,
  );
  const { rows } = await session.all(
    `-- read the greatest object number\nselect max(object_id) + 1 from (\n${greatest.join('\nunion all\n')}\n) numbers`,
  );
  return BigInt(String(rows[0]?.[0] ?? 1));
}

/** Says that a run begins, which may have been said already. */
export async function openRun(session: Session, { runId, root, startedAt, toolVersion }: RunRow): Promise<void> {
  const row = [runId, root, 'running', timestampOf(startedAt), null, toolVersion, null, null];
  await session.transaction(async () => {
    await session.run(
      `-- say anew that the run begins\ndelete from ${tableName(runs)} where run_id = ${textLiteral(runId)}`,
    );
    await session.insertRows(runs, [row]);
  });
}

/**
 * Marks the runs that a crash left open. Inside the load transaction of another run: by it the plan of any run becomes
 * void that, where the lock is held by the transaction alone, might still be between two of its own.
 */
export async function closeDeadRuns(session: Session, runId: string): Promise<void> {
  const others = `state = 'running' and run_id <> ${textLiteral(runId, session.dialect)}`;
  await session.run(`-- close the runs that died\nupdate ${tableName(runs)} set state = 'died' where ${others}`);
}

/** Says how a run ended; called inside the load transaction for 'done', in one of its own for 'failed'. */
export async function closeRun(
  session: Session,
  runId: string,
  finishedAt: Date,
  failure?: SparkifyError | Error,
): Promise<void> {
  const code = failure instanceof SparkifyError ? failure.code : failure ? 'BUG' : undefined;
  const text = (value: string | undefined) =>
    value === undefined ? 'null' : textLiteral(value.replaceAll('\0', ''), session.dialect);
  await session.run(
    [
      '-- close the run',
      `update ${tableName(runs)}`,
      `set state = ${text(failure ? 'failed' : 'done')}, finished_at = cast(${text(timestampOf(finishedAt))} as timestamp),`,
      `  error_code = ${text(code)}, error_message = ${text(failure?.message.slice(0, 1_000))}`,
      `where run_id = ${text(runId)}`,
    ].join('\n'),
  );
}

/**
 * Puts the mutex row in, as one statement, for whoever makes a ledger by hand: what `ensureMutex` does, but that nothing is
 * said of the schema, which no statement knows before it is run. Idempotent.
 */
export const putMutex = [
  '-- put the mutex in',
  `insert into ${tableName(mutex)} (id, loads, ledger_version)`,
  `select 1, 0, ${ledgerVersion}`,
  `from (select count(*) as present from ${tableName(mutex)}) m`,
  'where present = 0',
].join('\n');

/** The statement by which a load takes the mutex: its first write. */
export const takeMutex = `-- take the mutex\nupdate ${tableName(mutex)} set loads = loads + 1 where id = 1`;

/**
 * How many loads the warehouse has seen; who took the mutex counts among them.
 * @throws TARGET_UNUSABLE unless one row tells: of several nobody knows which one a load was counted by
 */
export async function readLoads(session: Session): Promise<bigint> {
  const { rows } = await session.all(`-- count the loads\nselect loads from ${tableName(mutex)} where id = 1`);
  if (rows.length === 1) return BigInt(String(rows[0]?.[0]));
  throw wrongMutex(rows.length);
}

function wrongMutex(rows: number): SparkifyError {
  return new SparkifyError('TARGET_UNUSABLE', `${tableName(mutex)} has ${rows} rows, where one must be.`, {
    hint:
      rows === 0
        ? `It was altered by hand: put the row back, by insert into ${tableName(mutex)} (id, loads, ledger_version, star_schema) values (1, 1, ${ledgerVersion}, '')`
        : `Loads may have been counted twice, and objects loaded twice. Keep one row: create temporary table one as select distinct * from ${tableName(mutex)} where loads = (select max(loads) from ${tableName(mutex)}); delete from ${tableName(mutex)}; insert into ${tableName(mutex)} select * from one. Then: sparkify run --full-refresh`,
  });
}

/** @throws LEDGER_MOVED unless the warehouse has seen so many loads: another one came since they were counted */
export async function confirmLoads(session: Session, loads: bigint): Promise<void> {
  if ((await readLoads(session)) !== loads) throw ledgerMoved();
}

/** Where another run has come since a plan was made. */
export function ledgerMoved(): SparkifyError {
  const message = 'Another run has loaded the target, or changed it, since this one was planned.';
  return new SparkifyError('LEDGER_MOVED', message, { hint: 'Run again.', retryable: true });
}

/** How many checks a run has recorded: every batch records some, and with it all that it did. */
export async function countChecks(session: Session, runId: string): Promise<number> {
  const { rows } = await session.all(
    `-- count the checks of the run\nselect count(*) from ${tableName(checks)} where run_id = ${textLiteral(runId, session.dialect)}`,
  );
  return Number(rows[0]?.[0] ?? 0);
}

/** The roots the warehouse knows. */
export async function readRoots(session: Session): Promise<readonly string[]> {
  const { rows } = await session.all(`-- read the roots\nselect root from ${tableName(roots)} order by root`);
  return rows.map(([root]) => String(root));
}

/** What a table, or landing, was last computed by. */
export interface Definition {
  readonly name: string;
  readonly fingerprint: string;
  readonly version: number;
  /** Name and type, in the order of the table; of landing none. */
  readonly columns: readonly (readonly [name: string, type: string])[];
}

export async function readDefinitions(session: Session): Promise<readonly Definition[]> {
  const { rows } = await session.all(
    `-- read the definitions\nselect name, fingerprint, version, columns from ${tableName(definitions)}`,
  );
  return rows.map(([name, fingerprint, version, columns]) => ({
    name: String(name),
    fingerprint: String(fingerprint),
    version: Number(version),
    columns: JSON.parse(String(columns)),
  }));
}

/** Replaces what the warehouse is computed by. */
export async function writeDefinitions(session: Session, all: readonly Definition[]): Promise<void> {
  await session.run(`-- forget the definitions\ndelete from ${tableName(definitions)}`);
  await session.insertRows(
    definitions,
    all.map(({ name, fingerprint, version, columns }) => [name, fingerprint, version, JSON.stringify(columns)]),
  );
}

/** Says of the objects of a source that they were landed by no rules known, so that the next run lands them again. */
export async function forgetLanding(session: Session, source: string): Promise<void> {
  await session.run(
    `-- forget by which rules ${source} were landed\nupdate ${tableName(objects)} set fingerprint = '' where source = ${textLiteral(source)}`,
  );
}

/** How many objects one statement names. */
const chunkSize = 1_000;

/** Notes that objects have the same content under new versions. */
export async function setObjectVersions(
  session: Session,
  versions: readonly { readonly objectId: bigint; readonly version: string }[],
): Promise<void> {
  for (let start = 0; start < versions.length; start += chunkSize) {
    const chunk = versions.slice(start, start + chunkSize);
    const cases = chunk.map(
      ({ objectId, version }) => `when ${objectId} then ${textLiteral(version, session.dialect)}`,
    );
    await session.run(
      `-- note the new versions of objects\nupdate ${tableName(objects)}\nset version = case object_id ${cases.join(' ')} end\nwhere object_id in (${chunk.map(({ objectId }) => objectId).join(', ')})`,
    );
  }
}

/** Rows of the newest runs first, as plain records, for `status`. */
export async function recentRuns(session: Session, limit: number): Promise<readonly Readonly<Record<string, Value>>[]> {
  const columns = runs.columns.map(({ name }) => name);
  const { rows } = await session.all(
    `-- read the runs\nselect ${columns.map(identifier).join(', ')} from ${tableName(runs)} order by started_at desc, run_id desc limit ${limit}`,
  );
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])));
}
