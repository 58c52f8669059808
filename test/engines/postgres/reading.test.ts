import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../../src/engines/engine.ts';
import { openTarget } from '../../../src/engines/index.ts';
import { createDatabase, execute, type TestDatabase } from '../../support/postgres-databases.ts';

describe('a session that reads', () => {
  let database: TestDatabase;
  let writer: Session;
  let reader: Session;
  beforeAll(async () => {
    database = createDatabase();
    writer = await openTarget(database.url, { mode: 'write' });
    await writer.run("create table words (word text collate \"C\"); insert into words values ('a'), ('B')");
    reader = await openTarget(database.url, { mode: 'read' });
  });
  afterAll(async () => {
    await reader.close();
    await writer.close();
    database.drop();
  });

  test.each([
    ['changes rows', "insert into words values ('c')"],
    ['changes rows and gives them', 'delete from words returning word'],
    ['changes rows inside a SELECT', 'with gone as (delete from words returning word) select * from gone'],
    ['creates a table', 'create table more (word text)'],
    ['creates a table of what it reads', 'select * into more from words'],
    ['gives rows to a file', "copy words to '/tmp/sparkify-words'"],
    ['gives rows to a program', "copy words to program 'cat > /tmp/sparkify-words'"],
    ['reads a file into a table', "copy words from '/etc/passwd'"],
    ['reads rows from us', 'copy words from stdin'],
    ['is a block', "do 'begin delete from words; end'"],
    ['ends the transaction', 'commit'],
    ['asks for another one', 'begin read write'],
    ['allows itself to write', 'set transaction read write'],
    ['changes a setting', 'set default_transaction_read_only = off'],
    ['is behind another one', 'select 1; delete from words'],
    ['is behind the end of ours', 'commit; delete from words'],
    ['explains by doing', 'explain analyze delete from words'],
    ['stands behind comments that hide it', "/* /* */ explain */ copy words to '/tmp/sparkify-words'"],
    ['is nothing', ' -- nothing'],
  ])('refuses a statement that %s, and goes on reading', async (_, sql) => {
    await expect(reader.query(sql)).rejects.toMatchObject({ code: 'QUERY_FAILED', hint: expect.any(String) });
    expect((await reader.query('select count(*) from words')).rows).toEqual([[2n]]);
    expect((await writer.all('select count(*) from words')).rows).toEqual([[2n]]);
  });

  test('takes SELECT, WITH, VALUES, TABLE, EXPLAIN and SHOW, with comments and a semicolon', async () => {
    const rows = async (sql: string) => (await reader.query(sql)).rows;
    expect(await rows('-- why\nselect 1;')).toEqual([[1n]]);
    expect(await rows('with one as (select 1) select * from one')).toEqual([[1n]]);
    expect(await rows("values (1, 'x')")).toEqual([[1n, 'x']]);
    expect(await rows('table words')).toEqual([['a'], ['B']]);
    expect(await rows('/* what */ -- and\n explain select * from words')).toEqual([
      [expect.stringContaining('Seq Scan')],
    ]);
    expect(await rows('show timezone')).toEqual([['UTC']]);
  });

  test('tells in the words of the server what is wrong, and where', async () => {
    await expect(reader.query('select\n  wort from words')).rejects.toMatchObject({
      message: 'column "wort" does not exist (at character 10)',
    });
    await expect(reader.query('select 1; select 2')).rejects.toMatchObject({ message: expect.stringContaining('one') });
  });

  test('sees one state, whatever is committed meanwhile, and holds nobody up', async () => {
    const before = (await reader.query('select word from words order by word')).rows;
    await writer.transaction(async () => {
      await writer.run("delete from words; insert into words values ('new')");
      const during = await openTarget(database.url, { mode: 'read' });
      expect((await during.query('select word from words order by word')).rows).toEqual(before);
      await during.close();
    });
    expect((await reader.query('select word from words order by word')).rows).toEqual(before);
    const after = await openTarget(database.url, { mode: 'read' });
    expect((await after.query('select word from words')).rows).toEqual([['new']]);
    await after.close();
    await writer.run("delete from words; insert into words values ('a'), ('B')");
  });

  test('gives values losslessly and alike, whatever they are called', async () => {
    const { columns, rows } = await reader.query(`select
      9223372036854775807 as big, 7::smallint as small, 0.1::real as single, 'infinity'::float8 as endless,
      123456789012345678901234567890.123456789 as number, true as yes, date '2018-11-01' as day,
      timestamp '2018-11-01 21:01:46' as at, timestamp '2018-11-01 21:01:46.7965' as finely,
      timestamptz '2018-11-01 21:01:46.79+02' as zoned, timestamp 'infinity' as never,
      'text' as text, 'name'::name as name, '{1,2}'::int[] as list, null as nothing, 1 as big, 2 as big`);
    expect(columns.map(({ name, kind }, index) => [name, kind, rows[0]?.[index]])).toEqual([
      ['big', 'integer', 9223372036854775807n],
      ['small', 'integer', 7n],
      ['single', 'double', 0.1],
      ['endless', 'double', Number.POSITIVE_INFINITY],
      ['number', 'decimal', '123456789012345678901234567890.123456789'],
      ['yes', 'boolean', true],
      ['day', 'date', '2018-11-01'],
      ['at', 'timestamp', '2018-11-01 21:01:46.000'],
      ['finely', 'timestamp', '2018-11-01 21:01:46.7965'],
      ['zoned', 'timestamp', '2018-11-01 19:01:46.790'],
      ['never', 'timestamp', 'infinity'],
      ['text', 'text', 'text'],
      ['name', 'text', 'name'],
      ['list', 'other', '{1,2}'],
      ['nothing', 'text', null],
      ['big:1', 'integer', 1n],
      ['big:2', 'integer', 2n],
    ]);
  });

  test('may take as long as the target, the database or the tool says, in this order', async () => {
    const limited = createDatabase();
    const timeouts = async (search: string) => {
      const session = await openTarget(`${limited.url}${search}`, { mode: 'read' });
      const { rows } = await session.all(
        "select current_setting('statement_timeout'), current_setting('lock_timeout')",
      );
      await session.close();
      return rows[0];
    };
    expect(await timeouts('')).toEqual(['1h', '10s']);
    execute(`alter database ${limited.name} set statement_timeout = '7s'`);
    expect(await timeouts('')).toEqual(['7s', '10s']);
    expect(await timeouts('?statement_timeout=0&lock_timeout=5s')).toEqual(['0', '5s']);
    limited.drop();
  });

  test('means the same whatever database and role have set', async () => {
    const odd = createDatabase();
    const settings = [
      "timezone = 'America/New_York'",
      "datestyle = 'German'",
      'extra_float_digits = -10',
      'default_transaction_read_only = on',
    ];
    const set = await openTarget(odd.url, { mode: 'write' });
    for (const setting of settings) await set.run(`alter database ${odd.name} set ${setting}`);
    await set.run('create table moments (at timestamptz, number float8)');
    await set.close();
    const session = await openTarget(odd.url, { mode: 'read' });
    expect((await session.query("select timestamptz '2018-11-01 21:01:46Z', 0.1 + 0.2::float8")).rows).toEqual([
      ['2018-11-01 21:01:46.000', 0.30000000000000004],
    ]);
    await session.close();
    odd.drop();
  });
});

describe('a session of a server that ends those that idle or take long', () => {
  const idle = ['idle_session_timeout', 'idle_in_transaction_session_timeout'];
  let database: TestDatabase;
  /** That of transactions is known from version 17. */
  let limits: readonly string[];
  beforeAll(async () => {
    database = createDatabase();
    const session = await openTarget(database.url, { mode: 'read' });
    const { rows } = await session.all("select current_setting('server_version_num')::int >= 170000");
    await session.close();
    limits = rows[0]?.[0] === true ? [...idle, 'transaction_timeout'] : idle;
    for (const name of limits) execute(`alter database ${database.name} set ${name} = '300ms'`);
  });
  afterAll(() => database.drop());

  test.each(['the database', 'the client'])('is not ended, whether %s sets the limits', async (who) => {
    const options = limits.map((name) => `-c ${name}=300ms`).join(' ');
    const target = who === 'the client' ? `${database.url}?options=${encodeURIComponent(options)}` : database.url;
    const [writer, reader] = [await openTarget(target, { mode: 'write' }), await openTarget(target, { mode: 'read' })];
    await pause(700);
    await writer.transaction(async () => {
      await writer.run('select 1');
      await pause(700);
      await writer.run('select pg_sleep(0.7)');
    });
    expect((await reader.query('select pg_sleep(0.7), 1')).rows).toEqual([[expect.anything(), 1n]]);
    await reader.close();
    await writer.close();
  });
});
