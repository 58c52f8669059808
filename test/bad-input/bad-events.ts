import { type BadLines, fromCorpus, linesRejected, made } from './corpus.ts';

const notJson = 'not valid JSON';
const notObject = 'not a JSON object';
const notInteger = 'not an integer';
const missing = 'required but missing';
const several = 'more than one JSON value';
const bigint = 'out of range -9223372036854775808…9223372036854775807';
const session = 'out of range 0…140737488355327';
const time = 'out of range 0…253402300799999';
const depth = 100_000;

/** A log with bad lines under `log_data/` each; lines not listed are loaded. */
export const badEvents: readonly BadLines[] = [
  fromCorpus(
    'events',
    'arrays-and-scalars',
    'arrays, scalars and an empty object are a reject each, as only an object can be an event',
    {
      read: 8,
      rejects: [...linesRejected([1, 2, 3, 4, 5, 6], notObject), [7, 'item_in_session', missing]],
    },
  ),
  fromCorpus('events', 'pretty-printed', 'a pretty-printed event is a reject a line', {
    read: 7,
    rejects: linesRejected([1, 2, 3, 4, 5, 6, 7], notJson),
  }),
  fromCorpus(
    'events',
    'an-object-over-two-lines',
    'an event over two lines is two rejects, and the line behind it is loaded',
    {
      read: 3,
      rejects: linesRejected([1, 2], notJson),
    },
  ),
  fromCorpus('events', 'only-a-brace', 'a file that holds only { is one reject', {
    read: 1,
    rejects: [[1, null, notJson]],
  }),
  fromCorpus('events', 'duplicate-keys', 'of a key given twice the first counts', {
    read: 3,
    rejects: [[3, 'ts', notInteger]],
  }),
  fromCorpus('events', 'keys-in-other-case', 'keys that differ in case only are other keys', {
    read: 2,
    rejects: [[2, 'level', missing]],
  }),
  fromCorpus(
    'events',
    'integers-beyond-their-type',
    'integers beyond BIGINT or SMALLINT are rejects that name the range',
    {
      read: 6,
      rejects: [...linesRejected([2, 3, 4], bigint, 'user_id'), [6, 'status', 'out of range -32768…32767']],
    },
  ),
  fromCorpus(
    'events',
    'integers-written-otherwise',
    'integers with a fraction, an exponent or anything else are rejects, and never rounded',
    {
      read: 12,
      rejects: linesRejected([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], notInteger, 'status'),
    },
  ),
  fromCorpus(
    'events',
    'numbers-that-are-none',
    'NaN, infinities and 1e400 are rejects, except under a key that no column reads',
    {
      read: 9,
      rejects: [
        ...linesRejected([1, 2, 3], 'not a number', 'length'),
        ...linesRejected([4, 5], 'not a finite number', 'length'),
        ...linesRejected([6, 7], 'not a number', 'length'),
      ],
    },
  ),
  fromCorpus('events', 'nul', 'U+0000 is a reject, except under a key that no column reads', {
    read: 3,
    rejects: [
      [1, 'artist', 'contains U+0000'],
      [3, null, notJson],
    ],
  }),
  fromCorpus('events', 'lone-surrogates', 'a lone surrogate is a reject, and a pair of them one character', {
    read: 4,
    rejects: linesRejected([1, 2, 3], notJson),
  }),
  fromCorpus('events', 'text-too-long-in-bytes', 'text is too long by its bytes of UTF-8, without trailing blanks', {
    read: 4,
    rejects: linesRejected([2, 3], 'longer than 16 bytes', 'gender'),
  }),
  fromCorpus('events', 'sessions', 'session 32,768 is fine and session 2^47 a reject', {
    read: 4,
    rejects: linesRejected([3, 4], session, 'session_id'),
  }),
  fromCorpus('events', 'items', 'item 65,535 is fine and item 65,536 a reject', {
    read: 2,
    rejects: [[2, 'item_in_session', 'out of range 0…65535']],
  }),
  fromCorpus('events', 'times', 'times before 1970 and after 9999 are rejects', {
    read: 6,
    rejects: [...linesRejected([2, 4], time, 'ts'), [5, 'ts', missing], [6, 'ts', notInteger]],
  }),
  fromCorpus('events', 'invalid-utf8', 'bytes that are no UTF-8 are a reject a line', {
    read: 5,
    rejects: linesRejected([1, 2, 3, 5], 'not valid UTF-8'),
  }),
  fromCorpus('events', 'byte-order-marks', 'a byte order mark is nothing at the beginning and a reject later', {
    read: 3,
    rejects: [[2, null, notJson]],
  }),
  fromCorpus('events', 'only-a-byte-order-mark', 'a byte order mark alone is a blank line', { read: 1, blank: 1 }),
  fromCorpus('events', 'utf16', 'UTF-16 is rejects', {
    read: 2,
    rejects: [
      [1, null, 'not valid UTF-8'],
      [2, null, notJson],
    ],
  }),
  fromCorpus('events', 'crlf', 'carriage return and newline end a line as a newline does', { read: 3, blank: 1 }),
  fromCorpus('events', 'cr-only', 'a carriage return alone does not end a line', {
    read: 1,
    rejects: [[1, null, several]],
  }),
  fromCorpus('events', 'no-last-newline', 'the last line counts without its newline', { read: 2 }),
  fromCorpus('events', 'cut-off', 'a line that was cut off is a reject', { read: 2, rejects: [[2, null, notJson]] }),
  fromCorpus('events', 'blank-lines', 'blank lines are counted as such', { read: 6, blank: 4 }),
  fromCorpus('events', 'white-space-at-the-ends', 'a vertical tab or form feed at an end of a line is a reject', {
    read: 3,
    rejects: linesRejected([1, 2], notJson),
  }),
  fromCorpus('events', 'other-white-space', 'white space that JSON does not know is a reject', {
    read: 7,
    rejects: linesRejected([1, 2, 3, 4, 6, 7], notJson),
  }),
  fromCorpus('events', 'several-on-a-line', 'several values on a line are a reject that says so', {
    read: 4,
    rejects: [...linesRejected([1, 2], several), ...linesRejected([3, 4], notJson)],
  }),
  fromCorpus(
    'events',
    'liberties-of-the-parser',
    'the parser lets trailing commas pass, and infinity under a key that no column reads',
    { read: 3 },
  ),
  fromCorpus('events', 'nested-values', 'objects and arrays are rejects where a column reads them', {
    read: 5,
    rejects: [...linesRejected([1, 2], 'an object or an array, not text', 'artist'), [4, 'status', notInteger]],
  }),
  fromCorpus('events', 'missing-values', 'a missing required value is a reject that names its column', {
    read: 4,
    rejects: [
      [1, 'page', missing],
      [2, 'level', missing],
      [3, 'artist', missing],
      [4, 'user_id', missing],
    ],
  }),
  fromCorpus('events', 'nothing', 'a file of 0 bytes has no line', { read: 0 }),
  made('deep-array', '100,000 opened brackets are a reject', '['.repeat(depth), {
    read: 1,
    rejects: [[1, null, notJson]],
  }),
  made('deep-array-closed', '100,000 nested arrays are a reject', `${'['.repeat(depth)}${']'.repeat(depth)}`, {
    read: 1,
    rejects: [[1, null, notObject]],
  }),
  made('deep-object', '100,000 opened objects are a reject', '{"a":'.repeat(depth), {
    read: 1,
    rejects: [[1, null, notJson]],
  }),
  made('deep-value-no-column-reads', 'a deep value that no column reads does not matter', deepEvent('unknown', 9_001), {
    read: 1,
  }),
  made('deep-value-a-column-reads', 'a deep value that a column reads is a reject', deepEvent('artist', 9_002), {
    read: 1,
    rejects: [[1, 'artist', 'an object or an array, not text']],
  }),
];

function deepEvent(key: string, sessionId: number): string {
  const deep = `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`;
  return `{"ts":1,"sessionId":${sessionId},"itemInSession":0,"page":"Home","level":"free","${key}":${deep}}`;
}
