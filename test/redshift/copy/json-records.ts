import { isUtf8 } from 'node:buffer';
import { Refusal } from '../refusal.ts';

/** One top-level value of a JSON file. */
export interface JsonRecord {
  /** Of its first character, from 1. */
  readonly line: number;
  readonly bytes: Buffer;
  readonly isUtf8: boolean;
}

/** In bytes, for one object with its braces (facts 1.3); above, the COPY fails as a whole. */
const maxRecordBytes = 4 * 1024 * 1024;

const [quote, backslash, newline] = [0x22, 0x5c, 0x0a];
const opening = new Set([0x7b, 0x5b]);
const closing = new Set([0x7d, 0x5d]);
const blanks = new Set([0x20, 0x09, 0x0d, 0x0a]);

/**
 * The values of a file one after the other: objects (or arrays) with nothing but blank space between them (facts 1.3).
 * What is none of these comes as a record up to the end of its line, for the parser to refuse.
 */
export function* jsonRecords(bytes: Buffer): Generator<JsonRecord> {
  let line = 1;
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === newline) line += 1;
    if (blanks.has(bytes[at] ?? 0)) {
      at += 1;
      continue;
    }
    const end = opening.has(bytes[at] ?? 0) ? endOfValue(bytes, at) : endOfLine(bytes, at);
    const record = bytes.subarray(at, end);
    if (record.length > maxRecordBytes)
      throw new Refusal('XX000', `JSON object in line ${line} is larger than ${maxRecordBytes} bytes`);
    yield { line, bytes: record, isUtf8: isUtf8(record) };
    for (const byte of record) if (byte === newline) line += 1;
    at = end;
  }
}

// Behind the bracket that closes the one here, or the end of the file.
function endOfValue(bytes: Buffer, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (inString && byte === backslash) at += 1;
    else if (byte === quote) inString = !inString;
    else if (!inString && opening.has(byte)) depth += 1;
    else if (!inString && closing.has(byte)) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return bytes.length;
}

function endOfLine(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(newline, start);
  return end < 0 ? bytes.length : end;
}
