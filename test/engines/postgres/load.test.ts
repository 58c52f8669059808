import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Value } from '../../../src/engines/engine.ts';
import { openTarget } from '../../../src/engines/index.ts';
import { loadLanded, oddShape, oddValues } from '../../support/odd-values.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres-databases.ts';
import { sqlOf } from '../../support/sql-of.ts';

describe('rows that come in by COPY', () => {
  let database: TestDatabase;
  let session: Session;
  beforeAll(async () => {
    database = createDatabase();
    session = await openTarget(database.url, { mode: 'write' });
    await session.run(sqlOf(session.dialect.createTable(oddShape)));
  });
  afterAll(async () => {
    await session.close();
    database.drop();
  });

  test('are all there, however many statements the embedded database needs for them', async () => {
    const landing = await session.landingTable(oddValues);
    await landing.connection.run(`insert into ${landing.name} (id, one, object_id)
      select i, case when i % 50_000 = 7 then repeat('wide\\', 12_000) else 'narrow' end, i // 1000 from range(300_000) numbers(i)`);
    await landing.connection.run(`delete from ${landing.name} where id between 4_000 and 20_000`);
    await session.run(`delete from ${oddShape.name}`);
    await session.loadLanded(oddValues, landing);
    const sums =
      'select count(*), cast(sum(id) as bigint), cast(sum(length(one)) as bigint), count(distinct object_id)';
    expect((await session.query(`${sums} from ${oddShape.name}`)).rows).toEqual([
      [283_999n, 44_999_850_000n - 192_012_000n, 6n * 283_993n + 6n * 60_000n, 284n],
    ]);
  });

  test('that landed for nothing load nothing', async () => {
    await session.run(`delete from ${oddShape.name}`);
    await session.loadLanded(oddValues, await session.landingTable(oddValues));
    expect((await session.query(`select count(*) from ${oddShape.name}`)).rows).toEqual([[0n]]);
  });

  test('are missed when a trigger of the table keeps some out', async () => {
    await session.run(`create function keep_out() returns trigger language plpgsql as 'begin return null; end';
      create trigger keep_out before insert on ${oddShape.name} for each row when (new.id = 1) execute function keep_out()`);
    await expect(
      loadLanded(session, [
        [0n, 'a', '', 0n, 0n, 0, 1n],
        [1n, 'a', '', 0n, 0n, 0, 1n],
      ]),
    ).rejects.toMatchObject({
      code: 'BALANCE',
      message: 'Of 2 rows that landed for odd_values, 1 were loaded.',
    });
    await session.run(`drop trigger keep_out on ${oddShape.name}`);
  });

  test('that the server refuses leave the session as good as before, and their values untold', async () => {
    await session.run(`create unique index one_of_each on ${oddShape.name} (two)`);
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
    await session.run(`delete from ${oddShape.name}`);
    await session.insertRows(oddShape, many.slice(0, 2));
    expect((await session.query(`select count(*) from ${oddShape.name}`)).rows).toEqual([[2n]]);
  });

  const many = Array.from({ length: 100_000 }, (_, index): Value[] => {
    return [BigInt(index), 'x'.repeat(600), '', 0n, 0n, 0, 1n];
  });

  /** In a database of its own, whose server ends the session at that row. */
  async function loseSession(row: number, copyInto: (doomed: Session) => Promise<void>): Promise<void> {
    const { url, drop } = createDatabase();
    const doomed = await openTarget(url, { mode: 'write' });
    await doomed.run(`${sqlOf(doomed.dialect.createTable(oddShape))};
      create function ends() returns trigger language plpgsql as
        'begin perform pg_terminate_backend(pg_backend_pid()); return new; end';
      create trigger ends before insert on ${oddShape.name} for each row when (new.id = ${row}) execute function ends()`);
    await expect(copyInto(doomed)).rejects.toMatchObject({ code: 'TRANSACTION_BROKEN', retryable: true });
    await doomed.close();
    drop();
  }

  test.each([0, 90_000])('are given up when the server ends the session: from memory, at row %i', (row) =>
    loseSession(row, (doomed) => doomed.insertRows(oddShape, many)),
  );

  test('are given up when the server ends the session: from the embedded database, again and again', async () => {
    for (const row of [0, 1_000, 30_000, 60_000, 99_000, 0, 1_000, 30_000, 60_000, 99_000, 0, 1_000]) {
      await loseSession(row, (doomed) => loadLanded(doomed, many));
    }
  }, 60_000);

  test('that do not fit the type of a column altered by hand are not quoted', async () => {
    await session.run(`delete from ${oddShape.name}; alter table ${oddShape.name} alter one type integer using null`);
    await expect(session.insertRows(oddShape, [[1n, 'S3CRET "x"', '', 0n, 0n, 0, 1n]])).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      message: 'add rows to odd_values failed: invalid input syntax for type integer: …',
    });
    await session.run(`alter table ${oddShape.name} alter one type text`);
  });
});
