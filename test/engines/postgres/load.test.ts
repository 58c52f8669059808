import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LandingTable, Session, Value } from '../../../src/engines/engine.ts';
import { openTarget } from '../../../src/engines/index.ts';
import { defineSource } from '../../../src/model/source.ts';
import { bigint, defineStaging, double, integer, smallint, text } from '../../../src/model/staging.ts';
import type { TableShape } from '../../../src/sql/dialect.ts';
import { stagingShape } from '../../../src/sql/shapes.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres-databases.ts';
import { sqlOf } from '../../support/sql-of.ts';

const column = (from: string) => ({ from, doc: 'A column.' });
const staging = defineStaging({
  name: 'odd_values',
  doc: 'Values that are easily lost.',
  grain: 'one row per line',
  source: defineSource({ name: 'odd', doc: 'Odd values.', folder: 'odd', framing: 'line' }),
  columns: {
    id: bigint({ ...column('id'), required: true }),
    one: text(65_535, column('one')),
    two: text(65_535, column('two')),
    small: smallint(column('small')),
    whole: integer(column('whole')),
    number: double(column('number')),
  },
  key: ['id'],
  newest: 'id',
  physical: { redshift: { distribution: 'all', sortKey: [] } },
});
const shape = stagingShape(staging);

/** All that the format of COPY, or an older reader of it, could take for something else. */
const texts = [
  null,
  '',
  ' ',
  '\\',
  '\\N',
  '\\.',
  '\\\\',
  '\\t',
  '\t',
  '\n',
  '\r',
  '\r\n',
  'a\n\\.\nb',
  '\\x41',
  '\\101',
  '"',
  '""',
  "'",
  ',',
  'NULL',
  'null',
  '\u0001',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufffd',
  'ÿ',
  '𝄞',
  'BjÃ¶rk',
  '\u{10ffff}',
  'e\u0301',
  'x'.repeat(65_535),
  '\\'.repeat(65_535),
];

const numbers = [
  null,
  0,
  -0,
  1.5,
  0.1,
  1e16,
  1e21,
  1e22,
  1e23,
  5e-324,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  -1e-7,
  123456789.12345679,
  0.1 + 0.2,
  1540919166796.5,
];

describe('rows that come in by COPY', () => {
  let database: TestDatabase;
  let session: Session;
  beforeAll(async () => {
    database = createDatabase();
    session = await openTarget(database.url, { mode: 'write' });
    await session.run(sqlOf(session.dialect.createTable(shape)));
  });
  afterAll(async () => {
    await session.close();
    database.drop();
  });

  const copiedBy = {
    'from the embedded database': (rows: readonly (readonly Value[])[]) => loadLanded(session, rows),
    'from memory': (rows: readonly (readonly Value[])[]) => session.insertRows(shape, rows),
  };

  describe.each(Object.entries(copiedBy))('%s', (_, copy) => {
    async function confirmSame(rows: readonly (readonly Value[])[]): Promise<void> {
      await session.run(`delete from ${shape.name}`);
      await copy(rows);
      const { rows: found } = await session.query(`select * from ${shape.name} order by id`);
      expect(found).toEqual(rows);
    }

    test('are in the table as they were: every text, NULL and the empty text apart', () =>
      confirmSame(
        texts.map((value, index) => [
          BigInt(index),
          value,
          texts[texts.length - index - 1] ?? null,
          null,
          null,
          null,
          1n,
        ]),
      ));

    test('are in the table as they were: every number to the last bit', () =>
      confirmSame([
        ...numbers.map((value, index): Value[] => [BigInt(index), 'x', '', 0n, 0n, value, 1n]),
        [1_000n, null, null, -32_768n, -2_147_483_648n, null, -9_223_372_036_854_775_808n],
        [1_001n, null, null, 32_767n, 2_147_483_647n, null, 9_223_372_036_854_775_807n],
      ]));

    test('are in the table as they were: any values', async () => {
      const anyText = fc.option(
        fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\0', '')),
      );
      const row = fc.tuple(anyText, anyText, fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })));
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), (rows) =>
          confirmSame(rows.map(([one, two, number], index) => [BigInt(index), one, two, null, null, number, 1n])),
        ),
        { numRuns: 30 },
      );
    });
  });

  test('are all there, however many statements the embedded database needs for them', async () => {
    const landing = await session.landingTable(staging);
    await landing.connection.run(`insert into ${landing.name} (id, one, object_id)
      select i, case when i % 50_000 = 7 then repeat('wide\\', 12_000) else 'narrow' end, i // 1000 from range(300_000) numbers(i)`);
    await landing.connection.run(`delete from ${landing.name} where id between 4_000 and 20_000`);
    await session.run(`delete from ${shape.name}`);
    await session.loadLanded(staging, landing);
    const sums =
      'select count(*), cast(sum(id) as bigint), cast(sum(length(one)) as bigint), count(distinct object_id)';
    expect((await session.query(`${sums} from ${shape.name}`)).rows).toEqual([
      [283_999n, 44_999_850_000n - 192_012_000n, 6n * 283_993n + 6n * 60_000n, 284n],
    ]);
  });

  test('that landed for nothing load nothing', async () => {
    await session.run(`delete from ${shape.name}`);
    await session.loadLanded(staging, await session.landingTable(staging));
    expect((await session.query(`select count(*) from ${shape.name}`)).rows).toEqual([[0n]]);
  });

  test('are missed when a trigger of the table keeps some out', async () => {
    await session.run(`create function keep_out() returns trigger language plpgsql as 'begin return null; end';
      create trigger keep_out before insert on ${shape.name} for each row when (new.id = 1) execute function keep_out()`);
    await expect(
      loadLanded(session, [
        [0n, 'a', '', 0n, 0n, 0, 1n],
        [1n, 'a', '', 0n, 0n, 0, 1n],
      ]),
    ).rejects.toMatchObject({
      code: 'BALANCE',
      message: 'Of 2 rows that landed for odd_values, 1 were loaded.',
    });
    await session.run(`drop trigger keep_out on ${shape.name}`);
  });

  test('that the server refuses leave the session as good as before, and their values untold', async () => {
    await session.run(`create unique index one_of_each on ${shape.name} (two)`);
    const many = Array.from({ length: 20_000 }, (_, index): Value[] => [
      BigInt(index),
      'x'.repeat(500),
      'S3CRET',
      0n,
      0n,
      0,
      1n,
    ]);
    const failed = await loadLanded(session, many).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 'STATEMENT_FAILED',
      message: 'load what landed into odd_values failed: duplicate key value violates unique constraint "one_of_each"',
      hint: expect.stringContaining('altered by hand'),
    });
    expect(JSON.stringify(failed)).not.toContain('S3CRET');
    await session.run('drop index one_of_each');
    await session.run(`delete from ${shape.name}`);
    await session.insertRows(shape, many.slice(0, 2));
    expect((await session.query(`select count(*) from ${shape.name}`)).rows).toEqual([[2n]]);
  });

  const many = Array.from({ length: 100_000 }, (_, index): Value[] => {
    return [BigInt(index), 'x'.repeat(600), '', 0n, 0n, 0, 1n];
  });

  /** In a database of its own, whose server ends the session at that row. */
  async function loseSession(row: number, copyInto: (doomed: Session) => Promise<void>): Promise<void> {
    const { url, drop } = createDatabase();
    const doomed = await openTarget(url, { mode: 'write' });
    await doomed.run(`${sqlOf(doomed.dialect.createTable(shape))};
      create function ends() returns trigger language plpgsql as
        'begin perform pg_terminate_backend(pg_backend_pid()); return new; end';
      create trigger ends before insert on ${shape.name} for each row when (new.id = ${row}) execute function ends()`);
    await expect(copyInto(doomed)).rejects.toMatchObject({ code: 'TRANSACTION_BROKEN', retryable: true });
    await doomed.close();
    drop();
  }

  test.each([0, 90_000])('are given up when the server ends the session: from memory, at row %i', (row) =>
    loseSession(row, (doomed) => doomed.insertRows(shape, many)),
  );

  test('are given up when the server ends the session: from the embedded database, again and again', async () => {
    for (const row of [0, 1_000, 30_000, 60_000, 99_000, 0, 1_000, 30_000, 60_000, 99_000, 0, 1_000]) {
      await loseSession(row, (doomed) => loadLanded(doomed, many));
    }
  }, 60_000);

  test('that do not fit the type of a column altered by hand are not quoted', async () => {
    await session.run(`delete from ${shape.name}; alter table ${shape.name} alter one type integer using null`);
    await expect(session.insertRows(shape, [[1n, 'S3CRET "x"', '', 0n, 0n, 0, 1n]])).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      message: 'add rows to odd_values failed: invalid input syntax for type integer: …',
    });
    await session.run(`alter table ${shape.name} alter one type text`);
  });
});

/** Puts rows into the embedded database as they are, without JSON in between, and loads them. */
async function loadLanded(session: Session, rows: readonly (readonly Value[])[]): Promise<void> {
  const landing = await session.landingTable(staging);
  await fill(landing, shape, rows);
  await session.loadLanded(staging, landing);
}

async function fill({ connection, name }: LandingTable, { columns }: TableShape, rows: readonly (readonly Value[])[]) {
  await connection.run(`delete from ${name}`);
  const appender = await connection.createAppender(name);
  for (const row of rows) {
    for (const [index, { type }] of columns.entries()) {
      const value = row[index] ?? null;
      if (value === null) appender.appendNull();
      else if (type.kind === 'text') appender.appendVarchar(String(value));
      else if (type.kind === 'double') appender.appendDouble(Number(value));
      else if (type.kind === 'integer' && type.bits === 16) appender.appendSmallInt(Number(value));
      else if (type.kind === 'integer' && type.bits === 32) appender.appendInteger(Number(value));
      else appender.appendBigInt(BigInt(value));
    }
    appender.endRow();
  }
  appender.closeSync();
}
