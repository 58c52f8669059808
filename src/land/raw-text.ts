import { isUtf8 } from 'node:buffer';

/** What a reject keeps of its line, in bytes of UTF-8: Redshift's longest VARCHAR is 65,535. */
export const rawTextBytes = 65_000;

/**
 * A line as text: at most 65,000 bytes of UTF-8, cut at a character. What cannot stand in a text of every engine
 * (bytes that are no UTF-8, U+0000) is written `\xNN`; the line's own carriage return is left away.
 */
export function rawTextOf(line: Buffer): string {
  const bytes = line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
  if (bytes.length <= rawTextBytes && isUtf8(bytes) && !bytes.includes(0)) return bytes.toString('utf8');
  return escaped(bytes);
}

/**
 * Whether such a text is the line as it stood, so that the line can be landed from it. Where that cannot be told it is
 * taken for not: a text that may have been cut, or that holds what may be an escaped byte.
 */
export function isWholeLine(rawText: string): boolean {
  return Buffer.byteLength(rawText) <= rawTextBytes - longestPiece && !/\\x[0-9A-F]{2}/.test(rawText);
}

/** Of a character or an escaped byte: a text is cut where the next one does not fit. */
const longestPiece = 4;

function escaped(bytes: Buffer): string {
  const pieces: string[] = [];
  let room = rawTextBytes;
  let plain = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    room -= length === 0 ? 4 : length;
    if (room < 0) break;
    if (length === 0) {
      pieces.push(bytes.toString('utf8', plain, at), `\\x${bytes.toString('hex', at, at + 1).toUpperCase()}`);
      plain = at + 1;
    }
    at += length === 0 ? 1 : length;
  }
  return [...pieces, bytes.toString('utf8', plain, at)].join('');
}

/** Bytes of the character that begins here, or 0 where none does (or U+0000). */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first === 0) return 0;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
