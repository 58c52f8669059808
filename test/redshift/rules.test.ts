import { readFile } from 'node:fs/promises';
import { Client, DatabaseError } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusedForms } from './rules/check.ts';
import { documentedRows } from './rules/document.ts';
import { severalStatements } from './simple-query.ts';
import { type StandIn, startStandIn } from './stand-in.ts';

let standIn: StandIn;
let client: Client;

const reader = { name: 'reader', password: 'Reader1' };
const admin = { name: 'admin', password: 'Admin1', superuser: true };

beforeAll(async () => {
  standIn = await startStandIn({ s3Endpoint: 'http://127.0.0.1:1', users: [admin, reader] });
  const database = await standIn.createDatabase();
  const owner = await connect(standIn.url(database));
  for (const name of ['t', 's', 'u'])
    await owner.query(`create table ${name} (a int, b varchar(20), c varchar(20), old_name int)`);
  for (const name of ['t', 's', 'u']) await owner.query(`grant all on table ${name} to reader`);
  await owner.end();
  client = await connect(standIn.url(database, 'reader'));
});
afterAll(async () => {
  await client.end();
  await standIn.stop();
});

describe('refuses', () => {
  const cases = [...refusedForms].flatMap(({ name, examples }) => examples.map((example) => ({ name, example })));

  test.each(cases)('$name: $example', async ({ name, example }) => {
    const error = await errorOf(example);
    expect(error?.routine, error?.message).toBe(name);
  });

  test('dollar quotes', async () => {
    await expect(client.query('select $$a$$')).rejects.toThrow('syntax error at or near "$$');
  });

  test('several statements in one query', async () => {
    const error = await client.query(severalStatements.examples[0] ?? '').catch((cause) => cause);
    expect(error).toMatchObject({ routine: severalStatements.name });
  });

  test('more parameters than 32,767', async () => {
    const values = Array.from({ length: 32_768 }, (_, i) => i);
    const places = values.map((i) => `$${i + 1}`).join(', ');
    await expect(client.query(`select a from t where a in (${places})`, values)).rejects.toThrow('at most 32767');
  });

  test('parameters in what is no plain query', async () => {
    await expect(client.query('create table made (a int default $1)', [1])).rejects.toThrow('syntax error');
  });
});

test('docs/redshift.md lists everything that is refused', async () => {
  const document = await readFile(new URL('../../docs/redshift.md', import.meta.url), 'utf8');
  const rows = document.split('\n');
  expect(documentedRows().filter((row) => !rows.includes(row))).toEqual([]);
});

describe('takes', () => {
  test.each([
    'select a, b as "tag" from t where a in (1, 2) and not exists (select 1 from s where s.a = t.a)',
    'select count(distinct a), sum(a) over (partition by b order by a rows unbounded preceding) from t group by a, b',
    'select row_number() over (partition by b order by a desc, c) as rn from t',
    'select a from t group by rollup (a) order by a nulls first limit 1 offset 1',
    'with recursive r (n) as (select 1 union all select n + 1 from r where n < 3) select n from r',
    "select cast(start_time as date) as date, count(*) from (select timestamp '2020-01-01 00:00:00' as start_time) x group by 1",
    "select timestamp 'epoch' + 1541121934796::double precision / 1000 * interval '1 second'",
    "select extract(week from date '2020-12-31'), date_part(dow, date '2020-12-27'), date_trunc('week', date '2020-12-31')",
    "select dateadd(ms, 796, dateadd(day, 17836, timestamp '1970-01-01 00:00:00'))",
    "select case when b = 'x' then 1 else 0 end, nvl(b, c), coalesce(a, 0)::bigint, cast(a as varchar(10)) from t",
    "select b from t where b like 'a%' or b ilike 'A_' or b similar to 'a|b' or b ~ 'a.*'",
    'select a from t union all select a from s minus select a from u',
    'select a from t where a = (select max(s.a) from s where s.b = t.b)',
    'select t.a from t full join s on t.a = s.a left join u on u.a = s.a',
    'insert into t (a, b) values (1, null), (2, default)',
    'insert into t (a, b) select s.a, s.b from s where (s.a is null or s.a > 1)',
    'insert into t (a) values ((select max(a) from s))',
    'update t set b = s.b, a = 1 from s where s.a = t.a',
    'delete from t using s where t.a = s.a',
    'delete from t where a in (select a from s)',
    'with c as (select a from s) delete from t using c where t.a = c.a',
    'merge into t using s on t.a = s.a when matched then update set b = s.b when not matched then insert (a, b) values (s.a, s.b)',
    'merge into t using s on t.a = s.a when matched then delete when not matched then insert values (s.a, s.b, s.c, 1)',
    'create temp table made (a bigint identity(1, 1), b varchar(max), c decimal, d text) diststyle key distkey (a) compound sortkey (a, b)',
    'create temp table made distkey (a) sortkey (b) as select a, b from t',
    'create temp table made (like t including defaults)',
    'create local temporary table made (a int encode az64 not null primary key, b int references t (a), unique (a, b)) backup no',
    'analyze t',
    'vacuum full t to 90 percent',
    'explain select a from t',
    'set statement_timeout to 60000',
    "set query_group to 'run'",
    'select * from generate_series(1, 3)',
    "select table_name from information_schema.tables where table_schema = 'public'",
    'select current_timestamp, now(), current_schema()',
    "select status from sys_load_history where table_name = 't'",
    'select pg_backend_pid(), current_user, version()',
    'select a as year, b as month, c as week from t order by year',
    'start transaction read only',
    'begin isolation level serializable',
  ])('%s', async (sql) => {
    expect(await errorOf(sql)).toBeUndefined();
  });
});

async function connect(connectionString: string): Promise<Client> {
  const made = new Client({ connectionString });
  await made.connect();
  return made;
}

// Of the last of the statements; the session is then as before.
async function errorOf(sql: string): Promise<DatabaseError | undefined> {
  try {
    for (const statement of sql.split('; ')) await client.query(statement);
    return undefined;
  } catch (cause) {
    if (cause instanceof DatabaseError) return cause;
    throw cause;
  } finally {
    await client.query('rollback');
    await client.query('drop table if exists made');
    await client.query('reset statement_timeout');
  }
}
