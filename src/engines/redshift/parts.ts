import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableShape } from '../../sql/dialect.ts';
import { identifier, textLiteral } from '../../sql/quote.ts';
import { temporaryPrefix } from '../../storage/temporary-folders.ts';
import { engineFailure } from '../duckdb/failures.ts';
import type { LandingTable } from '../engine.ts';
import type { LandingFolder } from './landing-folder.ts';

export interface UploadParts {
  readonly landing: LandingTable;
  readonly shape: TableShape;
  readonly folder: LandingFolder;
  /** What the keys in the folder begin with; nothing has ever been put there. */
  readonly beginning: string;
  /** Of the warehouse: each loads one part at a time. */
  readonly slices: number;
  /** Told before a key is written. */
  readonly onKey: (key: string) => void;
}

/** What was put into a folder for one COPY. */
export interface UploadedParts {
  /** `s3://bucket/key` */
  readonly manifest: string;
  readonly rows: number;
}

/**
 * Writes the rows of a landing table as Parquet parts of about one size, as many as the slices or a multiple of them
 * where there is enough for that (facts 1.15), and a manifest that demands each of them with its length (facts 1.10).
 */
export async function uploadParts(options: UploadParts): Promise<UploadedParts> {
  const { landing, shape, folder, beginning, slices, onKey } = options;
  const { rows, end, bytes } = await measure(landing, shape);
  const spool = await mkdtemp(join(tmpdir(), await temporaryPrefix('landing')));
  const count = partCount(bytes, slices);
  const entries: ManifestEntry[] = [];
  const uploads = new Set<Promise<void>>();
  try {
    for (let part = 0; part < count; part += 1) {
      const file = join(spool, `${part}.parquet`);
      await writePart(landing, shape, [share(end, part, count), share(end, part + 1, count)], file);
      const key = `${beginning}part-${String(part + 1).padStart(4, '0')}.parquet`;
      onKey(key);
      const upload = put(folder, key, file).then((entry) => {
        entries.push(entry);
      });
      uploads.add(upload);
      upload.catch(() => {}).finally(() => uploads.delete(upload));
      if (uploads.size >= uploadsAtOnce) await Promise.race(uploads);
    }
    await Promise.all(uploads);
    const manifest = `${beginning}manifest.json`;
    onKey(manifest);
    await folder.put(manifest, JSON.stringify({ entries: entries.toSorted((a, b) => (a.url < b.url ? -1 : 1)) }));
    return { manifest: folder.uriOf(manifest), rows };
  } finally {
    await Promise.allSettled(uploads);
    await rm(spool, { recursive: true, force: true });
  }
}

interface ManifestEntry {
  readonly url: string;
  readonly mandatory: true;
  readonly meta: { readonly content_length: number };
}

/** So many are on their way while the next is written; each is held in memory, to be sent again where that fails. */
const uploadsAtOnce = 3;

async function put(folder: LandingFolder, key: string, file: string): Promise<ManifestEntry> {
  const content = await readFile(file);
  await folder.put(key, content);
  await rm(file);
  return { url: folder.uriOf(key), mandatory: true, meta: { content_length: content.length } };
}

const mebibyte = 2 ** 20;
/** What parts come to unless there are few rows; between the bounds that AWS advises, 1 and 128 MB (facts 1.15). */
const partBytes = 64 * mebibyte;

/** At least one; where the slices cannot all have 1 MB, as many as have it. */
export function partCount(bytes: number, slices: number): number {
  const rounds = Math.ceil(bytes / partBytes / slices);
  const count = Math.max(1, rounds) * slices;
  return bytes / count >= mebibyte ? count : Math.max(1, Math.floor(bytes / mebibyte));
}

/** Parquet takes about half of what the values take. */
const compression = 0.5;

/** Numbers of rows may be missing where some were taken back: `end` is one beyond the greatest. */
async function measure({ connection, name }: LandingTable, { columns }: TableShape) {
  const lengths = columns.map((column) =>
    column.type.kind === 'text' ? `coalesce(strlen(${identifier(column.name)}), 0)` : '8',
  );
  const sql = `-- measure what landed\nselect count(*), coalesce(max(rowid), -1) + 1, coalesce(sum(${lengths.join(' + ')}), 0) from ${name}`;
  const reader = await connection.runAndReadAll(sql).catch((error: unknown) => {
    throw engineFailure(sql, error);
  });
  const [rows = 0, end = 0, bytes = 0] = (reader.getRows()[0] ?? []).map(Number);
  return { rows, end, bytes: bytes * compression };
}

const share = (end: number, part: number, count: number): number => Math.floor((end * part) / count);

/** Snappy, which readers of Parquet take for granted. */
async function writePart(
  { connection, name }: LandingTable,
  { columns }: TableShape,
  [from, to]: readonly [number, number],
  file: string,
): Promise<void> {
  const names = columns.map((column) => identifier(column.name)).join(', ');
  const sql = [
    '-- write a part for COPY',
    `copy (select ${names} from ${name} where rowid >= ${from} and rowid < ${to})`,
    `to ${textLiteral(file)} (format parquet, compression snappy)`,
  ].join('\n');
  await connection.run(sql).catch((error: unknown) => {
    throw engineFailure(sql, error);
  });
}
