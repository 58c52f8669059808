import type { Tally } from './tally.ts';

/** A line waiting to be decided. */
export interface RawLine {
  readonly tally: Tally;
  /** 1-based */
  readonly number: number;
  /** Where its bytes stand in the chunk. */
  readonly start: number;
  readonly end: number;
  /** Bytes of the line, more than `end - start` where it is longer than what is kept. */
  readonly lineBytes: number;
}

/** Raw lines gathered for one statement, in order. */
export interface RawChunk {
  readonly lines: readonly RawLine[];
  /** All lines, joined by newlines; valid until `clear`. */
  readonly bytes: Buffer;
  add(tally: Tally, number: number, bytes: Buffer, lineBytes: number): void;
  /** The bytes of a line, valid until `clear`. */
  bytesOf(line: RawLine): Buffer;
  clear(): void;
}

export const newline = 0x0a;

/** Lines are copied behind one another with a newline between, as the statement takes them. */
export function newRawChunk(): RawChunk {
  let buffer = Buffer.allocUnsafe(64 * 1024);
  let used = 0;
  let lines: RawLine[] = [];
  const reserve = (more: number) => {
    if (used + more <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, used + more));
    buffer.copy(larger, 0, 0, used);
    buffer = larger;
  };
  return {
    get lines() {
      return lines;
    },
    get bytes() {
      return buffer.subarray(0, used);
    },
    add: (tally, number, bytes, lineBytes) => {
      reserve(bytes.length + 1);
      if (used > 0) buffer[used++] = newline;
      const start = used;
      used += bytes.copy(buffer, used);
      lines.push({ tally, number, start, end: used, lineBytes });
    },
    bytesOf: ({ start, end }) => buffer.subarray(start, end),
    clear: () => {
      used = 0;
      lines = [];
    },
  };
}
