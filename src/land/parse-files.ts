import { engineFailure } from '../engines/duckdb/failures.ts';
import type { LandingTable } from '../engines/engine.ts';
import type { Staging } from '../model/staging.ts';
import { comment } from '../sql/quote.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { maskedCopies } from './copy-masked.ts';
import { fileSql } from './file-sql.ts';
import type { Limits } from './limits.ts';
import type { Mapping } from './mapping.ts';
import type { FileObject } from './prepare.ts';
import { runWatched } from './run-watched.ts';
import { boundsOf } from './tally.ts';

export interface Parsing {
  readonly staging: Staging;
  readonly mapping: Mapping;
  /** Where the rows go. Those of suspect lines, a superset of those that do not fit, are in it with a minus sign. */
  readonly landing: Pick<LandingTable, 'connection' | 'name'>;
  readonly store: ObjectStore;
  readonly limits: Limits;
  /** The folder for copies, created when it is first asked for. */
  readonly temporaryFolder: () => Promise<string>;
  /** Called now and then while files are parsed, with about the bytes that are. */
  readonly onParsing: (bytes: number) => void;
}

/** What is to be decided line by line. */
export interface Judgement {
  /** Files of which nothing is certain. */
  readonly again: readonly FileObject[];
  /** The suspect lines of other files: their ordinals from 0 among the lines that are not blank. */
  readonly suspects: readonly (readonly [FileObject, readonly number[]])[];
}

/** Parses files, of which there is one at least, in as few statements as can be. @throws OBJECT_CHANGED */
export async function parseFiles(files: readonly FileObject[], parsing: Parsing): Promise<Judgement> {
  await parseAll(files, parsing);
  const rows = await rowsOf(files, parsing);
  const { again, partly } = verdicts(files, rows, parsing.limits);
  return { again, suspects: await ordinalsOfSuspects(partly, rows, parsing) };
}

/** First the files that are regular all through, then copies of the others. */
async function parseAll(files: readonly FileObject[], options: Parsing): Promise<void> {
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

async function parse(files: readonly FileObject[], { staging, mapping, landing, onParsing }: Parsing): Promise<void> {
  const bytes = contentBytesOf(files);
  const sql = fileSql(staging, mapping, landing.name, files);
  await runWatched(landing.connection, sql, (share) => onParsing(share * bytes)).catch((cause: unknown) => {
    throw engineFailure(title(staging, `parse ${files.length} objects`), cause);
  });
}

/** Whether DuckDB's reader takes the file as it is. */
export function isRegular({ scan }: FileObject): boolean {
  return !scan.hasMark && scan.irregular?.length === 0;
}

export function contentBytesOf(files: readonly FileObject[]): number {
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

async function rowsOf(files: readonly FileObject[], { staging, landing }: Parsing): Promise<RowsByObject> {
  const { low, high } = boundsOf(files.map(({ tally }) => tally));
  // Two scans, so that row groups of other objects are passed over by their bounds.
  const result = await landing.connection.runAndReadAll(`${title(staging, 'count what was parsed')}
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

/** The rows of suspect lines are found by the order in which they were parsed. */
async function ordinalsOfSuspects(
  files: readonly FileObject[],
  rows: RowsByObject,
  { staging, landing }: Parsing,
): Promise<Judgement['suspects']> {
  if (files.length === 0) return [];
  const ordinals = new Map(files.map((file) => [file.tally.objectId, [] as number[]]));
  const found = await landing.connection.stream(`${title(staging, 'find the lines to decide one by one')}
select -object_id, rowid from ${landing.name} where ${areSuspect(files)} order by rowid`);
  for await (const places of found.yieldRows()) {
    for (const [id, place] of places) {
      const objectId = BigInt(String(id));
      ordinals.get(objectId)?.push(Number(BigInt(String(place)) - (rows.get(objectId)?.first ?? 0n)));
    }
  }
  return files.map((file) => [file, ordinals.get(file.tally.objectId) ?? []]);
}

/** The condition on rows of suspect lines of these files, of which there is one at least. */
export function areSuspect(files: readonly FileObject[]): string {
  const { low, high } = boundsOf(files.map(({ tally }) => tally));
  return `object_id between ${-high} and ${-low}`;
}

export function title({ name }: Staging, what: string): string {
  return comment(`land ${name}: ${what}`);
}
