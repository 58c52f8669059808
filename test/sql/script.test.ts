import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { EngineName } from '../../src/model/expression.ts';
import { sparkify } from '../cli/in-process.ts';
import { eventLine } from '../oracle/build-bucket.ts';
import { defaultRole } from '../redshift/stand-in.ts';
import { openBucket } from '../support/s3-server.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => removeFolder(folder));

/** What the script asks for in capitals: a file for the parser, parts in a bucket for Redshift. */
const provide: Record<EngineName, (script: string) => Promise<string>> = {
  duckdb: async (script) => {
    const object = join(folder, 'events.json');
    writeFileSync(object, eventLine());
    return script.replaceAll("'OBJECT'", `'${object}'`);
  },
  postgres: async (script) => script,
  redshift: async (script) => {
    const bucket = openBucket(inject('s3'));
    await putParts(bucket, script, 'staging_events', {
      ...{ session_id: 7, item_in_session: 0, ts: 1542241826796, user_id: 3, level: "'free'", page: "'NextSong'" },
      ...{ song: "'Paper Boats'", artist: "'The Quiet Lanterns'", length: 200.5, object_id: 1 },
    });
    await putParts(bucket, script, 'staging_songs', {
      ...{ song_id: "'SO1'", title: "'Paper Boats'", duration: 200.25, artist_id: "'AR1'" },
      ...{ artist_name: "'The Quiet Lanterns'", object_id: 2 },
    });
    bucket.close();
    return script.replaceAll('LANDING/RUN', `${bucket.bucket}/script`).replaceAll('IAM_ROLE', defaultRole.arn);
  },
};

/** One row in one part, with the columns that the script itself gives the landing table. */
async function putParts(
  bucket: ReturnType<typeof openBucket>,
  script: string,
  table: string,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  const create = paragraphsOf(script).find((paragraph) => paragraph.includes(`exists landing_${table} (`)) ?? '';
  const values = Object.entries(row).map(([name, value]) => `${value} as ${name}`);
  const part = join(folder, `${table}.parquet`);
  await withDuckDB(':memory:', async (connection) => {
    await connection.run(create.replaceAll(/^-- /gm, '').replace(/^.*\n/, ''));
    await connection.run(`insert into landing_${table} by name select ${values.join(', ')}`);
    await connection.run(`copy landing_${table} to '${part}' (format parquet)`);
  });
  const content = readFileSync(part);
  const entry = { url: `s3://${bucket.bucket}/script/${table}/1.parquet`, mandatory: true };
  await bucket.put(`script/${table}/1.parquet`, content);
  const entries = [{ ...entry, meta: { content_length: content.length } }];
  await bucket.put(`script/${table}/manifest.json`, JSON.stringify({ entries }));
}

type Ask = (sql: string) => Promise<unknown>;

const withClient = async (target: string, work: (ask: Ask) => Promise<void>) => {
  const client = new Client({ connectionString: target.replace(/^redshift/, 'postgres').replace(/\?.*/, '') });
  await client.connect();
  await work(async (sql) => (await client.query({ text: sql, rowMode: 'array' })).rows.flat().map(Number));
  await client.end();
};

/** Past the product's own connections, as a person would. */
const withTarget: Record<EngineName, (target: string, work: (ask: Ask) => Promise<void>) => Promise<void>> = {
  duckdb: (target, work) =>
    withDuckDB(target.replace('duckdb:', ''), (connection) =>
      work(async (sql) => (await connection.runAndReadAll(sql)).getRows().flat().map(Number)),
    ),
  postgres: withClient,
  redshift: withClient,
};

async function withDuckDB(path: string, work: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await work(connection);
  connection.closeSync();
  instance.closeSync();
}

const paragraphsOf = (script: string): readonly string[] => script.trimEnd().split('\n\n');

/** Those that are more than comments. */
const statementsOf = (script: string): readonly string[] =>
  paragraphsOf(script).filter((paragraph) => /^(?!-- )/m.test(paragraph));

/** Plays, and plays of a song that is known: rows come to PostgreSQL by a run alone, songs to DuckDB too. */
const plays: Record<EngineName, readonly number[]> = { duckdb: [1, 0], postgres: [0, 0], redshift: [1, 1] };

describe.each(testEngines)('what `sparkify sql` prints for $engine', ({ engine, create }) => {
  test('is executed whole, statement by statement, in an empty database, and its schema once more', async () => {
    const { target, remove } = create();
    const { stdout } = await sparkify(['sql', '--engine', engine]);
    const statements = statementsOf(await provide[engine](stdout));
    await withTarget[engine](target, async (ask) => {
      for (const statement of statements) await ask(statement);
      expect(await ask('select count(*), count(song_id) from songplays')).toEqual(plays[engine]);
      for (const statement of statements.slice(0, statements.indexOf('begin;'))) await ask(statement);
      expect(await ask('select count(*), sum(loads) from etl.mutex')).toEqual([1, 1]);
    });
    remove();
  });
});
