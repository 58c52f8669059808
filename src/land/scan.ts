import { endWithoutSpace, markLength, skipSpace, splitLines } from './lines.ts';

/** What the bytes of a line-framed object say, apart from the parser. */
export interface Scan {
  readonly contentBytes: number;
  readonly lines: number;
  readonly blankLines: number;
  /** The length of each line without its newline; with `blankFlag` that of a blank one. */
  readonly lineLengths: Uint32Array;
  readonly longestLineBytes: number;
  /** Whether an escaped U+0000 stands somewhere, perhaps in a text. */
  readonly hasEscapedNul: boolean;
  /** Whether the content begins with a byte order mark. */
  readonly hasMark: boolean;
  /** The lines that DuckDB's reader must not see; undefined where they are too many to be noted. */
  readonly irregular: readonly Span[] | undefined;
}

/** A line by its number, from 1. */
export interface Line extends Span {
  readonly number: number;
}

/** Where lines stand that have these ordinals (ascending, from 0) among the lines that are not blank. */
export function* linesAt(ordinals: readonly number[], { lineLengths }: Pick<Scan, 'lineLengths'>): Generator<Line> {
  let next = 0;
  let ordinal = 0;
  let start = 0;
  for (let index = 0; index < lineLengths.length && next < ordinals.length; index++) {
    const length = lineLengths[index] ?? 0;
    const end = start + (length % blankFlag);
    if (length < blankFlag && ordinal++ === ordinals[next]) {
      next++;
      yield { number: index + 1, start, end };
    }
    start = end + 1;
  }
}

/** Some bytes of the content: from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Scanner {
  add(chunk: Buffer): void;
  end(): Scan;
}

/** No line that is read by its place is so long. */
export const blankFlag = 2 ** 31;

const escapedNul = Buffer.from('\\u0000');
const mostIrregular = 100_000;

/** Scans chunk by chunk; about 0.2 s a GB. */
export function startScan(limitBytes: number): Scanner {
  const irregular: Span[] = [];
  let lineLengths = new Uint32Array(1_024);
  let current: Buffer | undefined;
  let contentBytes = 0;
  let lines = 0;
  let lineStart = 0;
  let blankLines = 0;
  let longestLineBytes = 0;
  let hasEscapedNul = false;
  let hasMark = false;
  const splitter = splitLines(limitBytes, (bytes, begin, end, lineBytes) => {
    if (lines === lineLengths.length) lineLengths = grown(lineLengths);
    lines++;
    if (lineBytes > longestLineBytes) longestLineBytes = lineBytes;
    // A line that was put together from two chunks, which may have been cut inside the escape.
    if (bytes !== current && bytes.includes(escapedNul)) hasEscapedNul = true;
    const mark = lines === 1 ? markLength(bytes, begin) : 0;
    if (mark > 0) hasMark = true;
    const start = skipSpace(bytes, begin + mark, end);
    const isBlank = start === end;
    lineLengths[lines - 1] = Math.min(lineBytes, blankFlag - 1) + (isBlank ? blankFlag : 0);
    if (isBlank) blankLines++;
    else if (!isRegular(bytes, start, endWithoutSpace(bytes, start, end)) && irregular.length <= mostIrregular) {
      irregular.push({ start: lineStart + start - begin, end: lineStart + lineBytes });
    }
    lineStart += lineBytes + 1;
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
      return {
        contentBytes,
        lines,
        blankLines,
        lineLengths: lineLengths.slice(0, lines),
        longestLineBytes,
        hasEscapedNul,
        hasMark,
        irregular: irregular.length > mostIrregular ? undefined : irregular,
      };
    },
  };
}

function grown(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}

const [openingBrace, closingBrace] = Buffer.from('{}');

/**
 * Whether a line (without whitespace around) begins and ends as an object. DuckDB's reader is at odds with the others:
 *
 * - A vertical tab or form feed at either end of a line is whitespace to the reader, though not to its parser, so that
 *   it skips lines and takes bad ones.
 * - The parser reads on past the end of a line, and it writes into what it reads. Where a value that begins in one
 *   line ends in a later one, the statement fails in spite of `ignore_errors` (`read_size > json_size` in DuckDB's
 *   json_reader.cpp); where it goes on to a third line, newlines may be overwritten and rows be fewer than lines. A
 *   value that breaks in the second line spoils the first at most, which then is a row of NULLs: what begins and ends
 *   as an object but is incomplete breaks at the brace that the next regular line begins with.
 */
function isRegular(bytes: Buffer, start: number, end: number): boolean {
  return bytes[start] === openingBrace && bytes[end - 1] === closingBrace;
}
