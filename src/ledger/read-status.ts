import type { Session, Value } from '../engines/engine.ts';
import type { TableShape } from '../sql/dialect.ts';
import { identifier, textLiteral } from '../sql/quote.ts';
import { tableName } from '../sql/shapes.ts';
import { recentRuns } from './ledger.ts';
import { objects, unreadable } from './tables.ts';

/** A run as the ledger tells of it. */
export interface RecentRun {
  readonly runId: string;
  readonly root: string;
  readonly state: string;
  /** `YYYY-MM-DD HH:MM:SS.mmm`, UTC. */
  readonly startedAt: string;
  /** null while it runs, or where it died. */
  readonly elapsedMs: number | null;
  readonly toolVersion: string;
  /** How many objects it could not read; the others it loaded, where it is done. */
  readonly unreadable: number;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

/** The objects of one source and what became of their lines, over all runs: read = loaded + rejected + blank. */
export interface SourceTotals {
  readonly source: string;
  /** Including those that have vanished. */
  readonly objects: bigint;
  readonly vanished: bigint;
  /** Bytes parsed, after inflating. */
  readonly bytes: bigint;
  readonly linesRead: bigint;
  readonly linesLoaded: bigint;
  readonly linesRejected: bigint;
  readonly linesBlank: bigint;
}

/** The newest runs first. */
export async function readRuns(session: Session, limit: number): Promise<readonly RecentRun[]> {
  const runs = await recentRuns(session, limit);
  const unread = await countUnreadable(
    session,
    runs.map((run) => String(run.run_id)),
  );
  return runs.map((run) => ({
    runId: String(run.run_id),
    root: String(run.root),
    state: String(run.state),
    startedAt: String(run.started_at),
    elapsedMs: elapsed(run.started_at, run.finished_at),
    toolVersion: String(run.tool_version),
    unreadable: unread.get(String(run.run_id)) ?? 0,
    errorCode: textOrNull(run.error_code),
    errorMessage: textOrNull(run.error_message),
  }));
}

/** Of those runs that could not read some. */
async function countUnreadable(session: Session, runIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (runIds.length === 0) return new Map();
  const list = runIds.map((runId) => textLiteral(runId, session.dialect)).join(', ');
  const { rows } = await session.all(
    `-- count the unreadable objects of the runs\nselect run_id, count(*) from ${tableName(unreadable)} where run_id in (${list}) group by run_id`,
  );
  return new Map(rows.map(([runId, objects]) => [String(runId), Number(objects)]));
}

/** What a run could not read. */
export interface UnreadObject {
  readonly source: string;
  readonly uri: string;
  readonly errorCode: string;
  readonly errorMessage: string;
}

/** A number of objects, and the first of them by uri. */
export interface FirstOf<T> {
  readonly total: bigint;
  readonly first: readonly T[];
}

/** The objects that are in their root no more; their rows stay. */
export async function readVanished(session: Session, limit: number): Promise<FirstOf<{ readonly uri: string }>> {
  const { total, rows } = await firstRows(
    session,
    'the vanished objects',
    objects,
    ['uri'],
    `state = 'vanished'`,
    limit,
  );
  return { total, first: rows.map(([uri]) => ({ uri: String(uri) })) };
}

/** The objects that one run could not read. */
export async function readUnreadable(session: Session, runId: string, limit: number): Promise<FirstOf<UnreadObject>> {
  const columns = ['source', 'uri', 'error_code', 'error_message'];
  const ofRun = `run_id = ${textLiteral(runId, session.dialect)}`;
  const { total, rows } = await firstRows(session, 'the unreadable objects', unreadable, columns, ofRun, limit);
  return {
    total,
    first: rows.map(([source, uri, errorCode, errorMessage]) => ({
      source: String(source),
      uri: String(uri),
      errorCode: String(errorCode),
      errorMessage: String(errorMessage),
    })),
  };
}

async function firstRows(
  session: Session,
  what: string,
  table: TableShape,
  columns: readonly string[],
  condition: string,
  limit: number,
) {
  const from = `from ${tableName(table)}\nwhere ${condition}`;
  const counted = await session.all(`-- count ${what}\nselect count(*)\n${from}`);
  const { rows } = await session.all(
    `-- read ${what}\nselect ${columns.map(identifier).join(', ')}\n${from}\norder by uri\nlimit ${limit}`,
  );
  return { total: BigInt(String(counted.rows[0]?.[0] ?? 0)), rows };
}

/** By name of the source. */
export async function readSourceTotals(session: Session): Promise<readonly SourceTotals[]> {
  const sums = ['content_bytes', 'lines_read', 'lines_loaded', 'lines_rejected', 'lines_blank'].map(
    (name) => `cast(sum(${name}) as bigint)`,
  );
  const { rows } = await session.all(
    [
      '-- add up the objects of each source',
      `select source, cast(sum(case when state = 'copy' then 0 else 1 end) as bigint), cast(sum(case when state = 'vanished' then 1 else 0 end) as bigint), ${sums.join(', ')}`,
      `from ${tableName(objects)}`,
      'group by source',
      'order by source',
    ].join('\n'),
  );
  return rows.map(([source, ...counts]) => {
    const [
      objectCount = 0n,
      vanished = 0n,
      bytes = 0n,
      linesRead = 0n,
      linesLoaded = 0n,
      linesRejected = 0n,
      linesBlank = 0n,
    ] = counts.map((value) => BigInt(String(value ?? 0)));
    return {
      source: String(source),
      objects: objectCount,
      vanished,
      bytes,
      linesRead,
      linesLoaded,
      linesRejected,
      linesBlank,
    };
  });
}

function elapsed(startedAt: Value | undefined, finishedAt: Value | undefined): number | null {
  if (finishedAt === null || finishedAt === undefined) return null;
  return milliseconds(finishedAt) - milliseconds(startedAt ?? '');
}

const milliseconds = (timestamp: Value): number => Date.parse(`${String(timestamp).replace(' ', 'T')}Z`);

const textOrNull = (value: Value | undefined): string | null =>
  value === null || value === undefined ? null : String(value);
