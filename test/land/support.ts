import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { dialect } from '../../src/engines/duckdb/dialect.ts';
import { landingTable } from '../../src/engines/duckdb/load.ts';
import type { KeySample } from '../../src/land/key-sample.ts';
import { type Batch, landBatch } from '../../src/land/land-batch.ts';
import type { LandedObject, Reject } from '../../src/land/landed.ts';
import type { Limits } from '../../src/land/limits.ts';
import { type Mapping, readMapping } from '../../src/land/mapping.ts';
import { equal } from '../../src/model/expression.ts';
import type { Source } from '../../src/model/source.ts';
import { defineSource } from '../../src/model/source.ts';
import { bigint, defineStaging, double, integer, type Staging, smallint, text } from '../../src/model/staging.ts';
import { identifier } from '../../src/sql/quote.ts';
import { stagingShape } from '../../src/sql/shapes.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import { openRoot } from '../../src/storage/open-root.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';

const doc = 'for a test';
const lines = defineSource({ name: 'plays', doc, folder: 'plays', framing: 'line' });
const objects = defineSource({ name: 'cards', doc, folder: 'plays', framing: 'object' });

/** One column of each type, with each rule. */
export const plays = stagingOf(lines);
export const cards = stagingOf(objects);

export function stagingOf(source: Source, songKey = 'song') {
  return defineStaging({
    name: 'staging_plays',
    doc,
    grain: 'one row per line',
    source,
    columns: {
      id: bigint({ from: 'id', doc, required: true }),
      page: text(8, { from: 'page', doc, required: true }),
      song: text(12, { from: songKey, doc }),
      place: integer({ from: 'place', doc, range: [0n, 65_535n] }),
      status: smallint({ from: 'status', doc }),
      length: double({ from: 'length', doc }),
      year: integer({ from: 'year', doc }),
    },
    key: ['id'],
    newest: 'id',
    requiredWhen: (row) => [{ when: equal(row.page, 'Next'), columns: ['song', 'length'] }],
    physical: { redshift: { distribution: 'all', sortKey: [] } },
  });
}

export interface Root {
  readonly folder: string;
  readonly store: ObjectStore;
  remove(): void;
}

/** A folder with these files. */
export async function rootWith(files: Readonly<Record<string, string | Buffer>>): Promise<Root> {
  const folder = temporaryFolder();
  for (const [key, content] of Object.entries(files)) {
    const path = join(folder, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return { folder, store: await openRoot(folder), remove: () => removeFolder(folder) };
}

/** The same store with nothing to read in place, as on S3. */
export function remote(store: ObjectStore): ObjectStore {
  return { ...store, localPath: () => undefined };
}

export interface Landed {
  /** Typed rows as JSON, sorted; the last value is the number of the object, from 1 in the order of the keys. */
  readonly rows: readonly string[];
  readonly rejects: readonly Reject[];
  readonly objects: readonly LandedObject[];
  readonly keys: KeySample;
}

export interface Landing {
  readonly staging?: Staging;
  readonly mapping?: Mapping;
  readonly limits?: Partial<Limits>;
  readonly store?: ObjectStore;
  readonly database?: string;
  /** Statements before the transaction. */
  readonly before?: string;
  readonly numberOf?: (index: number) => bigint;
  /** A folder that is there, unless a test says otherwise. */
  readonly temporaryFolder?: string;
  readonly onRejects?: Batch['onRejects'];
  readonly onProgress?: Batch['onProgress'];
  readonly onUnreadable?: Batch['onUnreadable'];
}

/** Every object goes through the file path that can. */
export const asFiles: Partial<Limits> = { fileBytes: 0 };
/** No object does. */
export const asText: Partial<Limits> = { fileBytes: Number.POSITIVE_INFINITY };

/** Every way that lines can take into the landing table. */
export const ways: readonly { readonly way: string; readonly landing: (root: Root) => Landing }[] = [
  { way: 'as text', landing: () => ({ limits: asText }) },
  { way: 'as files', landing: () => ({ limits: asFiles }) },
  { way: 'as files, none of them aside', landing: () => ({ limits: { ...asFiles, asideBytes: 0 } }) },
  { way: 'as copied files', landing: ({ store }) => ({ limits: asFiles, store: remote(store) }) },
  {
    way: 'as files into a database file',
    landing: ({ folder }) => ({ limits: asFiles, database: join(folder, 'warehouse.duckdb') }),
  },
];

/** Lands these files, as `land` does, and removes them. */
export async function landFiles(
  files: Readonly<Record<string, string | Buffer>>,
  landing: Landing | ((root: Root) => Landing) = {},
): Promise<Landed> {
  const root = await rootWith(files);
  try {
    return await land(root, typeof landing === 'function' ? landing(root) : landing);
  } finally {
    root.remove();
  }
}

/** Lands all objects of the source into a table inside an open transaction, and commits. */
export async function land(root: Root, landing: Landing = {}): Promise<Landed> {
  const { staging = plays, limits = {}, store = root.store, database = ':memory:', before } = landing;
  const { numberOf = (index) => BigInt(index + 1), onRejects, onProgress, onUnreadable } = landing;
  const { connection, instance, close } = await openDatabase(database);
  try {
    for (const { sql } of dialect.createTable(stagingShape(staging))) await connection.run(sql);
    if (before) await connection.run(before);
    await connection.run('begin transaction');
    const rejects: Reject[] = [];
    const found = await store.list(staging.source.folder);
    const landed = await landBatch({
      staging,
      mapping: landing.mapping ?? (await readMapping({ source: staging.source, staging, store })),
      store,
      objects: found.map((object, index) => ({ object, objectId: numberOf(index) })),
      landing: landingTable(connection, staging, instance),
      onRejects: async (more) => {
        rejects.push(...more);
        await onRejects?.(more);
      },
      limits,
      temporaryFolder: landing.temporaryFolder ?? root.folder,
      ...(onProgress && { onProgress }),
      ...(onUnreadable && { onUnreadable }),
    });
    await connection.run('commit');
    return { rows: await rowsOf(connection, staging), rejects, ...landed };
  } finally {
    close();
  }
}

/** The rejects without what the way to the table does not change. */
export function outcomes({ rejects }: Landed) {
  return rejects.map(({ objectId, line, column, reason }) => ({ objectId: Number(objectId), line, column, reason }));
}

/** Lines joined by newlines, without one at the end. */
export function joined(lines: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(lines.flatMap((line, index) => [Buffer.from(index > 0 ? '\n' : ''), Buffer.from(line)]));
}

async function openDatabase(
  path: string,
): Promise<{ connection: DuckDBConnection; instance: DuckDBInstance; close(): void }> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  return {
    connection,
    instance,
    close: () => {
      connection.closeSync();
      instance.closeSync();
      if (path !== ':memory:') rmSync(path, { force: true });
    },
  };
}

async function rowsOf(connection: DuckDBConnection, { name }: Staging): Promise<string[]> {
  const result = await connection.runAndReadAll(`select * from ${identifier(name)}`);
  const rows = result.getRowsJson().map((row) => JSON.stringify(row));
  return rows.sort();
}
