import { engineFailure } from '../engines/duckdb/failures.ts';
import type { LandingTable } from '../engines/engine.ts';
import type { Staging } from '../model/staging.ts';
import { comment, list } from '../sql/quote.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { maskedCopies } from './copy-masked.ts';
import { canReadFiles, fileSql } from './file-sql.ts';
import { duckdbLineBytes, type Limits } from './limits.ts';
import type { Mapping } from './mapping.ts';
import type { FileObject } from './prepare.ts';
import { runWatched } from './run-watched.ts';
import { boundsOf } from './tally.ts';

export interface FilePathOptions {
  readonly staging: Staging;
  readonly mapping: Mapping;
  readonly landing: LandingTable;
  readonly store: ObjectStore;
  readonly limits: Limits;
  /** The folder for copies, created when it is first asked for. */
  readonly temporaryFolder: () => Promise<string>;
  /** Called now and then while files are parsed, with about the bytes that are. */
  readonly onParsing: (bytes: number) => void;
}

/**
 * What is left to decide of an object after DuckDB parsed it as a file: 'all' of it, as none of its rows is in the
 * landing table; or some lines, by their ordinals from 0 among the lines that are not blank, the others being in.
 */
export type Undecided = 'all' | readonly number[];

/** Parses files, in as few statements as can be. An object that is not in the result is decided. */
export async function insertFiles(
  files: readonly FileObject[],
  options: FilePathOptions,
): Promise<ReadonlyMap<FileObject, Undecided>> {
  const readable = (await keepsOrder(options)) ? files.filter((file) => isReadable(file, options)) : [];
  await parseAll(readable, options);
  const rows = await rowsOf(readable, options);
  const { again, partly } = verdicts(readable, rows, options.limits);
  await removeRows(again, options);
  const ordinals = await takeSuspects(partly, rows, options);
  const parsed = new Set(readable);
  const all = [...files.filter((file) => !parsed.has(file)), ...again];
  return new Map<FileObject, Undecided>([...all.map((file) => [file, 'all'] as const), ...ordinals]);
}

/** The ordinals of suspects are told from the order of the rows. */
async function keepsOrder({ landing }: FilePathOptions): Promise<boolean> {
  const setting = await landing.connection.runAndReadAll(`select current_setting('preserve_insertion_order')`);
  return setting.getRows()[0]?.[0] === true;
}

function isReadable({ scan }: FileObject, { mapping, limits }: FilePathOptions): boolean {
  const fits = scan.longestLineBytes <= Math.min(limits.lineBytes, duckdbLineBytes - 1);
  return scan.irregular !== undefined && fits && scan.contentBytes >= limits.fileBytes && canReadFiles(mapping);
}

/** First the files that are regular all through, then copies of the others. @throws OBJECT_CHANGED */
async function parseAll(files: readonly FileObject[], options: FilePathOptions): Promise<void> {
  const { store, limits, temporaryFolder, onParsing } = options;
  let done = 0;
  const parseNext = async (some: readonly FileObject[]) => {
    await parse(some, { ...options, onParsing: (bytes) => onParsing(done + bytes) });
    done += contentBytesOf(some);
  };
  const regular = files.filter(isRegular);
  const others = files.filter((file) => !isRegular(file));
  try {
    if (regular.length > 0) await parseNext(regular);
    if (others.length === 0) return;
    for await (const copies of maskedCopies(others, await temporaryFolder(), limits.copyBytes)) await parseNext(copies);
  } catch (error) {
    // What a file has become meanwhile explains more.
    await store.confirmUnchanged(files.filter(({ isInPlace }) => isInPlace).map(({ tally }) => tally.object));
    throw error;
  }
}

async function parse(
  files: readonly FileObject[],
  { staging, mapping, landing, onParsing }: FilePathOptions,
): Promise<void> {
  const bytes = contentBytesOf(files);
  const sql = fileSql(staging, mapping, landing.name, files);
  await runWatched(landing.connection, sql, (share) => onParsing(share * bytes)).catch((cause: unknown) => {
    throw engineFailure(comment(`land ${staging.name}: parse ${files.length} objects`), cause);
  });
}

function isRegular({ scan }: FileObject): boolean {
  return !scan.hasMark && scan.irregular?.length === 0;
}

function contentBytesOf(files: readonly FileObject[]): number {
  return files.reduce((sum, { scan }) => sum + scan.contentBytes, 0);
}

interface Rows {
  readonly count: number;
  readonly suspects: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** By the number of the object. */
type RowsByObject = ReadonlyMap<bigint, Rows>;

async function rowsOf(files: readonly FileObject[], { staging, landing }: FilePathOptions): Promise<RowsByObject> {
  if (files.length === 0) return new Map();
  const { low, high } = boundsOf(files.map(({ tally }) => tally));
  // Two scans, so that row groups of other objects are passed over by their bounds.
  const result = await landing.connection.runAndReadAll(`${comment(`land ${staging.name}: count what was parsed`)}
select abs(number), count(*), count(*) filter (where number < 0), min(place), max(place)
from (
  select object_id as number, rowid as place from ${landing.name} where object_id between ${low} and ${high}
  union all
  select object_id, rowid from ${landing.name} where object_id between ${-high} and ${-low}
)
group by 1`);
  return new Map(
    result.getRows().map(([id, count, suspects, first, last]) => {
      return [
        BigInt(String(id)),
        { count: Number(count), suspects: Number(suspects), first: BigInt(String(first)), last: BigInt(String(last)) },
      ];
    }),
  );
}

/**
 * Which files are decided line by line. Rows are numbered in the order of the lines, without gaps; where their number
 * is not that of the lines that are not blank, nothing can be told from it.
 */
function verdicts(files: readonly FileObject[], rows: RowsByObject, limits: Limits) {
  const again: FileObject[] = [];
  const partly: FileObject[] = [];
  let room = limits.suspects;
  for (const file of files) {
    const { count, suspects, first, last } = rows.get(file.tally.objectId) ?? noRows;
    const expected = file.scan.lines - file.scan.blankLines;
    if (count !== expected || last - first + 1n !== BigInt(count) || suspects > room) again.push(file);
    else if (suspects > 0) partly.push(file);
    if (suspects <= room) room -= suspects;
  }
  return { again, partly };
}

const noRows: Rows = { count: 0, suspects: 0, first: 0n, last: -1n };

/** Removes all rows of these files. */
async function removeRows(files: readonly FileObject[], { staging, landing }: FilePathOptions): Promise<void> {
  if (files.length === 0) return;
  const ids = files.flatMap(({ tally }) => [String(tally.objectId), String(-tally.objectId)]);
  await landing.connection.run(`${comment(`land ${staging.name}: take back ${files.length} objects`)}
delete from ${landing.name} where object_id in ${list(ids)}`);
}

/** Removes the rows of suspect lines and tells which lines they were. */
async function takeSuspects(
  files: readonly FileObject[],
  rows: RowsByObject,
  { staging, landing }: FilePathOptions,
): Promise<[FileObject, number[]][]> {
  if (files.length === 0) return [];
  const { low, high } = boundsOf(files.map(({ tally }) => tally));
  const suspect = `from ${landing.name} where object_id between ${-high} and ${-low}`;
  const title = (what: string) => comment(`land ${staging.name}: ${what} the lines to decide one by one`);
  const ordinals = new Map(files.map((file) => [file.tally.objectId, [] as number[]]));
  const found = await landing.connection.stream(`${title('find')}\nselect -object_id, rowid ${suspect} order by rowid`);
  for await (const places of found.yieldRows()) {
    for (const [id, place] of places) {
      const objectId = BigInt(String(id));
      ordinals.get(objectId)?.push(Number(BigInt(String(place)) - (rows.get(objectId)?.first ?? 0n)));
    }
  }
  await landing.connection.run(`${title('take back')}\ndelete ${suspect}`);
  return files.map((file) => [file, ordinals.get(file.tally.objectId) ?? []]);
}
