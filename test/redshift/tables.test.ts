import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, rowsOf, type Scene, startScene } from './scene.ts';

let scene: Scene;
let client: Client;

beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.stop());
beforeEach(async () => {
  ({ client } = await scene.newDatabase());
});

describe('tables', () => {
  test('keep their distribution, sort key and encodings', async () => {
    await client.query('create schema etl quota 10 gb');
    await client.query('create table etl.a (k bigint encode raw distkey, t timestamp) compound sortkey (t, k)');
    await client.query('create table etl.b (k bigint) diststyle all');
    await client.query('create table etl.c (like etl.a)');
    await client.query('create table etl.d (k int)');
    await client.query('create table etl.e diststyle even as select k from etl.b');
    for (const name of 'ac') await client.query(`insert into etl.${name} values (1, sysdate)`);
    for (const name of 'bde') await client.query(`insert into etl.${name} (k) values (1)`);
    expect(
      await rowsOf(client, 'select "table", diststyle, sortkey1, sortkey_num from svv_table_info order by 1'),
    ).toEqual([
      { table: 'a', diststyle: 'KEY(k)', sortkey1: 't', sortkey_num: 2 },
      { table: 'b', diststyle: 'ALL', sortkey1: 'AUTO(SORTKEY)', sortkey_num: 0 },
      { table: 'c', diststyle: 'KEY(k)', sortkey1: 't', sortkey_num: 2 },
      { table: 'd', diststyle: 'AUTO(ALL)', sortkey1: 'AUTO(SORTKEY)', sortkey_num: 0 },
      { table: 'e', diststyle: 'EVEN', sortkey1: 'AUTO(SORTKEY)', sortkey_num: 0 },
    ]);
    await client.query('set search_path to etl');
    expect(
      await rowsOf(
        client,
        'select "column", type, encoding, distkey, sortkey from pg_table_def where tablename = \'a\'',
      ),
    ).toEqual([
      { column: 'k', type: 'bigint', encoding: 'raw', distkey: true, sortkey: 2 },
      { column: 't', type: 'timestamp without time zone', encoding: 'none', distkey: false, sortkey: 1 },
    ]);
  });

  test('change them by ALTER TABLE', async () => {
    await client.query('create table a (k int, t timestamp)');
    await client.query('insert into a values (1, null)');
    await client.query('alter table a alter diststyle key distkey k');
    await client.query('alter table a alter compound sortkey (t, k)');
    expect(await rowsOf(client, 'select diststyle, sortkey1 from svv_table_info')).toEqual([
      { diststyle: 'KEY(k)', sortkey1: 't' },
    ]);
    await client.query('alter table a alter diststyle all');
    await client.query('alter table a alter sortkey none');
    expect(await rowsOf(client, 'select diststyle, sortkey1 from svv_table_info')).toEqual([
      { diststyle: 'ALL', sortkey1: null },
    ]);
  });

  test('do not enforce keys, but make the columns of a primary key not null', async () => {
    await client.query('create table parent (a int primary key, b int unique)');
    await client.query(
      'create table child (a int references parent (a), b int, foreign key (b) references parent (b))',
    );
    await client.query('insert into parent values (1, 1), (1, 1)');
    await client.query('insert into child values (7, 7)');
    await client.query('alter table child add primary key (a)');
    const error = await errorOf(client, 'insert into parent values (null, 1)');
    expect(error).toMatchObject({ code: 'XX000', message: 'Cannot insert a NULL value into column a' });
  });

  test.each([
    ['öö', undefined],
    ['ööö', '22001'],
    ['abcd   ', undefined],
    ['öö   ', undefined],
    ['abcde', '22001'],
  ])('count a VARCHAR(4) in bytes, without the blanks at its end: %j', async (value, code) => {
    await client.query('create table a (v varchar(4))');
    await client.query('create table copied as select v from a');
    for (const table of ['a', 'copied'])
      if (code === undefined) await client.query(`insert into ${table} values ($1)`, [value]);
      else
        expect(await errorOf(client, `insert into ${table} values ($1)`, [value])).toMatchObject({
          code,
          message: 'value too long for type character varying(4)',
        });
  });

  test('widen a VARCHAR', async () => {
    await client.query('create table a (v varchar(2))');
    await client.query('alter table a alter column v type varchar(4)');
    await client.query("insert into a values ('öö')");
    expect((await errorOf(client, "insert into a values ('ööö')")).code).toBe('22001');
    await client.query('alter table a add column w varchar(2)');
    expect((await errorOf(client, "insert into a (w) values ('öö')")).code).toBe('22001');
  });

  test('take TEXT and VARCHAR for VARCHAR(256), DECIMAL for (18, 0), in casts as well', async () => {
    await client.query('create table a (t text, v varchar, m varchar(max), d decimal)');
    expect(
      await rowsOf(
        client,
        "select column_name, character_maximum_length as n, numeric_precision as p, numeric_scale as s from svv_columns where table_name = 'a'",
      ),
    ).toEqual([
      { column_name: 't', n: 256, p: null, s: null },
      { column_name: 'v', n: 256, p: null, s: null },
      { column_name: 'm', n: 65535, p: null, s: null },
      { column_name: 'd', n: null, p: 18, s: 0 },
    ]);
    expect(await rowsOf(client, "select len(repeat('x', 300)::text) as x")).toEqual([{ x: 256 }]);
  });

  test('give IDENTITY distinct values with gaps, and refuse others', async () => {
    await client.query(
      'create table a (id bigint identity(1, 1), b bigint generated by default as identity(5, 1), v int)',
    );
    await client.query('insert into a (v) values (1), (2)');
    await client.query('insert into a (b, v) values (5, 3)');
    const ids = (await rowsOf(client, 'select id from a order by v')).map(({ id }) => Number(id));
    expect(new Set(ids).size).toBe(3);
    expect(ids[1]).toBeGreaterThan((ids[0] ?? 0) + 1);
    await errorOf(client, 'insert into a (id, v) values (9, 4)');
  });

  test('fold quoted names, unless the session tells names apart by case', async () => {
    await client.query('create table "Mixed" ("Column" int)');
    await client.query('insert into mixed ("COLUMN") values (1)');
    expect(await rowsOf(client, 'select "Column" from "MIXED"')).toEqual([{ column: 1 }]);
    await client.query('set enable_case_sensitive_identifier to true');
    await errorOf(client, 'select "Column" from mixed');
  });

  test('tell names of up to 127 bytes apart, and cut longer ones', async () => {
    const long = 'c'.repeat(100);
    await client.query(`create table a (${long}1 int, ${long}2 int)`);
    await client.query('insert into a values (1, 2)');
    expect(await rowsOf(client, `select ${long}2, ${long}1 as x from a`)).toEqual([{ [`${long}2`]: 2, x: 1 }]);
    const longer = 'd'.repeat(130);
    expect(await rowsOf(client, `select 1 as ${longer}`)).toEqual([{ ['d'.repeat(127)]: 1 }]);
  });

  test('are listed, and nothing of the stand-in is', async () => {
    await client.query('create table a (k int)');
    const listed =
      "select table_name from information_schema.tables where table_schema not in ('information_schema', 'pg_catalog')";
    expect(await rowsOf(client, listed)).toEqual([{ table_name: 'a' }]);
    expect(
      await rowsOf(
        client,
        "select column_name, data_type from information_schema.columns where table_schema = 'public'",
      ),
    ).toEqual([{ column_name: 'k', data_type: 'integer' }]);
  });

  test('CREATE IF NOT EXISTS leaves what is there', async () => {
    await client.query('create table a (k int) diststyle all');
    await client.query('create table if not exists a (k int, l int) distkey (k)');
    await client.query('insert into a values (1)');
    expect(await rowsOf(client, 'select diststyle from svv_table_info')).toEqual([{ diststyle: 'ALL' }]);
  });
});

describe('views', () => {
  beforeEach(() => client.query('create table public.a (k int)'));

  test('stand in the way of DROP TABLE', async () => {
    await client.query('create view v as select k from a');
    expect((await errorOf(client, 'drop table a')).message).toContain('other objects depend on it');
  });

  test('WITH NO SCHEMA BINDING do not, and follow the names', async () => {
    await client.query('create view public.v as select * from public.a with no schema binding');
    await client.query('insert into a values (1)');
    await client.query('alter table a rename to old');
    await errorOf(client, 'select * from v');
    await client.query('create table public.a (k int, l int)');
    await client.query('insert into a values (2, 3)');
    expect(await rowsOf(client, 'select * from v')).toEqual([{ k: 2, l: 3 }]);
    await client.query('drop table a');
    await client.query('drop view public.v');
    await client.query('create table public.a (k int)');
    await errorOf(client, 'select * from v');
  });

  test('WITH NO SCHEMA BINDING can be made before their tables', async () => {
    await client.query('create view public.v as select k from public.later with no schema binding');
    await client.query('create table public.later (k int)');
    expect(await rowsOf(client, 'select k from v')).toEqual([]);
    expect(
      (await errorOf(client, 'create view public.v as select 1 as k from public.a with no schema binding')).code,
    ).toBe('42P07');
    await client.query('create or replace view public.v as select 1 as other from public.a with no schema binding');
    expect(await rowsOf(client, 'select other from v')).toEqual([]);
  });
});
