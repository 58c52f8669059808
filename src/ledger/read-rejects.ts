import type { Session, Value } from '../engines/engine.ts';
import { textLiteral } from '../sql/quote.ts';
import { tableName } from '../sql/shapes.ts';
import { objects, rejects, runs } from './tables.ts';

/** Which rejected lines; all that is given must hold. */
export interface RejectFilter {
  readonly source?: string | undefined;
  /** A part of the object's uri. */
  readonly object?: string | undefined;
  /** A part of the reason, in any case. */
  readonly reason?: string | undefined;
  /** All of this run. Without it those that are in force, and those of the last run where it failed. */
  readonly runId?: string | undefined;
  /** Only those of objects that are in the root no more. */
  readonly vanished?: boolean;
}

export interface RejectedLine {
  readonly source: string;
  readonly uri: string;
  /** 1-based */
  readonly line: number;
  /** null where the whole line is bad. */
  readonly column: string | null;
  readonly reason: string;
  readonly rawText: string;
  readonly runId: string;
  /** False where the run that read it failed, so that nothing else of it is loaded either. */
  readonly loaded: boolean;
  /** Whether its object is in the root no more, so that the line stands here only. */
  readonly vanished: boolean;
}

/** How many there are, and the first of them by source, object and line. */
export async function readRejects(
  session: Session,
  filter: RejectFilter,
  limit: number,
): Promise<{ readonly total: bigint; readonly rejects: readonly RejectedLine[] }> {
  const from = `from ${tableName(rejects)}\nwhere ${conditions(session, filter).join('\n  and ')}`;
  const counted = await session.all(`-- count the rejects\nselect count(*)\n${from}`);
  const { rows } = await session.all(
    [
      '-- read the rejects',
      `select source, uri, line, column_name, reason, raw_text, run_id, state, case when ${ofVanished} then 1 else 0 end`,
      from,
      `order by source, uri, line, run_id\nlimit ${limit}`,
    ].join('\n'),
  );
  return { total: BigInt(String(counted.rows[0]?.[0] ?? 0)), rejects: rows.map(rejectedLine) };
}

/** A rejected line of an object, with the text that was kept of it. */
export interface KeptReject {
  readonly line: number;
  readonly rawText: string;
}

/** The rejects in force of one object, by line. */
export async function readKeptRejects(session: Session, objectId: bigint): Promise<readonly KeptReject[]> {
  const { rows } = await session.all(
    `-- read the rejects of an object\nselect line, raw_text from ${tableName(rejects)} where state = 'kept' and object_id = ${objectId} order by line`,
  );
  return rows.map(([line, rawText]) => ({ line: Number(line), rawText: String(rawText) }));
}

/** Whether the ledger knows a run. */
export async function hasRun(session: Session, runId: string): Promise<boolean> {
  const { rows } = await session.all(
    `-- look for a run\nselect count(*) from ${tableName(runs)} where run_id = ${textLiteral(runId, session.dialect)}`,
  );
  return Number(rows[0]?.[0]) > 0;
}

/** A run that failed may have numbered its objects as a later one did. */
const ofVanished = `state = 'kept' and object_id in (select object_id from ${tableName(objects)} where state = 'vanished')`;

function conditions({ dialect }: Session, { source, object, reason, runId, vanished }: RejectFilter): string[] {
  const literal = (value: string) => textLiteral(value, dialect);
  const lastRun = `(select run_id from ${tableName(runs)} order by started_at desc, run_id desc limit 1)`;
  return [
    runId === undefined ? `(state = 'kept' or run_id = ${lastRun})` : `run_id = ${literal(runId)}`,
    ...(source === undefined ? [] : [`source = ${literal(source)}`]),
    ...(object === undefined ? [] : [`position(${literal(object)} in uri) > 0`]),
    ...(vanished ? [ofVanished] : []),
    ...(reason === undefined ? [] : [`position(lower(${literal(reason)}) in lower(reason)) > 0`]),
  ];
}

function rejectedLine([
  source,
  uri,
  line,
  column,
  reason,
  rawText,
  runId,
  state,
  vanished,
]: readonly Value[]): RejectedLine {
  return {
    source: String(source),
    uri: String(uri),
    line: Number(line),
    column: column === null || column === undefined ? null : String(column),
    reason: String(reason),
    rawText: String(rawText),
    runId: String(runId),
    loaded: state === 'kept',
    vanished: Number(vanished) === 1,
  };
}
