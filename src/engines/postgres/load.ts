import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DuckDBValue } from '@duckdb/node-api';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { SparkifyError } from '../../errors.ts';
import type { Staging } from '../../model/staging.ts';
import type { TableShape } from '../../sql/dialect.ts';
import { identifier, textLiteral } from '../../sql/quote.ts';
import { duplicatesShape, stagingShape, tableName } from '../../sql/shapes.ts';
import { DuckDBBlobValue } from '../duckdb/binding.ts';
import type { LandingTable, Value } from '../engine.ts';
import { copyLine, copyLineSql, copyStatement } from './copy-text.ts';
import { readRow } from './server.ts';

/** Adds rows by COPY, in the transaction of the connection. */
export async function insertRows(
  client: Client,
  table: TableShape,
  rows: readonly (readonly Value[])[],
): Promise<void> {
  if (rows.length === 0) return;
  await copy(client, table, linesOf(rows));
}

/** Streams what landed into the staging table by COPY, about as fast as the server takes it. @throws BALANCE */
export async function loadLanded(client: Client, staging: Staging, landing: LandingTable): Promise<void> {
  const shape = stagingShape(staging);
  const parts = await partsOf(landing, shape);
  const landed = parts.reduce((sum, { rows }) => sum + rows, 0);
  const copied = landed === 0 ? 0 : await copy(client, shape, landedLines(landing, shape, parts));
  if (copied === landed) return;
  throw new SparkifyError('BALANCE', `Of ${landed} rows that landed for ${staging.name}, ${copied} were loaded.`, {
    hint: 'A trigger or rule of the table may keep rows out; take it away. Else this is a fault of the tool: report it.',
    details: { table: staging.name, landed, copied },
  });
}

/**
 * Plans for the rows that have just come in, where they are a tenth of all at least: the server's own statistics follow a
 * commit. Its assumption for a table that was never looked at is that it has some rows, which the duplicates mostly have
 * not.
 */
export async function refreshStatistics(client: Client, staging: Staging): Promise<void> {
  const table = tableName(stagingShape(staging));
  const [known, pages, duplicates] = await readRow(
    client,
    `select relpages, pg_relation_size(oid) / current_setting('block_size')::integer,
  to_regclass(${textLiteral(tableName(duplicatesShape(staging)))})
from pg_class
where oid = ${textLiteral(table)}::regclass`,
  );
  if (Number(pages) <= Number(known) * 1.1) return;
  const tables = [table, ...(duplicates === undefined ? [] : [duplicates])].join(', ');
  await client.query(`set local default_statistics_target to ${statisticsTarget};
analyze ${tables};
set local default_statistics_target to default`);
}

/**
 * ANALYZE samples 300 rows for each of these: enough to choose how to join and group all of them, in less than half of the
 * time that the usual 100 take. What people ask is planned by what `maintain` samples after the commit.
 */
const statisticsTarget = 30;

/** @returns how many rows the server took */
async function copy(
  client: Client,
  table: TableShape,
  lines: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<number> {
  const stream = client.query(copyFrom(copyStatement(table)));
  const source = Readable.from(lines, { objectMode: false, highWaterMark: aheadBytes });
  await pipeline(source, stream).catch(async (error: unknown) => {
    await closed(source);
    throw error;
  });
  return stream.rowCount;
}

/**
 * Resolves when nothing reads the embedded database any more: to close it under a query never comes back, or ends the
 * process.
 */
async function closed(source: Readable): Promise<void> {
  source.destroy();
  if (!source.closed) await new Promise((done) => source.once('close', done));
}

/** What is made ready while the server takes what came before. */
const aheadBytes = 2 ** 25;

function* linesOf(rows: readonly (readonly Value[])[]): Generator<Buffer> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    yield Buffer.from(
      rows
        .slice(at, at + rowsAtOnce)
        .map(copyLine)
        .join(''),
    );
  }
}

const rowsAtOnce = 1_000;

/** Rows of the landing table that stand together, by the parser's own numbers of rows: `first` inclusive. */
interface Part {
  readonly first: bigint;
  readonly rows: number;
  readonly textBytes: bigint;
}

/** So many numbers of rows make a part, and so many parts at most, or bytes of text, a statement. */
const partRows = 512n;
const partsAtOnce = 120;
const bytesAtOnce = 2n ** 25n;

async function partsOf({ connection, name }: LandingTable, { columns }: TableShape): Promise<readonly Part[]> {
  const texts = columns.filter(({ type }) => type.kind === 'text');
  const bytes = texts.map((column) => `coalesce(strlen(${identifier(column.name)}), 0)`);
  const result = await connection.runAndReadAll(
    `select rowid // ${partRows} * ${partRows}, count(*), sum(${['0', ...bytes].join(' + ')}) from ${name} group by 1 order by 1`,
  );
  return result.getRows().map(([first, rows, textBytes]) => ({
    first: BigInt(String(first)),
    rows: Number(rows),
    textBytes: BigInt(String(textBytes)),
  }));
}

/** The lines of a landing table, those of a part together, in any order. */
async function* landedLines(
  { connection, name }: LandingTable,
  shape: TableShape,
  parts: readonly Part[],
): AsyncGenerator<Buffer> {
  for (const group of grouped(parts)) {
    const [first, last] = [group[0]?.first ?? 0n, (group.at(-1)?.first ?? 0n) + partRows];
    const result = await connection.runAndReadAll(`select encode(string_agg(${copyLineSql(shape)}, ''))
from ${name}
where rowid >= ${first} and rowid < ${last}
group by rowid // ${partRows}`);
    for (const lines of result.getColumns()[0] ?? []) yield bufferOf(lines);
  }
}

function* grouped(parts: readonly Part[]): Generator<readonly Part[]> {
  let group: Part[] = [];
  let bytes = 0n;
  for (const part of parts) {
    if (group.length === partsAtOnce || (group.length > 0 && bytes + part.textBytes > bytesAtOnce)) {
      yield group;
      group = [];
      bytes = 0n;
    }
    group.push(part);
    bytes += part.textBytes;
  }
  if (group.length > 0) yield group;
}

function bufferOf(value: DuckDBValue): Buffer {
  if (!(value instanceof DuckDBBlobValue)) throw new TypeError('the embedded parser gave no bytes');
  return Buffer.from(value.bytes.buffer, value.bytes.byteOffset, value.bytes.byteLength);
}
