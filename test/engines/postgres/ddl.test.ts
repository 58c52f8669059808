import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../../src/engines/engine.ts';
import { openTarget } from '../../../src/engines/index.ts';
import { dialect } from '../../../src/engines/postgres/dialect.ts';
import { bigintType } from '../../../src/model/column-type.ts';
import { readKnown } from '../../../src/pipeline/known.ts';
import { prepareTarget } from '../../../src/pipeline/prepare.ts';
import { run } from '../../../src/pipeline/run.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../../oracle/build-bucket.ts';
import { writeBucket } from '../../support/bucket.ts';
import { createDatabase, execute, type TestDatabase } from '../../support/postgres-databases.ts';
import { sqlOf } from '../../support/sql-of.ts';
import { removeFolder, temporaryFolder } from '../../support/targets.ts';

describe('what a run creates', () => {
  let database: TestDatabase;
  let root: string;
  let session: Session;
  const role = `analyst_${process.pid}`;
  beforeAll(async () => {
    root = temporaryFolder();
    writeBucket(root, [logOf(eventLine()), songFile()]);
    database = createDatabase();
    await run({ warehouse: sparkify, root, target: database.url, toolVersion: 'test' });
    session = await openTarget(database.url, { mode: 'write' });
    execute(`create role ${role}`);
  });
  afterAll(async () => {
    await session.run(`drop owned by ${role}`);
    await session.close();
    execute(`drop role ${role}`);
    database.drop();
    removeFolder(root);
  });

  const rows = async (sql: string) => (await session.all(sql)).rows;
  const plays = () => rows("select oid, xmin, relacl, pg_get_viewdef(oid) from pg_class where oid = 'plays'::regclass");

  test('leaves views alone that are as they must be', async () => {
    const before = await plays();
    await prepareTarget(session, sparkify, await readKnown(sparkify, session));
    expect(await plays()).toEqual(before);
  });

  test('puts a view back that says something else, with what was granted on it', async () => {
    await session.run(`grant select on plays to ${role}`);
    const [before = []] = await plays();
    const [, , , definition] = before;
    await session.run(`create or replace view plays as ${String(definition).replace(/;$/, '')} where f.level = 'paid'`);
    expect((await plays())[0]?.[3]).not.toBe(definition);
    await prepareTarget(session, sparkify, await readKnown(sparkify, session));
    const [after = []] = await plays();
    expect([after[0], after[2], after[3]]).toEqual([before[0], before[2], definition]);
  });

  test('puts a view back that has other columns', async () => {
    const definition = (await plays())[0]?.[3];
    await session.run('drop view plays; create view plays as select 1 as other');
    await prepareTarget(session, sparkify, await readKnown(sparkify, session));
    expect((await plays())[0]?.[3]).toBe(definition);
  });

  test('orders text by its bytes in every column and index, in a database that does not', async () => {
    expect(await rows('select datlocprovider from pg_database where datname = current_database()')).toEqual([['i']]);
    const columns = `from pg_attribute a join pg_class c on c.oid = attrelid
      where relnamespace in ('public'::regnamespace, 'etl'::regnamespace) and attnum > 0 and attcollation <> 0`;
    expect(await rows(`select count(*) > 80 ${columns}`)).toEqual([[true]]);
    expect(await rows(`select relname, attname ${columns} and attcollation <> '"C"'::regcollation`)).toEqual([]);
    await session.run("create temporary table names (name text); insert into names values ('b'), ('B'), ('ä'), ('a')");
    expect(await rows('select name from names order by name')).toEqual([['a'], ['ä'], ['b'], ['B']]);
    expect(await rows(`select name from names order by ${dialect.inByteOrder('name')}`)).toEqual([
      ['B'],
      ['a'],
      ['b'],
      ['ä'],
    ]);
  });

  test('orders a text by its bytes that was something else before', async () => {
    const [before, after] = [bigintType, { kind: 'text', bytes: 9 } as const].map((type) => ({
      schema: undefined,
      name: 'changing',
      columns: [{ name: 'value', type }],
    }));
    if (!before || !after) throw new Error('there is no shape');
    await session.run(sqlOf(dialect.createTable(before)));
    for (const column of after.columns) {
      await session.run(sqlOf(dialect.changeColumnType(before, column)));
      await session.run(sqlOf(dialect.addColumn(before, { ...column, name: 'added' })));
    }
    expect(
      await rows(
        "select attname, attcollation::regcollation::text from pg_attribute where attrelid = 'changing'::regclass and attnum > 0",
      ),
    ).toEqual([
      ['value', '"C"'],
      ['added', '"C"'],
    ]);
    await session.run('drop table changing');
  });

  test('lets the planner leave out the joins of a view that a query has no use for', async () => {
    const plan = (await rows('explain select count(*) from plays')).join('\n');
    expect(plan).toContain('songplays');
    expect(plan).not.toMatch(/users|artists|Join/);
  });

  test('has an index for each way in which rows are looked for, and none where an entry could be too long', async () => {
    const indexes = await rows("select indexname from pg_indexes where schemaname = 'public' order by 1");
    expect(indexes.flat()).toEqual(
      expect.arrayContaining([
        'songplays_start_time_idx',
        'staging_events_session_id_item_in_session_idx',
        'users_user_id_key',
      ]),
    );
    const wide = {
      schema: undefined,
      name: 'wide',
      columns: [
        { name: 'id', type: bigintType },
        { name: 'story', type: { kind: 'text', bytes: 3_000 } as const },
      ],
    };
    const [{ sql = '' } = {}] = dialect.maintain([
      { shape: wide, key: ['id'], searchedBy: [['story'], ['id', 'story']] },
    ]);
    expect(sql.match(/create .*/g)).toEqual(['create unique index wide_id_key on wide (id);']);
  });

  test('has names for indexes that PostgreSQL does not cut', async () => {
    const names = ['first', 'second'].map((end) => `a_column_with_a_long_name_that_ends_${end}`);
    const shape = {
      schema: undefined,
      name: 'a_table_with_a_long_name_too',
      columns: names.map((name) => ({ name, type: bigintType })),
    };
    await session.run(sqlOf(dialect.createTable(shape)));
    const indexed = [{ shape, key: [], searchedBy: names.map((name) => [name]) }];
    for (const round of [1, 2]) {
      for (const { sql } of dialect.maintain(indexed)) await session.run(sql);
      expect([round, await rows(`select count(*) from pg_indexes where tablename = '${shape.name}'`)]).toEqual([
        round,
        [[2n]],
      ]);
    }
  });

  test('creates temporary tables that the session alone sees, once', async () => {
    const shape = {
      schema: undefined,
      name: 'touched',
      columns: [
        { name: 'id', type: bigintType },
        { name: 'name', type: { kind: 'text', bytes: 9 } as const },
      ],
    };
    for (let times = 0; times < 2; times += 1) await session.run(dialect.createTemporaryTable(shape));
    await session.insertRows(shape, [[1n, 'x']]);
    expect(await rows('select * from touched')).toEqual([[1n, 'x']]);
    const other = await openTarget(database.url, { mode: 'read' });
    await expect(other.query('select * from touched')).rejects.toMatchObject({
      message: expect.stringContaining('does not exist'),
    });
    await other.close();
  });

  test('reckons times exactly, and the parts of dates as everyone does', async () => {
    const instant = fc.oneof(
      fc.integer({ min: 0, max: 253_402_300_799_999 }),
      fc.integer({ min: 0, max: 2_000 }).map((days) => Date.UTC(2015, 11, 25) + days * 86_400_000 - 1),
      fc.integer({ min: 1971, max: 2100 }).map((year) => Date.UTC(year, 0, 1)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(instant, { minLength: 1, maxLength: 200 }), async (instants) => {
        const at = dialect.fromEpochMillis('ms');
        const parts = (['hour', 'day', 'week', 'month', 'year', 'weekday'] as const).map((part) =>
          dialect.datePart(part, at),
        );
        const list = instants.map((ms, index) => `(${index}, ${ms}::bigint)`).join(', ');
        const found = await rows(
          `select ${[at, ...parts].join(', ')} from (values ${list}) v (place, ms) order by place`,
        );
        expect(found).toEqual(instants.map((ms) => [stamp(ms), ...partsOf(new Date(ms)).map(BigInt)]));
      }),
      { numRuns: 20 },
    );
  });
});

function stamp(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

/** Hour, day, ISO week, month, year, day of the week from Sunday. */
function partsOf(date: Date): number[] {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const week =
    1 +
    Math.floor(
      (Date.UTC(thursday.getUTCFullYear(), thursday.getUTCMonth(), thursday.getUTCDate()) -
        Date.UTC(thursday.getUTCFullYear(), 0, 1)) /
        604_800_000,
    );
  return [date.getUTCHours(), date.getUTCDate(), week, date.getUTCMonth() + 1, date.getUTCFullYear(), date.getUTCDay()];
}
