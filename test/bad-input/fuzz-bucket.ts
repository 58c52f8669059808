import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { eventLine, songFile } from '../oracle/build-bucket.ts';
import type { BucketObject } from '../oracle/read-objects.ts';

/** What a bucket of damaged bytes holds, and how its lines are counted from these bytes alone. */
export interface FuzzedObject extends BucketObject {
  readonly source: 'events' | 'songs';
  /** Its content cannot be inflated, so that no line of it can be counted. */
  readonly isDamaged: boolean;
  readonly lines: number;
  readonly blankLines: number;
  /** Lines known to be good, all with natural keys of their own. */
  readonly goodLines: number;
}

const byte = fc.nat(255);
const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
/** Bytes that mean something to a parser of JSON, a reader of lines or a database. */
const weighty = fc
  .array(
    fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"', '\\', '\n', '\r', '\r\n', ' ', '\t', '\f', '\v', '\0', '\u00a0', '\ufeff'],
      ...[
        '{}',
        '[]',
        '""',
        'null',
        'true',
        'NaN',
        '-Infinity',
        '-',
        '0',
        '1e400',
        '\\u0000',
        '\\ud834',
        '𝄞',
        "'",
        '$1',
      ],
      ...['"ts":', '"page":"NextSong"', '"sessionId":{', '/*', '//', '1'.repeat(30), '[[[[[[', '{"ts":1}\n'],
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => Buffer.from(parts.join('')));

/** One change at some place of a line: bytes put in, left out, doubled, replaced, a bit flipped, the rest cut or put on another line. */
const mutation = fc.record({
  kind: fc.constantFrom('insert', 'drop', 'double', 'replace', 'flip', 'cut', 'break'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  length: fc.integer({ min: 1, max: 30 }),
  bytes: fc.oneof(weighty, anyBytes),
  bit: fc.nat(7),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

const mutated = fc.record({ item: fc.nat(999), mutations: fc.array(mutation, { minLength: 1, maxLength: 3 }) });
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n', ' \n', '', '\n\ufeff', '\0\n');

const piece = fc.oneof(
  {
    weight: 5,
    arbitrary: mutated.map(({ item, mutations }) => mutations.reduce(mutate, Buffer.from(damagedLine(item)))),
  },
  { weight: 2, arbitrary: weighty },
  { weight: 1, arbitrary: anyBytes },
);
const damage = fc.array(fc.tuple(piece, lineEnd), { maxLength: 12 }).map(joined);

const compression = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant('sound' as const) },
  { weight: 1, arbitrary: fc.record({ at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), bit: byte }) },
);

/** A log: good lines, enough of them for the parser of files or not, with damage between and around. */
const log = fc.record({
  before: damage,
  good: fc.constantFrom(0, 1, 3, 40),
  between: damage,
  goodBehind: fc.constantFrom(0, 0, 2, 40),
  behind: damage,
  compression,
});
const song = fc.record({ mutations: fc.array(mutation, { maxLength: 2 }), raw: fc.option(piece), compression });

/** Some logs and songs. */
export const fuzzedBucket = fc
  .record({ logs: fc.array(log, { minLength: 1, maxLength: 3 }), songs: fc.array(song, { maxLength: 3 }) })
  .map(({ logs, songs }) => [...logs.map(logObject), ...songs.map(songObject)]);

function logObject(
  { before, good, between, goodBehind, behind, compression }: typeof log extends fc.Arbitrary<infer L> ? L : never,
  index: number,
): FuzzedObject {
  const lines = (count: number, from: number) => Buffer.from(goodLines(index, count, from));
  const parts = [before, newline, lines(good, 0), between, newline, lines(goodBehind, 100), behind];
  const content = Buffer.concat(parts);
  const counts = { ...countLines(content), goodLines: good + goodBehind };
  return stored({ source: 'events', key: `log_data/${index}.json`, content, ...counts }, compression);
}

function songObject(
  { mutations, raw, compression }: typeof song extends fc.Arbitrary<infer S> ? S : never,
  index: number,
): FuzzedObject {
  const text = String(songFile({ song_id: `SO${index}`, title: `Title ${index}` }).content);
  const content = raw ?? mutations.reduce(mutate, Buffer.from(text));
  const lines = content.length === 0 ? 0 : 1;
  const isGood = raw === null && mutations.length === 0;
  const counts = { lines, blankLines: isBlank(withoutMark(content)) ? lines : 0, goodLines: isGood ? 1 : 0 };
  return stored({ source: 'songs', key: `song_data/${index}.json`, content, ...counts }, compression);
}

function stored(
  object: Omit<FuzzedObject, 'isDamaged' | 'content'> & { readonly content: Buffer },
  how: undefined | 'sound' | { readonly at: number; readonly bit: number },
): FuzzedObject {
  if (how === undefined) return { ...object, isDamaged: false };
  const content = gzipSync(object.content);
  const isDamaged = how !== 'sound';
  // Nothing in the checksum of the content can be changed without notice; in the header much can.
  if (isDamaged) content.writeUInt8(content.readUInt8(content.length - 8) ^ (how.bit | 1), content.length - 8);
  return { ...object, key: `${object.key}.gz`, content, isDamaged };
}

const newline = Buffer.from('\n');

function goodLines(log: number, count: number, from: number): string {
  return Array.from({ length: count }, (_, item) => {
    const fields = { sessionId: 100 + log, itemInSession: from + item, userAgent: 'x'.repeat(2_000) };
    return `${eventLine(fields)}\n`;
  }).join('');
}

function damagedLine(item: number): string {
  return eventLine({ sessionId: 7_000, itemInSession: item });
}

function mutate(line: Buffer, { kind, at, length, bytes, bit }: Mutation): Buffer {
  const start = Math.floor(at * line.length);
  const [before, taken, rest] = [
    line.subarray(0, start),
    line.subarray(start, start + length),
    line.subarray(start + length),
  ];
  switch (kind) {
    case 'insert':
      return Buffer.concat([before, bytes, taken, rest]);
    case 'drop':
      return Buffer.concat([before, rest]);
    case 'double':
      return Buffer.concat([before, taken, taken, rest]);
    case 'replace':
      return Buffer.concat([before, bytes, rest]);
    case 'flip':
      return Buffer.concat([before, taken.map((value, index) => (index === 0 ? value ^ (1 << bit) : value)), rest]);
    case 'cut':
      return Buffer.from(before);
    case 'break':
      // Latin-1 keeps every byte as it is.
      return Buffer.from(before.toString('latin1') + line.toString('latin1', start).replace(/[,:{]/, '$&\n'), 'latin1');
  }
}

function joined(pieces: readonly (readonly [Buffer, string])[]): Buffer {
  return Buffer.concat(pieces.flatMap(([bytes, end]) => [bytes, Buffer.from(end)]));
}

/** As `wc` would: what stands between newlines, and behind the last one unless that is nothing. */
function countLines(content: Buffer): { lines: number; blankLines: number } {
  // Latin-1 keeps every byte as it is.
  const lines = content.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  const first = withoutMark(content).toString('latin1').split('\n', 1);
  return {
    lines: lines.length,
    blankLines: [...(lines.length > 0 ? first : []), ...lines.slice(1)].filter(isBlankText).length,
  };
}

function withoutMark(content: Buffer): Buffer {
  return content.subarray(0, 3).equals(Buffer.from('\ufeff')) ? content.subarray(3) : content;
}

function isBlank(content: Buffer): boolean {
  return isBlankText(content.toString('latin1'));
}

function isBlankText(line: string): boolean {
  return /^[ \t\r\n]*$/.test(line);
}
