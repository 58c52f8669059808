import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Value } from '../../../src/engines/engine.ts';
import { openTarget } from '../../../src/engines/index.ts';
import { loadLanded, oddShape as shape } from '../../support/odd-values.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres-databases.ts';
import { sqlOf } from '../../support/sql-of.ts';

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
