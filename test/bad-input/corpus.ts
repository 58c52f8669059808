import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BucketObject } from '../oracle/read-objects.ts';

/** Line, staging column (null: the whole line), reason. */
export type ExpectedReject = readonly [line: number, column: string | null, reason: string];

/** Bad lines that do not stop a run, and what must become of them. */
export interface BadLines {
  readonly name: string;
  readonly sentence: string;
  readonly content: Buffer;
  readonly read: number;
  readonly blank: number;
  readonly rejects: readonly ExpectedReject[];
}

interface Expected {
  readonly read: number;
  readonly blank?: number;
  readonly rejects?: readonly ExpectedReject[];
}

const corpus = join(import.meta.dirname, 'corpus');

/** A file of the corpus and what it must come to. */
export function fromCorpus(folder: 'events' | 'songs', name: string, sentence: string, expected: Expected): BadLines {
  return made(name, sentence, readFileSync(join(corpus, folder, `${name}.ndjson`)), expected);
}

/** Content that is too big to be kept, and what it must come to. */
export function made(name: string, sentence: string, content: Buffer | string, expected: Expected): BadLines {
  return { name, sentence, content: Buffer.from(content), blank: 0, rejects: [], ...expected };
}

/** One reject for each line. */
export function linesRejected(
  lines: readonly number[],
  reason: string,
  column: string | null = null,
): readonly ExpectedReject[] {
  return lines.map((line) => [line, column, reason]);
}

/** The names of what is kept in a folder of the corpus. */
export function namesIn(folder: 'events' | 'songs' | 'compressed'): readonly string[] {
  return readdirSync(join(corpus, folder)).map((file) => basename(basename(file, '.ndjson'), '.json.gz'));
}

/** A damaged gzip file of the corpus, as a song. */
export function compressedSong(name: string): BucketObject {
  return { key: `song_data/${name}.json.gz`, content: readFileSync(join(corpus, 'compressed', `${name}.json.gz`)) };
}
