import type { Session, Value } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import { identifier, textLiteral } from '../sql/quote.ts';
import { stagingShape, tableName } from '../sql/shapes.ts';
import { checks, definitions, objects, rejects, roots, runs } from './tables.ts';

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
      `-- say anew that the run begins\ndelete from ${tableName(runs)} where run_id = ${textLiteral(runId, session.dialect)}`,
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

/** A column, and whether it is of the key: an older ledger does not tell. */
export type DefinedColumn = readonly [name: string, type: string, of?: 'key'];

/** What a table, a view, or landing, was last computed by. */
export interface Definition {
  readonly name: string;
  readonly fingerprint: string;
  readonly version: number;
  /** In the order of the table; of a view and of landing none. */
  readonly columns: readonly DefinedColumn[];
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
    `-- forget by which rules ${source} were landed\nupdate ${tableName(objects)} set fingerprint = '' where source = ${textLiteral(source, session.dialect)}`,
  );
}

/** Forgets the rejects of no object known, whose numbers other objects may get. */
export async function forgetUnknownRejects(session: Session): Promise<void> {
  await session.run(
    `-- forget the rejects of no object known\ndelete from ${tableName(rejects)} where state = 'kept' and object_id not in (select object_id from ${tableName(objects)})`,
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
