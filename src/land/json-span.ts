import { skipSpace } from './lines.ts';

/** What has been read of a JSON value that may go on in the next line. */
export interface JsonSpan {
  /** Reads one more line (without its newline) of the value. */
  read(bytes: Buffer, start: number, end: number): 'open' | 'complete' | 'broken';
}

type Expected = 'value' | 'value or end' | 'key or end' | 'colon' | 'comma or end';

const quote = 0x22;
const backslash = 0x5c;
const openers = new Map([
  [0x7b, 0x7d],
  [0x5b, 0x5d],
]);

/**
 * Follows a JSON object or array over lines, to tell whether it ends in a later one. Generous: it takes every value
 * that DuckDB's parser takes (with trailing commas, NaN, whatever the escapes) and some more.
 */
export function newJsonSpan(): JsonSpan {
  /** The closing brackets that are missing, innermost last. */
  const closers: number[] = [];
  let expected: Expected = 'value';
  const afterValue = () => {
    expected = 'comma or end';
  };
  const isValueExpected = () => expected === 'value' || expected === 'value or end';

  /** Takes one token and gives its end, or undefined where it does not belong. */
  const take = (bytes: Buffer, at: number, end: number): number | undefined => {
    const byte = bytes[at] ?? 0;
    const closer = openers.get(byte);
    if (closer !== undefined) {
      if (!isValueExpected()) return undefined;
      closers.push(closer);
      expected = closer === 0x7d ? 'key or end' : 'value or end';
      return at + 1;
    }
    if (byte === closers.at(-1)) {
      if (expected === 'value' || expected === 'colon') return undefined;
      closers.pop();
      afterValue();
      return at + 1;
    }
    if (byte === 0x2c) {
      if (expected !== 'comma or end') return undefined;
      expected = closers.at(-1) === 0x7d ? 'key or end' : 'value or end';
      return at + 1;
    }
    if (byte === 0x3a) {
      if (expected !== 'colon') return undefined;
      expected = 'value';
      return at + 1;
    }
    const tokenEnd = byte === quote ? endOfString(bytes, at, end) : endOfScalar(bytes, at, end);
    if (tokenEnd === undefined || tokenEnd === at) return undefined;
    if (expected === 'key or end' && byte === quote) expected = 'colon';
    else if (isValueExpected()) afterValue();
    else return undefined;
    return tokenEnd;
  };

  return {
    read: (bytes, start, end) => {
      for (let at = skipSpace(bytes, start, end); at < end; at = skipSpace(bytes, at, end)) {
        const tokenEnd = take(bytes, at, end);
        if (tokenEnd === undefined) return 'broken';
        if (closers.length === 0) return 'complete';
        at = tokenEnd;
      }
      return 'open';
    },
  };
}

/** A string ends in its line, as a newline in it would have to be escaped. */
function endOfString(bytes: Buffer, start: number, end: number): number | undefined {
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] === backslash) at++;
    else if (bytes[at] === quote) return at + 1;
  }
  return undefined;
}

const delimiters = new Set(Buffer.from(' \t\r\n,:[]{}"'));

function endOfScalar(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && !delimiters.has(bytes[at] ?? 0)) at++;
  return at;
}
