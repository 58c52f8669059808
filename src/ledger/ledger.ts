import type { Session, Value } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import { identifier, textLiteral } from '../sql/quote.ts';
import { tableName } from '../sql/shapes.ts';
import { ledgerVersion, mutex, objects, rejects, runs } from './tables.ts';

export type ObjectState = 'loaded' | 'vanished';

/** What the ledger knows of an object. */
export interface LedgerObject {
  readonly objectId: bigint;
  readonly source: string;
  readonly uri: string;
  readonly version: string;
  readonly contentHash: string;
  readonly state: ObjectState;
}

export interface RunRow {
  readonly runId: string;
  readonly root: string;
  readonly startedAt: Date;
  readonly toolVersion: string;
}

/** How a time is written for the ledger: UTC, to the millisecond. */
export function timestampOf(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}

/**
 * Makes sure that the mutex row is there and that this version can read the ledger.
 * @throws TARGET_NEWER
 */
export async function ensureLedgerVersion(session: Session): Promise<void> {
  const found = await session.all(`-- read the version of the ledger\nselect ledger_version from ${tableName(mutex)}`);
  const version = found.rows[0]?.[0];
  if (version === undefined) return session.insertRows(mutex, [[1, 0n, ledgerVersion]]);
  if (Number(version) > ledgerVersion) {
    throw new SparkifyError(
      'TARGET_NEWER',
      `The target's ledger has version ${version}; this tool knows up to ${ledgerVersion}.`,
      {
        hint: 'Update sparkify-warehouse.',
      },
    );
  }
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
    `-- read the objects of the ledger\nselect object_id, source, uri, version, content_hash, state from ${tableName(objects)}`,
  );
  return rows.map(([objectId, source, uri, version, contentHash, state]) => ({
    objectId: BigInt(objectId as bigint),
    source: String(source),
    uri: String(uri),
    version: String(version),
    contentHash: String(contentHash),
    state: state as ObjectState,
  }));
}

/** The number the next object gets; numbers are never used again. */
export async function nextObjectId(session: Session): Promise<bigint> {
  const { rows } = await session.all(
    `-- read the greatest object number\nselect coalesce(max(object_id), 0) + 1 from ${tableName(objects)}`,
  );
  return BigInt(String(rows[0]?.[0] ?? 1));
}

/** Says that a run begins; runs that a crash left open are marked as such. */
export async function openRun(session: Session, { runId, root, startedAt, toolVersion }: RunRow): Promise<void> {
  await session.transaction(async () => {
    await session.run(
      `-- close the runs that died\nupdate ${tableName(runs)} set state = 'died' where state = 'running'`,
    );
    await session.insertRows(runs, [[runId, root, 'running', timestampOf(startedAt), null, toolVersion, null, null]]);
  });
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

/** Counts the load in the mutex row: the first write of a load transaction. */
export function touchMutex(session: Session): Promise<void> {
  return session.run(`-- take the mutex\nupdate ${tableName(mutex)} set loads = loads + 1 where id = 1`);
}

/** Forgets objects and their rejects, so that they can be landed again. */
export async function forgetObjects(session: Session, objectIds: readonly bigint[]): Promise<void> {
  if (objectIds.length === 0) return;
  for (const table of [objects, rejects]) {
    await session.run(
      `-- forget objects in ${table.name}\ndelete from ${tableName(table)} where object_id in (${objectIds.join(', ')})`,
    );
  }
}

/** Notes that objects are gone from the bucket, or back in it. */
export async function setObjectState(
  session: Session,
  objectIds: readonly bigint[],
  state: ObjectState,
): Promise<void> {
  if (objectIds.length === 0) return;
  await session.run(
    `-- mark objects as ${state}\nupdate ${tableName(objects)} set state = ${textLiteral(state)} where object_id in (${objectIds.join(', ')})`,
  );
}

/** Notes that an object has the same content under a new version. */
export async function setObjectVersion(session: Session, objectId: bigint, version: string): Promise<void> {
  await session.run(
    `-- note the new version of an object\nupdate ${tableName(objects)} set version = ${textLiteral(version, session.dialect)} where object_id = ${objectId}`,
  );
}

/** Rows of the newest runs first, as plain records, for `status`. */
export async function recentRuns(session: Session, limit: number): Promise<readonly Readonly<Record<string, Value>>[]> {
  const columns = runs.columns.map(({ name }) => name);
  const { rows } = await session.all(
    `-- read the runs\nselect ${columns.map(identifier).join(', ')} from ${tableName(runs)} order by started_at desc, run_id desc limit ${limit}`,
  );
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])));
}
