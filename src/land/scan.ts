import { type JsonSpan, newJsonSpan } from './json-span.ts';
import { endWithoutSpace, markLength, skipSpace, splitLines } from './lines.ts';

/** What the bytes of a line-framed object say, apart from the parser. */
export interface Scan {
  readonly contentBytes: number;
  readonly lines: number;
  readonly blankLines: number;
  readonly longestLineBytes: number;
  /** Whether an escaped U+0000 stands somewhere, perhaps in a text. */
  readonly hasEscapedNul: boolean;
  /** Whether DuckDB's `newline_delimited` reader takes the content, line by line as it is. */
  readonly isPlain: boolean;
}

export interface Scanner {
  add(chunk: Buffer): void;
  end(): Scan;
}

const escapedNul = Buffer.from('\\u0000');

/** Scans chunk by chunk; about 0.2 s a GB. */
export function startScan(limitBytes: number): Scanner {
  const reader = followReader();
  let current: Buffer | undefined;
  let contentBytes = 0;
  let lines = 0;
  let blankLines = 0;
  let longestLineBytes = 0;
  let hasEscapedNul = false;
  const splitter = splitLines(limitBytes, (bytes, begin, end, lineBytes) => {
    lines++;
    if (lineBytes > longestLineBytes) longestLineBytes = lineBytes;
    // A line that was put together from two chunks, which may have been cut inside the escape.
    if (bytes !== current && bytes.includes(escapedNul)) hasEscapedNul = true;
    if (lines === 1 && markLength(bytes, begin) > 0) reader.deny();
    const start = skipSpace(bytes, begin, end);
    if (start === end) blankLines++;
    else reader.follow(bytes, start, endWithoutSpace(bytes, start, end));
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
      return { contentBytes, lines, blankLines, longestLineBytes, hasEscapedNul, isPlain: reader.isPlain() };
    },
  };
}

const openingBrace = 0x7b;
const closingBrace = 0x7d;
const openingBracket = 0x5b;
const closingBracket = 0x5d;
const comma = 0x2c;

/**
 * Follows what DuckDB's reader makes of lines (without whitespace around), as that is not always about one line.
 * Objects in which it goes wrong are not plain:
 *
 * - A vertical tab or form feed at either end of a line is whitespace to the reader, though not to its parser, so that
 *   it skips lines and takes bad ones.
 * - The parser reads on past the end of a line, and it writes into what it reads. Where a value that begins in one
 *   line ends in a later one, the statement fails in spite of `ignore_errors` (`read_size > json_size` in DuckDB's
 *   json_reader.cpp); where it goes on to a third line, newlines may be overwritten and rows be fewer than lines. A
 *   value that breaks in the second line spoils this line at most, which then is a row of NULLs.
 */
function followReader() {
  let isPlain = true;
  let open: JsonSpan | undefined;
  let isAfterRegular = false;
  const deny = () => {
    isPlain = false;
  };
  const look = (bytes: Buffer, start: number, end: number) => {
    const first = bytes[start];
    const goesOn = first === comma || first === closingBrace || first === closingBracket;
    if ((isAfterRegular && goesOn) || isOtherSpace(first) || isOtherSpace(bytes[end - 1])) deny();
    if (first !== openingBrace && first !== openingBracket) return;
    const span = newJsonSpan();
    if (span.read(bytes, start, end) === 'open') open = span;
  };
  return {
    isPlain: () => isPlain,
    deny,
    follow: (bytes: Buffer, start: number, end: number) => {
      if (open && open.read(bytes, start, end) !== 'broken') deny();
      open = undefined;
      // Begins and ends as an object: nearly every line. If it is incomplete all the same, it goes on with , or } or ].
      const isRegular = bytes[start] === openingBrace && bytes[end - 1] === closingBrace;
      if (!isRegular && isPlain) look(bytes, start, end);
      isAfterRegular = isRegular;
    },
  };
}

/** Vertical tab, form feed. */
function isOtherSpace(byte: number | undefined): boolean {
  return byte === 0x0b || byte === 0x0c;
}
