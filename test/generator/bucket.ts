import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type GeneratedSummary, generate } from '../../src/generator/generate.ts';
import type { GenerateOptions } from '../../src/generator/generate-options.ts';

/** An event as JSON.parse gives it; `file` and `line` (from 1) say where it stands. */
export interface LoggedEvent {
  readonly file: string;
  readonly line: number;
  readonly keys: readonly string[];
  readonly artist: string | null;
  readonly auth: string;
  readonly firstName: string | null;
  readonly gender: string | null;
  readonly itemInSession: number;
  readonly lastName: string | null;
  readonly length: number | null;
  readonly level: string;
  readonly location: string | null;
  readonly method: string;
  readonly page: string;
  readonly registration: number | null;
  readonly sessionId: number;
  readonly song: string | null;
  readonly status: number;
  readonly ts: number;
  readonly userAgent: string | null;
  readonly userId: string;
}

/** A song's file as JSON.parse gives it. */
export interface SongFile {
  readonly key: string;
  readonly text: string;
  readonly num_songs: number;
  readonly artist_id: string;
  readonly artist_latitude: number | null;
  readonly artist_longitude: number | null;
  readonly artist_location: string | number;
  readonly artist_name: string | number;
  readonly song_id: string;
  readonly title: string | number;
  readonly duration: number;
  readonly year: number;
}

/** A generated bucket, read back. */
export interface ReadBucket {
  readonly root: string;
  readonly summary: GeneratedSummary;
  /** Raw text by file name, in the order of the days. */
  readonly logs: ReadonlyMap<string, string>;
  readonly events: readonly LoggedEvent[];
  readonly songs: readonly SongFile[];
}

/** Generates into a new temporary directory, which the caller removes, and reads everything back. */
export async function generatedBucket(options: Omit<GenerateOptions, 'out'>): Promise<ReadBucket> {
  const root = await mkdtemp(join(tmpdir(), 'sparkify-bucket-'));
  const summary = await generate({ out: root, ...options });
  const logs = await textsBelow(root, 'log_data');
  const songs = await textsBelow(root, 'song_data');
  return {
    root,
    summary,
    logs,
    events: [...logs].flatMap(([file, text]) =>
      text.split('\n').map((line, index) => parseEvent(file, index + 1, line)),
    ),
    songs: [...songs].map(([key, text]) => ({ ...JSON.parse(text), key, text })),
  };
}

/** A generated bucket as it is stored. */
export interface RawBucket {
  readonly root: string;
  readonly summary: GeneratedSummary;
  /** By key, in the order of the keys. */
  readonly objects: ReadonlyMap<string, Buffer>;
}

/** Generates into a new temporary directory, which the caller removes, and reads the bytes of every object. */
export async function bucketOfBytes(options: Omit<GenerateOptions, 'out'>): Promise<RawBucket> {
  const root = await mkdtemp(join(tmpdir(), 'sparkify-bucket-'));
  const summary = await generate({ out: root, ...options });
  return { root, summary, objects: await objectsBelow(root) };
}

/** Every object below a root by its key, in the order of the keys. */
export async function objectsBelow(root: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const keys = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return new Map(await Promise.all(keys.sort().map(async (key) => [key, await readFile(join(root, key))] as const)));
}

/** The values by their key, keys and values in the order of the input. */
export function groupedBy<Key, Value>(
  values: readonly Value[],
  keyOf: (value: Value) => Key,
): ReadonlyMap<Key, readonly Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}

function parseEvent(file: string, line: number, text: string): LoggedEvent {
  const fields = JSON.parse(text);
  return { ...fields, file, line, keys: Object.keys(fields) };
}

async function textsBelow(root: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(join(root, folder), { recursive: true });
  const keys = names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => `${folder}/${name}`);
  return new Map(await Promise.all(keys.map(async (key) => [key, await readFile(join(root, key), 'utf8')] as const)));
}
