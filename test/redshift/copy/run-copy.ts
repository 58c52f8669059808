import { gunzipSync } from 'node:zlib';
import { notEmulated, Refusal } from '../refusal.ts';
import { lockForWrite } from '../rewrite/plan.ts';
import { assumeRole, type BucketAccess, type BucketAccessOptions, openBuckets, parseAddress } from './bucket-access.ts';
import type { CopyCommand } from './copy-command.ts';
import { jsonRows, type Mapping, mapByName, mapByPaths } from './json-rows.ts';
import { CopyFailure, type LoadError } from './load-error.ts';
import { type CopyRun, logCopy, type OpenLog } from './load-log.ts';
import { parquetAsCsv } from './parquet.ts';
import { readSourceFiles, type SourceFile } from './source-files.ts';
import { type Ask, columnsToLoad, describeTarget, type TargetColumn, type TargetTable } from './target-table.ts';

/** What a COPY needs of the session it runs in. */
export interface CopySession {
  readonly database: string;
  readonly user: { readonly name: string; readonly mayAssumeRoles: boolean };
  readonly processId: number;
  readonly inTransaction: boolean;
  readonly ask: Ask;
  /** Sends CSV behind a COPY FROM STDIN of PostgreSQL and gives the number of rows. */
  readonly copyIn: (sql: string, chunks: AsyncIterable<Buffer>) => Promise<number>;
  readonly openLog: OpenLog;
  readonly buckets: BucketAccessOptions;
  readonly queryId: number;
  readonly errorLagMs: number;
  /** Which system table the messages send people to. */
  readonly errorTable: 'sys_load_error_detail' | 'stl_load_errors';
  /** An error to fail with instead of reading the data. */
  readonly injected: LoadError | undefined;
}

/** What the session and the client learn. */
export interface CopyResult {
  readonly rows: number;
  readonly objectsRead: number;
  /** As INFO to the client (facts 1.12). */
  readonly notices: readonly string[];
}

/** COPY failed while loading, so that pg_last_copy_count() is 0 (facts 1.12). */
export class FailedLoad extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** Runs a COPY of objects in S3 in the session's transaction. @throws Refusal, FailedLoad */
export async function runCopy(command: CopyCommand, session: CopySession): Promise<CopyResult> {
  if (session.inTransaction) await session.ask(lockForWrite(command.table));
  const table = await describeTarget(session.ask, command.table);
  await checkOwner(command, table, session);
  const columns = columnsToLoad(table, command.columns, { explicitIds: command.options.has('explicit_ids') });
  const role = assumeRole(session.buckets.roles, command.iamRole, session.user);
  const region = command.options.get('region');
  const buckets = openBuckets(session.buckets, role, region === undefined ? undefined : String(region));
  const load: Load = { command, session, table, columns, startedAt: new Date(), files: [] };
  try {
    if (session.injected !== undefined) throw new CopyFailure([session.injected]);
    load.files = await readSourceFiles(command, buckets);
    const { rows, errors } = await (command.format === 'json' ? loadJson(load, buckets) : loadParquet(load));
    await log(load, 'completed', rows, errors);
    return { rows, objectsRead: load.files.length, notices: noticesOf(table.name, rows, errors, session) };
  } catch (cause) {
    if (!(cause instanceof CopyFailure)) throw cause;
    await log(load, 'aborted', 0, cause.errors);
    throw new FailedLoad(cause.refusal ?? failed(table.name, session.errorTable));
  }
}

interface Load {
  readonly command: CopyCommand;
  readonly session: CopySession;
  readonly table: TargetTable;
  readonly columns: readonly TargetColumn[];
  readonly startedAt: Date;
  files: readonly SourceFile[];
}

interface Loaded {
  readonly rows: number;
  /** Records that were dropped (facts 1.9). */
  readonly errors: readonly LoadError[];
}

// STATUPDATE in the text needs the table's owner (facts 1.9).
async function checkOwner(
  { options }: CopyCommand,
  { isOwner, name }: TargetTable,
  { ask }: CopySession,
): Promise<void> {
  if (!options.has('statupdate') || isOwner) return;
  const [row] = await ask('select usesuper from pg_user where usename = current_user');
  if (row?.[0] !== 't') throw new Refusal('42501', `must be owner of relation ${name}`);
}

async function loadJson(load: Load, buckets: BucketAccess): Promise<Loaded> {
  const { command, columns, files } = load;
  const { options } = command;
  const mapping = await mappingOf(command, columns, buckets);
  const inflated = options.has('gzip') ? files.map(inflate) : files;
  const { rows, errors } = jsonRows(inflated, columns, mapping, command);
  // MAXERROR 0 and 1 both fail on the first error (facts 1.9).
  const limit = Math.max(Number(options.get('maxerror') ?? 0), 1);
  if (errors.length >= limit && !options.has('ignoreallerrors')) throw new CopyFailure(errors.slice(0, limit));
  if (options.has('noload')) return { rows: 0, errors };
  return { rows: await copyRows(load, csvChunks(rows)), errors };
}

async function loadParquet(load: Load): Promise<Loaded> {
  const { command, columns, files } = load;
  const fillRecord = command.options.has('fillrecord');
  return { rows: await copyRows(load, parquetAsCsv({ files, columns, fillRecord })), errors: [] };
}

async function mappingOf(
  { json }: CopyCommand,
  columns: readonly TargetColumn[],
  buckets: BucketAccess,
): Promise<Mapping> {
  if (json === 'auto' || json === 'auto ignorecase') return mapByName(columns, json !== 'auto');
  if (json === 'noshred') throw notEmulated("JSON 'noshred'");
  const { bucket, key } = parseAddress(json);
  const file = await buckets.get(bucket, key);
  if (file === undefined) throw new Refusal('XX000', `The JSONPath file ${json} was not found`);
  // Without the key "jsonpaths" it counts for 'auto' (facts 1.2).
  return mapByPaths(file, json, columns) ?? mapByName(columns, false);
}

function inflate(file: SourceFile): SourceFile {
  try {
    return { ...file, bytes: gunzipSync(file.bytes) };
  } catch (cause) {
    throw new Refusal('XX000', `gzip error reading ${file.url}: ${cause instanceof Error ? cause.message : cause}`);
  }
}

function copyRows({ session, columns, command: { table } }: Load, chunks: AsyncIterable<Buffer>): Promise<number> {
  const names = columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`).join(', ');
  return session.copyIn(`copy ${table} (${names}) from stdin (format csv)`, chunks);
}

async function* csvChunks(rows: readonly (readonly (string | null)[])[]): AsyncGenerator<Buffer> {
  const perChunk = 1000;
  for (let at = 0; at < rows.length; at += perChunk) {
    const lines = rows.slice(at, at + perChunk).map((row) => `${row.map(csvField).join(',')}\n`);
    yield Buffer.from(lines.join(''));
  }
}

function csvField(value: string | null): string {
  return value === null ? '' : `"${value.replaceAll('"', '""')}"`;
}

function log(load: Load, status: 'completed' | 'aborted', rows: number, errors: readonly LoadError[]): Promise<void> {
  const { session, table, command, startedAt } = load;
  const run: CopyRun = {
    database: session.database,
    userName: session.user.name,
    sessionId: session.processId,
    queryId: session.queryId,
    table: table.name,
    tableId: table.id,
    source: command.from,
    format: command.format === 'json' ? 'JSON' : 'PARQUET',
    startedAt,
  };
  const files = load.files.map(({ url, bytes }) => ({
    url,
    sizeBytes: bytes.length,
    errors: errors.filter(({ file }) => file === url).length,
  }));
  return logCopy(session.openLog, run, { status, rows, files, errors, errorLagMs: session.errorLagMs });
}

function noticesOf(table: string, rows: number, errors: readonly LoadError[], { errorTable }: CopySession): string[] {
  const loaded = `Load into table '${table}' completed, ${rows} record(s) loaded successfully.`;
  const dropped = `Load into table '${table}' completed, ${errors.length} record(s) could not be loaded.  Check '${errorTable}' system table for details.`;
  return errors.length === 0 ? [loaded] : [loaded, dropped];
}

function failed(table: string, errorTable: string): Refusal {
  return new Refusal('XX000', `Load into table '${table}' failed. Check '${errorTable}' system table for details.`);
}
