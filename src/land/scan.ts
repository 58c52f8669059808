import { isBlank, isJsonSpace, markLength, splitLines } from './lines.ts';

/** What the bytes of a line-framed object say, apart from the parser. */
export interface Scan {
  readonly contentBytes: number;
  readonly lines: number;
  readonly blankLines: number;
  readonly longestLineBytes: number;
  /** Whether an escaped U+0000 stands somewhere, perhaps in a text. */
  readonly hasEscapedNul: boolean;
  /**
   * Whether DuckDB's `newline_delimited` reader finds the same lines. Not where the object begins with a byte order
   * mark or with something else than a complete JSON object (its reader would fail), or where a vertical tab or form
   * feed leads or ends a line (its reader would skip them).
   */
  readonly isPlain: boolean;
}

export interface Scanner {
  add(chunk: Buffer): void;
  end(): Scan;
}

const escapedNul = Buffer.from('\\u0000');
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/** Scans chunk by chunk; about 0.15 s a GB. */
export function startScan(limitBytes: number): Scanner {
  let current: Buffer | undefined;
  let contentBytes = 0;
  let lines = 0;
  let blankLines = 0;
  let longestLineBytes = 0;
  let hasEscapedNul = false;
  let isPlain = true;
  const splitter = splitLines(limitBytes, (bytes, start, end, lineBytes) => {
    lines++;
    if (lineBytes > longestLineBytes) longestLineBytes = lineBytes;
    // A line that was put together from two chunks, which may have been cut inside the escape.
    if (bytes !== current && bytes.includes(escapedNul)) hasEscapedNul = true;
    if (blankLines === lines - 1 && !isHead(bytes, start, end, lines === 1)) isPlain = false;
    if (bytes[start] === openingBrace && bytes[end - 1] === closingBrace) return;
    if (isBlank(bytes, start, end)) blankLines++;
    else if (hasOtherSpaceAround(bytes, start, end)) isPlain = false;
  });
  return {
    add: (chunk) => {
      current = chunk;
      contentBytes += chunk.length;
      hasEscapedNul ||= chunk.includes(escapedNul);
      splitter.add(chunk);
    },
    end: () => {
      current = undefined;
      splitter.end();
      return { contentBytes, lines, blankLines, longestLineBytes, hasEscapedNul, isPlain };
    },
  };
}

/** Whether the first line that is not blank is one DuckDB can begin with. */
function isHead(bytes: Buffer, start: number, end: number, isFirst: boolean): boolean {
  if (isFirst && markLength(bytes, start) > 0) return false;
  return isBlank(bytes, start, end) || isObject(bytes.toString('utf8', start, end));
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function hasOtherSpaceAround(bytes: Buffer, start: number, end: number): boolean {
  let first = start;
  while (first < end && isJsonSpace(bytes[first])) first++;
  let last = end - 1;
  while (last > first && isJsonSpace(bytes[last])) last--;
  return isOtherSpace(bytes[first]) || isOtherSpace(bytes[last]);
}

function isOtherSpace(byte: number | undefined): boolean {
  return byte === 0x0b || byte === 0x0c;
}
