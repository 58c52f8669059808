import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { writeBucket } from '../support/bucket.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';
import { sparkify, sparkifyError, sparkifyJson } from './in-process.ts';

describe('query', () => {
  let folder: string;
  let flags: string[];

  beforeAll(async () => {
    folder = temporaryFolder();
    const root = join(folder, 'bucket');
    mkdirSync(join(folder, 'data'));
    flags = ['--target', `duckdb:${join(folder, 'data/w.duckdb')}`];
    const plays = [0, 1, 2].map((itemInSession) =>
      eventLine({ itemInSession, song: itemInSession === 2 ? 'Sär, "x"' : 'Paper Boats' }),
    );
    writeBucket(root, [logOf(...plays), songFile()]);
    await sparkify(['run', '--from', root, ...flags]);
  });
  afterAll(() => removeFolder(folder));

  const query = (...argv: string[]) => sparkify(['query', ...argv, ...flags]);

  test('without a name lists the queries, and needs no warehouse for it', async () => {
    const { code, stdout } = await sparkify(['query']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^query .*title/);
    expect(stdout.split('\n').filter((line) => / {2}\S/.test(line))).toHaveLength(17);
    const { data } = await sparkifyJson(['query']);
    expect(data.queries).toContainEqual(expect.objectContaining({ name: 'top_songs', chart: 'bar' }));
  });

  test('gives CSV in a pipe', async () => {
    expect(await query('top_songs')).toEqual({
      code: 0,
      stdout: 'song_title,artist_name,plays\nPaper Boats,The Quiet Lanterns,2\n"Sär, ""x""",The Quiet Lanterns,1\n',
      stderr: '',
    });
  });

  test('gives a table with its title', async () => {
    const { stdout } = await query('top_songs', '--format', 'table');
    expect(stdout).toMatch(/^Top songs\n\nsong_title .*plays\n─.*\nPaper Boats .* 2\n.*\n2 rows\n$/);
  });

  test('gives a chart, or a table where the query is none', async () => {
    const { stdout } = await query('top_songs', '--format', 'chart');
    expect(stdout).toMatch(
      /^Top songs\n\nPaper Boats · The Quiet Lanterns +█+ 2\nSär, "x" · The Quiet Lanterns +█+ 1\n$/,
    );
    expect((await query('catalogue_coverage', '--format', 'chart')).stdout).toContain('1 row');
    expect((await query('--sql', "select 'a' as a, 2 as n", '--format', 'chart')).stdout).toMatch(/^a {2}█+ 2\n$/);
  });

  test('gives the same object for --json and --format json', async () => {
    const { data } = await sparkifyJson(['query', 'plays_by_level', ...flags]);
    expect(data).toEqual({
      query: 'plays_by_level',
      title: 'Free against paid',
      columns: [
        { name: 'level', kind: 'text' },
        { name: 'plays', kind: 'integer' },
        { name: 'listeners', kind: 'integer' },
      ],
      rows: [{ level: 'free', plays: 3, listeners: 1 }],
    });
    expect(JSON.parse((await query('plays_by_level', '--format', 'json')).stdout)).toEqual(data);
  });

  test('keeps NULL, empty text and large integers apart in every format', async () => {
    const sql = "select null as a, '' as b, 9007199254740993 as c, 9007199254740991 as d";
    expect((await query('--sql', sql)).stdout).toBe('a,b,c,d\n,"",9007199254740993,9007199254740991\n');
    expect((await query('--sql', sql, '--format', 'table')).stdout).toContain(
      'null     9007199254740993  9007199254740991',
    );
    const { data } = await sparkifyJson(['query', '--sql', sql, ...flags]);
    expect(data.rows).toEqual([{ a: null, b: '', c: '9007199254740993', d: 9007199254740991 }]);
  });

  test.each([
    ['delete from users'],
    ["update users set level = 'paid'"],
    ['drop table users'],
    ['create table mine as select 1'],
    ["copy users to 'FOLDER/stolen.csv'"],
    ["export database 'FOLDER/stolen'"],
    ["select * from read_csv('/etc/passwd')"],
    ["select * from read_text('/etc/passwd')"],
    ["select * from '/etc/passwd'"],
    ["attach 'FOLDER/other.duckdb'"],
    ["attach ':memory:' as m"],
    ['set enable_external_access = true'],
    ['install httpfs'],
    ['select 1; delete from users'],
    ['select 1; select 2'],
    ['-- nothing'],
  ])('refuses %s and leaves everything as it was', async (sql) => {
    const before = fingerprint(join(folder, 'data'));
    const error = await sparkifyError(['query', '--sql', sql.replace('FOLDER', join(folder, 'data')), ...flags]);
    expect(error).toMatchObject({ exitCode: 1, code: 'QUERY_FAILED' });
    expect(fingerprint(join(folder, 'data'))).toEqual(before);
  });

  test('tells a mistake in SQL in the words of the engine', async () => {
    const { code, stderr } = await query('--sql', 'select nothing from users');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^✖ QUERY_FAILED .*"nothing" not found/);
  });

  test('suggests the query that was meant, and lists them', async () => {
    const error = await sparkifyError(['query', 'tops_song', ...flags]);
    expect(error).toMatchObject({ exitCode: 2, code: 'USAGE' });
    expect(error.hint).toMatch(/^Did you mean 'top_songs'\? Queries are catalogue_coverage, /);
  });
});

/** The names and contents of what lies in a folder. */
function fingerprint(folder: string): unknown {
  return readdirSync(folder).map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex'),
  ]);
}
