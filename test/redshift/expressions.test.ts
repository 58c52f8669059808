import type { Client, QueryConfig } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, rowsOf, type Scene, startScene } from './scene.ts';

let scene: Scene;
let client: Client;

beforeAll(async () => {
  scene = await startScene();
  ({ client } = await scene.newDatabase());
});
afterAll(() => scene.stop());
beforeEach(() => client.query('drop table if exists a'));

const one = async (expression: string) => (await rowsOf(client, `select ${expression} as x`))[0]?.x;

describe('expressions', () => {
  test.each([
    ["'a\\\\b'", 'a\\b'],
    ["len('a\\nb')", 3],
    ["'it\\'s'", "it's"],
    ["len('ö')", 1],
    ["octet_length('ö')", 2],
    ['7 / 2', 3],
    ["concat('a', null)", null],
    ["concat('a', 'b')", 'ab'],
    ["extract(second from timestamp '2020-01-01 00:00:01.796')", 1],
    ["extract(ms from timestamp '2020-01-01 00:00:01.796')", 796],
    ["extract(epoch from timestamp '2018-11-02 01:25:34.796')", 1541121934],
    ["date_part(epoch, timestamp '2018-11-02 01:25:34.796')", 1541121934.796],
    ["extract(dow from date '2020-12-27')", 0],
    ["extract(week from date '2020-12-31')", 53],
    [
      "cast(dateadd(ms, 796, dateadd(day, 17837, timestamp '1970-01-01 00:00:00')) as varchar(30))",
      '2018-11-02 00:00:00.796',
    ],
    ["cast(dateadd(m, 1, '2020-01-01') as varchar(30))", '2020-01-01 00:01:00'],
    ["cast(dateadd(year, 1, '2016-02-29') as varchar(30))", '2017-03-01 00:00:00'],
    ["datediff(year, '2018-12-31', '2019-01-01')", '1'],
    ["datediff(hour, '2009-01-01 08:30:00', '2009-01-01 10:00:00')", '2'],
    ["strtol('ff', 16)", '255'],
    ["nvl(null, 'x')", 'x'],
    ["nvl2(1, 'x', 'y')", 'x'],
    ["decode(null, 1, 'a', null, 'b', 'c')", 'b'],
    ["md5('Amazon Redshift')", 'f7415e33f972c03abd4f3fed36748f7a'],
    ['pg_last_copy_count()', '0'],
    ['pg_last_copy_id()', -1],
  ])('%s', async (expression, expected) => {
    expect(await one(expression)).toEqual(expected);
  });

  test('DATEADD takes no BIGINT', async () => {
    expect((await errorOf(client, "select dateadd(ms, 1::bigint, '2020-01-01')")).code).toBe('42883');
  });

  test('AVG of integers is an integer', async () => {
    await client.query('create table a (k int)');
    await client.query('insert into a values (1), (2)');
    expect(await rowsOf(client, 'select avg(k) as i, avg(k::double precision) as d from a')).toEqual([
      { i: '1', d: 1.5 },
    ]);
  });

  test('text is ordered by its bytes, NULL last when ascending', async () => {
    await client.query('create table a (v varchar(5))');
    await client.query("insert into a values ('b'), ('B'), ('ä'), (null), ('z')");
    const order = async (direction: string) =>
      (await rowsOf(client, `select v from a order by v ${direction}`)).map(({ v }) => v);
    expect(await order('asc')).toEqual(['B', 'b', 'z', 'ä', null]);
    expect(await order('desc')).toEqual([null, 'ä', 'z', 'b', 'B']);
    expect(await one("upper('ä')")).toBe('Ä');
  });

  test('parameters work in plain statements', async () => {
    await client.query('create table a (k int, v varchar(20))');
    await client.query('insert into a (k, v) values ($1, $2)', [1, 'a\\b']);
    expect(await rowsOf(client, 'select v, nvl(v, $2) as w from a where k = $1', [1, 'x'])).toEqual([
      { v: 'a\\b', w: 'a\\b' },
    ]);
    expect((await client.query({ name: 'named', text: 'update a set k = $1', values: [2] })).rowCount).toBe(1);
    expect((await client.query({ name: 'named', text: 'update a set k = $1', values: [3] })).rowCount).toBe(1);
  });

  test('every statement can come by the extended protocol, and rows in portions', async () => {
    const extended = (text: string) => client.query({ text, queryMode: 'extended' } as QueryConfig);
    await extended('create table a (k int)');
    await extended('begin');
    await extended('insert into a values (1), (2), (3)');
    await expect(extended('create index i on a (k)')).rejects.toThrow('syntax error');
    await extended('rollback');
    await extended('insert into a values (1), (2), (3)');
    const portions = { text: 'select k from a order by k', rows: 2 } as QueryConfig;
    expect((await client.query(portions)).rows).toEqual([{ k: 1 }, { k: 2 }, { k: 3 }]);
    expect((await extended('select count(*) from a')).rows).toEqual([{ count: '3' }]);
  });

  test('a statement holds at most 16 MB', async () => {
    expect((await errorOf(client, `select '${'x'.repeat(16 * 1024 * 1024)}'`)).code).toBe('54001');
  });
});
