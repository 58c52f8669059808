import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { nodeError } from '../refusal.ts';
import { CopyFailure } from './load-error.ts';
import type { SourceFile } from './source-files.ts';
import type { TargetColumn } from './target-table.ts';

interface ParquetLoad {
  readonly files: readonly SourceFile[];
  readonly columns: readonly TargetColumn[];
  /** Missing columns at the end are NULL. */
  readonly fillRecord: boolean;
}

/** The rows of the files as CSV, NULL without quotes and `""` for the empty text; all files are checked first. */
export async function* parquetAsCsv(load: ParquetLoad): AsyncGenerator<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'redshift-copy-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const duckdb = await instance.connect();
  try {
    const scans: string[] = [];
    for (const [i, file] of load.files.entries()) {
      const path = join(folder, `${i}.parquet`);
      await writeFile(path, file.bytes);
      scans.push(await checkedScan(duckdb, `'${path.replaceAll("'", "''")}'`, file.url, load));
    }
    for (const scan of scans) {
      const csv = join(folder, 'rows.csv');
      await duckdb.run(`copy (${scan}) to '${csv.replaceAll("'", "''")}' (format csv, header false, force_quote *)`);
      yield* createReadStream(csv, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
    }
  } finally {
    duckdb.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

// Columns go by position, and their number and types must fit (facts 4.1).
async function checkedScan(duckdb: DuckDBConnection, path: string, url: string, load: ParquetLoad): Promise<string> {
  const { columns, fillRecord } = load;
  const found = await describe(duckdb, path, url);
  const missing = columns.length - found.length;
  if (missing < 0 || (missing > 0 && !fillRecord))
    throw spectrum(
      `Unmatched number of columns between table and file. Table columns: ${columns.length}, Data columns: ${found.length}, File name: ${url}`,
    );
  for (const [i, { name, type }] of found.entries()) {
    const column = columns[i];
    if (column === undefined || fits(column, type)) continue;
    throw spectrum(
      `File '${url}' has an incompatible Parquet schema for column '${url}.${name}'. Column type: ${column.type}, Parquet schema: ${type}`,
    );
  }
  await checkLengths(duckdb, path, url, found, columns);
  const nulls = Array.from({ length: Math.max(missing, 0) }, () => ', null');
  return `select *${nulls.join('')} from read_parquet(${path})`;
}

interface FileColumn {
  readonly name: string;
  readonly type: string;
}

async function describe(duckdb: DuckDBConnection, path: string, url: string): Promise<FileColumn[]> {
  try {
    const reader = await duckdb.runAndReadAll(`describe select * from read_parquet(${path})`);
    return reader.getRowObjects().map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  } catch {
    throw spectrum(`File '${url}' has an invalid version number.`);
  }
}

async function checkLengths(
  duckdb: DuckDBConnection,
  path: string,
  url: string,
  found: readonly FileColumn[],
  columns: readonly TargetColumn[],
): Promise<void> {
  for (const [i, { name }] of found.entries()) {
    const column = columns[i];
    if (column?.length === undefined) continue;
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const reader = await duckdb.runAndReadAll(`select max(strlen(rtrim(${quoted}, ' '))) from read_parquet(${path})`);
    const longest = Number(reader.getRows()[0]?.[0] ?? 0);
    if (longest <= column.length) continue;
    const reason = `The length of the data column ${column.name} is longer than the length defined in the table. Table: ${column.length}, Data: ${longest}`;
    throw new CopyFailure(
      [{ code: 15007, reason, file: url, line: 0, column: column.name }],
      spectrum(`${reason} (${url})`),
    );
  }
}

const parquetTypes: Readonly<Record<string, readonly string[]>> = {
  smallint: ['SMALLINT'],
  integer: ['INTEGER'],
  bigint: ['BIGINT'],
  'double precision': ['DOUBLE'],
  real: ['FLOAT'],
  boolean: ['BOOLEAN'],
  'character varying': ['VARCHAR'],
  character: ['VARCHAR'],
  date: ['DATE'],
  'timestamp without time zone': ['TIMESTAMP', 'TIMESTAMP_NS'],
};

function fits({ type, precision, scale }: TargetColumn, parquet: string): boolean {
  return type === 'numeric'
    ? parquet === `DECIMAL(${precision},${scale})`
    : (parquetTypes[type]?.includes(parquet) ?? false);
}

function spectrum(context: string) {
  return nodeError(15007, 'Spectrum Scan Error', context);
}
