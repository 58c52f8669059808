import { type BadLines, fromCorpus, made } from './corpus.ts';

const notJson = 'not valid JSON';
const notObject = 'not a JSON object';

/** A song file each: one line, whatever newlines it holds. */
export const badSongs: readonly BadLines[] = [
  fromCorpus('songs', 'pretty-printed', 'a pretty-printed song is fine', { read: 1 }),
  fromCorpus('songs', 'pretty-printed-with-crlf', 'so it is with carriage returns and a byte order mark', { read: 1 }),
  fromCorpus('songs', 'only-a-brace', 'a song file that holds only { is a reject', {
    read: 1,
    rejects: [[1, null, notJson]],
  }),
  fromCorpus('songs', 'array', 'an array with a song is a reject', { read: 1, rejects: [[1, null, notObject]] }),
  fromCorpus('songs', 'scalar', 'a string for a song is a reject', { read: 1, rejects: [[1, null, notObject]] }),
  fromCorpus('songs', 'two-objects', 'two songs in a file are a reject that says so', {
    read: 1,
    rejects: [[1, null, 'more than one JSON value']],
  }),
  fromCorpus('songs', 'blank', 'a song file of blanks is a blank line', { read: 1, blank: 1 }),
  fromCorpus('songs', 'nothing', 'a song file of 0 bytes has no line', { read: 0 }),
  fromCorpus('songs', 'newline-in-a-text', 'a newline inside a text is a reject', {
    read: 1,
    rejects: [[1, null, notJson]],
  }),
  fromCorpus('songs', 'invalid-utf8', 'a song in Latin-1 is a reject', {
    read: 1,
    rejects: [[1, null, 'not valid UTF-8']],
  }),
  fromCorpus('songs', 'nul', 'U+0000 in a title is a reject', { read: 1, rejects: [[1, 'title', 'contains U+0000']] }),
  fromCorpus('songs', 'missing-title', 'a song without a title is a reject', {
    read: 1,
    rejects: [[1, 'title', 'required but missing']],
  }),
  fromCorpus('songs', 'number-for-a-title', 'a number for a title is its text', { read: 1 }),
  fromCorpus('songs', 'object-for-a-title', 'an object for a title is a reject', {
    read: 1,
    rejects: [[1, 'title', 'an object or an array, not text']],
  }),
  fromCorpus('songs', 'title-too-long', 'a title is too long by its bytes', {
    read: 1,
    rejects: [[1, 'title', 'longer than 1024 bytes']],
  }),
  fromCorpus('songs', 'year-with-a-fraction', 'a year with a fraction is a reject', {
    read: 1,
    rejects: [[1, 'year', 'not an integer']],
  }),
  made('deep', '100,000 opened brackets for a song are a reject', '['.repeat(100_000), {
    read: 1,
    rejects: [[1, null, notJson]],
  }),
];
