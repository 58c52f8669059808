import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, role, rowsOf, type Scene, startScene } from './scene.ts';

let scene: Scene;
let client: Client;
let prefix: string;
let runs = 0;

beforeAll(async () => {
  scene = await startScene({
    roles: [
      { arn: 'arn:aws:iam::123456789012:role/redshift-copy', isDefault: true },
      { arn: 'arn:aws:iam::123456789012:role/no-list', denies: (action) => action === 's3:ListBucket' },
      { arn: 'arn:aws:iam::123456789012:role/no-get', denies: (action) => action === 's3:GetObject' },
    ],
    bucketRegions: { elsewhere: 'eu-west-1' },
  });
  ({ client } = await scene.newDatabase());
});
afterAll(() => scene.stop());
beforeEach(async () => {
  await client.query('drop table if exists e');
  await scene.forgetLoads(client);
  runs += 1;
  prefix = `parquet-${runs}`;
});

const url = (name: string) => `s3://${scene.s3.bucket}/${prefix}/${name}`;

async function putParquet(
  name: string,
  query: string,
): Promise<{ url: string; mandatory: boolean; meta: { content_length: number } }> {
  const folder = await mkdtemp(join(tmpdir(), 'parquet-test-'));
  const duckdb = await DuckDBInstance.create();
  const connection = await duckdb.connect();
  const path = join(folder, 'rows.parquet');
  await connection.run(`copy (${query}) to '${path}' (format parquet)`);
  connection.closeSync();
  const bytes = await readFile(path);
  await scene.s3.put(`${prefix}/${name}`, bytes);
  await rm(folder, { recursive: true });
  return { url: url(name), mandatory: true, meta: { content_length: bytes.length } };
}

async function putManifest(...entries: object[]): Promise<void> {
  await scene.s3.put(`${prefix}/all.manifest`, JSON.stringify({ entries }));
}

const statement = (into: string, rest = '', as = role) =>
  `copy ${into} from '${url('all.manifest')}' ${as} format as parquet manifest ${rest}`;

describe('what is loaded', () => {
  test('every type exactly, NULL and the empty text kept apart, and the list names the columns of the file', async () => {
    await client.query(
      'create table e (s smallint, i int, l bigint, d double precision, r real, b boolean, n decimal(9, 3), v varchar(20), day date, t timestamp, extra int default 5)',
    );
    const row =
      "1::smallint, 2::int, 9007199254740993::bigint, 0.1 + 0.2::double, 1.5::float, true, 1.234::decimal(9, 3), 'a\"b,\\n', date '2018-11-30', timestamp '2018-11-30 00:00:00.796'";
    const nulls = "null, null, null, null, null, false, null, '', null, null";
    await putManifest(await putParquet('1.parquet', `select ${row} union all select ${nulls}`));
    await client.query(statement('e (s, i, l, d, r, b, n, v, day, t)', 'statupdate off'));
    expect(
      await rowsOf(
        client,
        'select s, i, l, d, r, b, n, v, cast(day as varchar(10)) as day, t, extra from e order by s',
      ),
    ).toEqual([
      {
        s: 1,
        i: 2,
        l: '9007199254740993',
        d: 0.30000000000000004,
        r: 1.5,
        b: true,
        n: '1.234',
        v: 'a"b,\\n',
        day: '2018-11-30',
        t: '2018-11-30 00:00:00.796',
        extra: 5,
      },
      { s: null, i: null, l: null, d: null, r: null, b: false, n: null, v: '', day: null, t: null, extra: 5 },
    ]);
  });

  test('several parts in one COPY; their rows and files are in the system tables and in the session', async () => {
    await client.query('create table e (a int)');
    await putManifest(
      await putParquet('1.parquet', 'select range::int as a from range(1000)'),
      await putParquet('2.parquet', 'select 1000 + range::int as a from range(500)'),
    );
    scene.standIn.reset();
    await client.query(statement('e'));
    expect(await rowsOf(client, 'select count(*), sum(a) from e')).toEqual([{ count: '1500', sum: '1124250' }]);
    const [ids] = await rowsOf(client, 'select pg_last_copy_count() as rows, pg_last_copy_id() as id');
    expect(ids?.rows).toBe('1500');
    expect(
      await rowsOf(
        client,
        'select trim(status) as status, loaded_rows, source_file_count, trim(file_format) as format from sys_load_history where query_id = pg_last_copy_id()',
      ),
    ).toEqual([{ status: 'completed', loaded_rows: '1500', source_file_count: 2, format: 'PARQUET' }]);
    expect(await rowsOf(client, 'select trim(file_name) as file from sys_load_detail order by file_name')).toEqual([
      { file: url('1.parquet') },
      { file: url('2.parquet') },
    ]);
    expect(scene.standIn.counters()).toMatchObject({ copies: 1, objectsRead: 2 });
  });

  test('FILLRECORD gives NULL for columns the file lacks at its end', async () => {
    await client.query('create table e (a int, b int)');
    await putManifest(await putParquet('1.parquet', 'select 1 as a'));
    await client.query(statement('e', 'fillrecord'));
    expect(await rowsOf(client, 'select a, b from e')).toEqual([{ a: 1, b: null }]);
  });

  test('a prefix that matches nothing loads nothing, without an error', async () => {
    await client.query('create table e (a int)');
    await client.query(`copy e from '${url('none')}' ${role} format parquet`);
    expect(await rowsOf(client, 'select a from e')).toEqual([]);
  });

  test('it is undone with its transaction; the system tables keep it', async () => {
    await client.query('create table e (a int)');
    await putManifest(await putParquet('1.parquet', 'select 1 as a'));
    await client.query('begin');
    await client.query(statement('e'));
    await client.query('rollback');
    expect(await rowsOf(client, 'select count(*) from e')).toEqual([{ count: '0' }]);
    expect(await rowsOf(client, 'select trim(status) as status from sys_load_history')).toEqual([
      { status: 'completed' },
    ]);
  });
});

describe('what fails', () => {
  const failure = async (into = 'e', rest = '', as = role) => errorOf(client, statement(into, rest, as));

  test.each([
    ['a bigint', 'select 1::int as a', 'incompatible Parquet schema for column'],
    ['a int', 'select 1::bigint as a', 'incompatible Parquet schema for column'],
    ['a timestamp', "select '2018-11-30' as a", 'incompatible Parquet schema for column'],
    ['a decimal(9, 2)', 'select 1.234::decimal(9, 3) as a', 'incompatible Parquet schema for column'],
    [
      'a int, b int',
      'select 1 as a',
      'Unmatched number of columns between table and file. Table columns: 2, Data columns: 1',
    ],
    [
      'a int',
      'select 1 as a, 2 as b',
      'Unmatched number of columns between table and file. Table columns: 1, Data columns: 2',
    ],
    [
      'a varchar(3)',
      "select 'öö' as a",
      'The length of the data column a is longer than the length defined in the table. Table: 3, Data: 4',
    ],
  ])('15007: (%s) given %s', async (columns, query, context) => {
    await client.query(`create table e (${columns})`);
    await putManifest(await putParquet('1.parquet', query));
    const error = await failure();
    expect(error).toMatchObject({ code: 'XX000', message: 'Spectrum Scan Error' });
    expect(error.detail).toContain('code:      15007');
    expect(error.detail).toContain(context);
  });

  test('a text that is too long is in the system tables as well', async () => {
    await client.query('create table e (a varchar(3))');
    await putManifest(await putParquet('1.parquet', "select 'abcd' as a"));
    await failure();
    expect(await rowsOf(client, 'select error_code, trim(error_message) as text from sys_load_error_detail')).toEqual([
      {
        error_code: 15007,
        text: 'The length of the data column a is longer than the length defined in the table. Table: 3, Data: 4',
      },
    ]);
  });

  test('NULL for a NOT NULL column, after which the session goes on', async () => {
    await client.query('create table e (a int not null)');
    // The error comes while rows are still being sent.
    await putManifest(await putParquet('1.parquet', 'select nullif(range, 0)::int as a from range(400000)'));
    expect(await failure()).toMatchObject({ code: 'XX000', message: 'Cannot insert a NULL value into column a' });
    expect(await rowsOf(client, 'select count(*) from e')).toEqual([{ count: '0' }]);
  });

  test('a mandatory part that is gone, one that is not Parquet, one of another length', async () => {
    await client.query('create table e (a int)');
    const part = await putParquet('1.parquet', 'select 1 as a');
    await putManifest(part, { ...part, url: url('gone.parquet') });
    expect((await failure()).detail).toContain('File not found');
    await scene.s3.put(`${prefix}/text.parquet`, 'text');
    await putManifest({ ...part, url: url('text.parquet'), meta: { content_length: 4 } });
    expect((await failure()).detail).toContain('invalid version number');
    await putManifest({ ...part, meta: { content_length: 1 } });
    expect((await failure()).message).toBe('Spectrum Scan Error');
    expect(await rowsOf(client, 'select count(*) from e')).toEqual([{ count: '0' }]);
  });

  test('15003: a manifest without content_length', async () => {
    await client.query('create table e (a int)');
    const { url: part } = await putParquet('1.parquet', 'select 1 as a');
    await putManifest({ url: part, mandatory: true });
    expect((await failure()).message).toBe("File entry does not have 'meta' key");
  });

  test('a table or column that is not there', async () => {
    await client.query('create table e (a int)');
    await putManifest(await putParquet('1.parquet', 'select 1 as a'));
    expect((await failure('nowhere')).message).toBe('Cannot COPY into nonexistent table nowhere');
    expect((await failure('e (b)')).code).toBe('42703');
  });

  test('a role that is not attached, lacks a right, or may not be used', async () => {
    await client.query('create table e (a int)');
    const part = await putParquet('1.parquet', 'select 1 as a');
    await putManifest(part, { ...part, url: url('gone.parquet') });
    const as = (name: string) => failure('e', '', `iam_role 'arn:aws:iam::123456789012:role/${name}'`);
    expect((await as('unknown')).message).toContain(
      'is not authorized to assume IAM Role arn:aws:iam::123456789012:role/unknown',
    );
    expect((await as('no-get')).message).toMatch(/^S3ServiceException:Access Denied,Status 403,Error AccessDenied/);
    // Without ListBucket a missing object looks like a forbidden one.
    expect((await as('no-list')).message).toMatch(/^S3ServiceException:Access Denied,Status 403/);
    await client.query('revoke assumerole on all from public for copy');
    expect((await as('redshift-copy')).code).toBe('42501');
    await client.query("grant assumerole on 'arn:aws:iam::123456789012:role/redshift-copy' to awsuser for copy");
    expect((await as('redshift-copy')).detail).toContain('File not found');
  });

  test('a bucket in another region', async () => {
    await client.query('create table e (a int)');
    const error = await errorOf(client, `copy e from 's3://elsewhere/x' ${role} format parquet`);
    expect(error.message).toContain('The S3 bucket addressed by the query is in a different region from this cluster.');
  });

  test('S3 that fails', async () => {
    await client.query('create table e (a int)');
    await putManifest(await putParquet('1.parquet', 'select 1 as a'));
    await scene.s3.failNext({ method: 'GET', times: 2, answer: { status: 503, code: 'SlowDown' } });
    expect((await failure()).message).toMatch(/^S3ServiceException:.*,Status 503,Error SlowDown/);
  });
});
