import { isUtf8 } from 'node:buffer';
import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import type { LandingTable } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import { holdsSeveralValues } from './json-values.ts';
import type { Reject } from './landed.ts';
import type { Limits } from './limits.ts';
import type { Mapping } from './mapping.ts';
import { newline, newRawChunk, type RawChunk, type RawLine } from './raw-chunk.ts';
import { rawSql } from './raw-sql.ts';
import { rawTextBytes, rawTextOf } from './raw-text.ts';
import type { Tally } from './tally.ts';

export interface RawPathOptions {
  readonly staging: Staging;
  readonly mapping: Mapping;
  readonly landing: LandingTable;
  readonly limits: Limits;
  readonly onRejects: (rejects: readonly Reject[]) => Promise<void>;
}

/** Decides lines one by one and exactly, whatever they hold. Lines must come in order of object and line. */
export interface RawPath {
  /** @param lineBytes the length of the line, more than `bytes` where these are its beginning only */
  add(tally: Tally, number: number, bytes: Buffer, lineBytes: number): void;
  /** Decides what was added, if that is enough for a statement. */
  flushWhenFull(): Promise<void>;
  flush(): Promise<void>;
  close(): void;
}

/** A line that does not fit, before it is told. */
interface Refusal {
  readonly line: RawLine;
  readonly column?: string | undefined;
  readonly reason: string;
}

const rejectsAtOnce = 5_000;

export async function openRawPath({ staging, mapping, landing, limits, onRejects }: RawPathOptions): Promise<RawPath> {
  const { insert, reject, problems } = rawSql(staging, mapping, landing.name);
  const inserting = await landing.connection.prepare(insert);
  const rejecting = await landing.connection.prepare(reject);
  const chunk = newRawChunk();

  const refused = async (fit: readonly RawLine[], lines: Buffer): Promise<Refusal[]> => {
    bind(rejecting, lines, fit);
    const rows = await (await rejecting.run()).getRows();
    return rows.map(([index, problem]) => refusal(fit[Number(index)], problems[Number(problem)], chunk));
  };
  const decide = async (fit: readonly RawLine[], lines: Buffer): Promise<Refusal[]> => {
    if (fit.length === 0) return [];
    bind(inserting, lines, fit);
    const { rowsChanged } = await inserting.run();
    return rowsChanged === fit.length ? [] : refused(fit, lines);
  };
  const flush = async () => {
    if (chunk.lines.length === 0) return;
    const { fit, unfit } = sorted(chunk, limits);
    const refusals = await decide(fit, handedOver(chunk, fit, staging.source.framing));
    const inOrder = [...unfit, ...refusals].sort((a, b) => a.line.start - b.line.start);
    for (let at = 0; at < inOrder.length; at += rejectsAtOnce) {
      await onRejects(inOrder.slice(at, at + rejectsAtOnce).map((found) => told(found, chunk)));
    }
    chunk.clear();
  };
  return {
    add: (tally, number, bytes, lineBytes) => {
      // Of a line that is too long only the raw text of its reject is needed, and the character in which that is cut.
      const kept = lineBytes > limits.lineBytes ? bytes.subarray(0, rawTextBytes + 4) : bytes;
      chunk.add(tally, number, kept, lineBytes);
    },
    flushWhenFull: async () => {
      if (chunk.bytes.length >= limits.chunkBytes || chunk.lines.length >= limits.chunkLines) await flush();
    },
    flush,
    close: () => {
      inserting.destroySync();
      rejecting.destroySync();
    },
  };
}

function bind(statement: DuckDBPreparedStatement, lines: Buffer, fit: readonly RawLine[]): void {
  statement.bindBlob(1, lines);
  statement.bindVarchar(2, fit.map(({ tally }) => tally.objectId).join(','));
}

/** Parts what the parser may see from what Node alone can tell. */
function sorted(chunk: RawChunk, { lineBytes: limitBytes }: Limits): { fit: RawLine[]; unfit: Refusal[] } {
  const fit: RawLine[] = [];
  const unfit: Refusal[] = [];
  const isText = mayBeParsed(chunk.bytes);
  for (const line of chunk.lines) {
    const reason = isText ? undefined : unfitReason(chunk.bytesOf(line));
    if (line.lineBytes > limitBytes) unfit.push({ line, reason: `longer than ${limitBytes} bytes` });
    else if (reason === undefined) fit.push(line);
    else unfit.push({ line, reason });
  }
  return { fit, unfit };
}

function unfitReason(line: Buffer): string | undefined {
  if (mayBeParsed(line)) return undefined;
  return isUtf8(line) ? 'not valid JSON' : 'not valid UTF-8';
}

function mayBeParsed(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/**
 * The lines joined by newlines. A newline inside a line, where the whole object is one, becomes a carriage return:
 * whitespace too between values, and as wrong as a newline inside a string.
 */
function handedOver(chunk: RawChunk, fit: readonly RawLine[], framing: 'line' | 'object'): Buffer {
  const isWhole = fit.length === chunk.lines.length;
  if (isWhole && (framing === 'line' || countNewlines(chunk.bytes) === fit.length - 1)) return chunk.bytes;
  const length = fit.reduce((sum, { start, end }) => sum + end - start + 1, -1);
  const joined = Buffer.alloc(Math.max(length, 0), newline);
  let at = 0;
  for (const line of fit) {
    const bytes = chunk.bytesOf(line);
    bytes.copy(joined, at);
    if (framing === 'object') replaceNewlines(joined, at, at + bytes.length);
    at += bytes.length + 1;
  }
  return joined;
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}

function replaceNewlines(bytes: Buffer, start: number, end: number): void {
  for (let at = bytes.indexOf(newline, start); at !== -1 && at < end; at = bytes.indexOf(newline, at)) bytes[at] = 0x0d;
}

function refusal(
  line: RawLine | undefined,
  problem: { readonly column: string | undefined; readonly reason: string } | undefined,
  chunk: RawChunk,
): Refusal {
  if (!line || !problem) throw new SparkifyError('BALANCE', 'The parser rejected a line that it was not given.');
  const isSeveral = problem.reason === 'not valid JSON' && holdsSeveralValues(chunk.bytesOf(line).toString('utf8'));
  return { line, column: problem.column, reason: isSeveral ? 'more than one JSON value' : problem.reason };
}

function told({ line, column, reason }: Refusal, chunk: RawChunk): Reject {
  const { tally, number } = line;
  tally.linesRejected++;
  return {
    objectId: tally.objectId,
    uri: tally.object.uri,
    line: number,
    column,
    reason,
    rawText: rawTextOf(chunk.bytesOf(line)),
  };
}
