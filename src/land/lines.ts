/** Called for each line: its bytes are `bytes[start…end)` without the newline; `lineBytes` is more where it was cut. */
export type OnLine = (bytes: Buffer, start: number, end: number, lineBytes: number) => void;

export interface LineSplitter {
  add(chunk: Buffer): void;
  /** Ends the object: what follows the last newline is a line, unless it is empty. */
  end(): void;
}

const newline = 0x0a;

/**
 * Cuts a stream of chunks into lines. A line within one chunk is given in place; one that crosses chunks is put
 * together in a buffer of its own, of which no more than `limitBytes` are kept.
 */
export function splitLines(limitBytes: number, onLine: OnLine): LineSplitter {
  const begun = unfinishedLine(limitBytes);
  return {
    add: (chunk) => {
      let start = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        if (begun.lineBytes === 0) onLine(chunk, start, Math.min(end, start + limitBytes), end - start);
        else begun.finish(chunk.subarray(start, end), onLine);
        start = end + 1;
      }
      begun.add(chunk.subarray(start));
    },
    end: () => {
      if (begun.lineBytes > 0) begun.finish(Buffer.alloc(0), onLine);
    },
  };
}

function unfinishedLine(limitBytes: number) {
  let parts: Buffer[] = [];
  let lineBytes = 0;
  let keptBytes = 0;
  const add = (part: Buffer) => {
    lineBytes += part.length;
    // A copy, so that one line does not keep the whole chunk it began in.
    const kept = Buffer.from(part.subarray(0, limitBytes - keptBytes));
    keptBytes += kept.length;
    if (kept.length > 0) parts.push(kept);
  };
  return {
    get lineBytes() {
      return lineBytes;
    },
    add,
    finish: (part: Buffer, onLine: OnLine) => {
      add(part);
      onLine(Buffer.concat(parts, keptBytes), 0, keptBytes, lineBytes);
      parts = [];
      lineBytes = 0;
      keptBytes = 0;
    },
  };
}

/** Whether the bytes are only JSON's whitespace. */
export function isBlank(bytes: Buffer, start: number, end: number): boolean {
  return skipSpace(bytes, start, end) === end;
}

/** The first byte from `start` that is not JSON's whitespace, or `end`. */
export function skipSpace(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(bytes[at])) at++;
  return at;
}

/** The end (exclusive) without JSON's whitespace before it. */
export function endWithoutSpace(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(bytes[at - 1])) at--;
  return at;
}

/** Blank, tab, carriage return, newline. Vertical tab and form feed are no whitespace in JSON. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === newline;
}

/** How many bytes a byte order mark takes at the start of an object: 3 or 0. */
export function markLength(bytes: Buffer, start: number): number {
  return bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf ? 3 : 0;
}
