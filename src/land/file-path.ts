import type { AsideTable, LandingTable } from '../engines/engine.ts';
import { list } from '../sql/quote.ts';
import { canReadFiles } from './file-sql.ts';
import { duckdbLineBytes } from './limits.ts';
import {
  areSuspect,
  contentBytesOf,
  isRegular,
  type Judgement,
  type Parsing,
  parseFiles,
  title,
} from './parse-files.ts';
import type { FileObject } from './prepare.ts';

export interface FilePathOptions extends Parsing {
  readonly landing: LandingTable;
}

/**
 * What is left to decide of an object after DuckDB parsed it as a file: 'all' of it, as none of its rows is in the
 * landing table; or some lines, by their ordinals from 0 among the lines that are not blank, the others being in.
 */
export type Undecided = 'all' | readonly number[];

export interface FilePath {
  /** An object that is not in the result is decided. @throws OBJECT_CHANGED */
  insert(files: readonly FileObject[]): Promise<ReadonlyMap<FileObject, Undecided>>;
}

/**
 * Files are parsed into the landing table, out of which suspect rows are taken. Where there are sure to be some, the
 * first files are parsed into a table aside: when a transaction has inserted rows and deleted some of them, DuckDB
 * writes all of them a second time, with one thread (1.5.6). Not all files, as they stay in memory until it ends.
 */
export function openFilePath(options: FilePathOptions): FilePath {
  const { openAside } = options.landing;
  let roomBytes = options.limits.asideBytes;
  return {
    insert: async (files) => {
      const readable = (await keepsOrder(options)) ? files.filter((file) => isReadable(file, options)) : [];
      if (readable.length === 0) return new Map(files.map((file) => [file, 'all']));
      const bytes = contentBytesOf(readable);
      const isAside = openAside && bytes <= roomBytes && !readable.every(isRegular);
      if (isAside) roomBytes -= bytes;
      const { again, suspects } = await (isAside
        ? parseAside(readable, options, openAside)
        : parseInPlace(readable, options));
      const parsed = new Set(readable);
      const all = [...files.filter((file) => !parsed.has(file)), ...again];
      return new Map<FileObject, Undecided>([...all.map((file) => [file, 'all'] as const), ...suspects]);
    },
  };
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

async function parseInPlace(files: readonly FileObject[], options: FilePathOptions): Promise<Judgement> {
  const { landing, staging } = options;
  const judgement = await parseFiles(files, options);
  for (const rows of conditions(judgement)) {
    await landing.connection.run(`${title(staging, 'take back what may not fit')}
delete from ${landing.name} where ${rows}`);
  }
  return judgement;
}

/** Two conditions, so that row groups of other objects are passed over by their bounds. */
function conditions({ again, suspects }: Judgement): string[] {
  const ids = again.flatMap(({ tally }) => [`${tally.objectId}`, `${-tally.objectId}`]);
  return [
    ...(ids.length > 0 ? [`object_id in ${list(ids)}`] : []),
    ...(suspects.length > 0 ? [areSuspect(suspects.map(([file]) => file))] : []),
  ];
}

async function parseAside(
  files: readonly FileObject[],
  options: FilePathOptions,
  openAside: () => Promise<AsideTable>,
): Promise<Judgement> {
  const { landing, staging } = options;
  const aside = await openAside();
  try {
    const judgement = await parseFiles(files, { ...options, landing: aside });
    const again = judgement.again.map(({ tally }) => `${tally.objectId}`);
    await landing.connection.run(`${title(staging, 'hand over what fits')}
insert into ${landing.name}
select * from ${aside.name} where object_id > 0${again.length > 0 ? ` and object_id not in ${list(again)}` : ''}`);
    return judgement;
  } finally {
    await aside.close();
  }
}
