import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { redshiftErrors } from './faults.ts';
import { errorOf, role, rowsOf, type Scene, startScene } from './scene.ts';

let scene: Scene;
let client: Client;
let database: string;

beforeAll(async () => {
  scene = await startScene();
  await scene.s3.put('faults/data', '{"a":1}');
});
afterAll(() => scene.stop());
beforeEach(async () => {
  ({ client, database } = await scene.newDatabase());
  await client.query('create table t (a int)');
  scene.standIn.reset();
});
afterEach(() => {
  expect(scene.standIn.faults.pending).toBe(0);
  scene.standIn.faults.clear();
});

/** What a new connection sees. */
const rowsSeen = async () => rowsOf(await scene.connect(database), 'select a from t');
const copy = `copy t from 's3://test-bucket/faults/data' ${role} json 'auto'`;

describe('at COMMIT', () => {
  test('a conflict: nothing is kept, and the session goes on', async () => {
    scene.standIn.faults.add({ kind: 'commit', outcome: { error: redshiftErrors.serializationConflict } });
    await client.query('begin');
    await client.query('insert into t values (1)');
    expect(await errorOf(client, 'commit')).toMatchObject({
      code: 'XX000',
      message: '1023',
      detail: expect.stringContaining('Serializable isolation violation on table'),
    });
    expect(await rowsOf(client, 'select a from t')).toEqual([]);
    await client.query('begin');
    await client.query('insert into t values (2)');
    await client.query('commit');
    expect(await rowsSeen()).toEqual([{ a: 2 }]);
  });

  test.each([
    ['before', []],
    ['after', [{ a: 1 }]],
  ] as const)('the connection is lost %s it is done', async (cut, kept) => {
    scene.standIn.faults.add({ kind: 'commit', outcome: { cut } });
    await client.query('begin');
    await client.query('insert into t values (1)');
    await expect(client.query('commit')).rejects.toThrow('Connection terminated unexpectedly');
    expect(await rowsSeen()).toEqual(kept);
  });
});

describe('at any statement', () => {
  test.each([1, 2, 3, 4])('the connection is cut at the %i. of a transaction, which leaves nothing', async (nth) => {
    scene.standIn.faults.add({ nth, outcome: { cut: 'before' } });
    const run = async () => {
      for (const sql of ['begin', 'insert into t values (1)', copy, 'commit']) await client.query(sql);
    };
    await expect(run()).rejects.toThrow('Connection terminated unexpectedly');
    expect(scene.standIn.counters().statements).toBe(nth);
    expect(await rowsSeen()).toEqual([]);
  });

  test('an error aborts the transaction', async () => {
    scene.standIn.faults.add({ matching: /into t/, nth: 2, outcome: { error: redshiftErrors.deadlock } });
    await client.query('begin');
    await client.query('insert into t values (1)');
    expect((await errorOf(client, 'insert into t values ($1)', [2])).code).toBe('40P01');
    expect((await errorOf(client, 'select 1')).code).toBe('25P02');
    await client.query('rollback');
    expect(await rowsSeen()).toEqual([]);
  });

  test('a prepared statement is cut when it is executed', async () => {
    scene.standIn.faults.add({ kind: 'insert', outcome: { cut: 'after' } });
    await expect(client.query('insert into t values ($1)', [1])).rejects.toThrow('Connection terminated unexpectedly');
    expect(await rowsSeen()).toEqual([{ a: 1 }]);
  });

  test('an autocommit COPY commits though its client is gone', async () => {
    scene.standIn.faults.add({ kind: 'copy', outcome: { cut: 'after' } });
    await expect(client.query(copy)).rejects.toThrow('Connection terminated unexpectedly');
    expect(await rowsSeen()).toEqual([{ a: 1 }]);
  });

  test('a slow one runs into statement_timeout', async () => {
    await client.query('set statement_timeout to 50');
    scene.standIn.faults.add({ kind: 'delete', outcome: { delayMs: 5_000 } });
    expect((await errorOf(client, 'delete from t')).code).toBe('57014');
  });

  test('a connection is refused', async () => {
    scene.standIn.faults.add({ kind: 'connect', outcome: { error: redshiftErrors.shutdown } });
    await expect(scene.connect(database)).rejects.toMatchObject({ code: '57P01' });
    scene.standIn.faults.add({ kind: 'connect', outcome: { cut: 'before' } });
    await expect(scene.connect(database)).rejects.toThrow('Connection terminated unexpectedly');
  });
});

describe('in COPY', () => {
  test('any error of the data, of which the system tables may know later', async () => {
    scene.standIn.faults.loadErrorLagMs = 300;
    const loadError = {
      code: 1202,
      reason: 'Extra column(s) found',
      file: 's3://test-bucket/faults/data',
      line: 17,
      column: 'a',
    };
    scene.standIn.faults.add({ kind: 'copy', outcome: { loadError } });
    expect((await errorOf(client, copy)).message).toContain("Load into table 't' failed");
    expect(await rowsOf(client, 'select error_code from sys_load_error_detail')).toEqual([]);
    await expect
      .poll(
        () => rowsOf(client, 'select error_code, line_number, trim(column_name) as name from sys_load_error_detail'),
        { timeout: 5_000 },
      )
      .toEqual([{ error_code: 1202, line_number: '17', name: 'a' }]);
  });

  test('a failed COPY leaves pg_last_copy_count() at 0, one that never began leaves it as it was', async () => {
    await client.query(copy);
    await errorOf(client, copy.replace('json', 'gson'));
    expect(await rowsOf(client, 'select pg_last_copy_count() as rows')).toEqual([{ rows: '1' }]);
    scene.standIn.faults.add({
      kind: 'copy',
      outcome: { loadError: { code: 1207, reason: 'Invalid digit', file: 'x', line: 1 } },
    });
    await errorOf(client, copy);
    expect(await rowsOf(client, 'select pg_last_copy_count() as rows')).toEqual([{ rows: '0' }]);
  });
});

test('statements and their errors are on record', async () => {
  await client.query('begin');
  await client.query('insert into t values ($1)', [1]);
  await client.query(copy);
  await client.query('commit');
  await errorOf(client, 'select lateral');
  const { statements, counters } = scene.standIn;
  expect(statements().map(({ kind, error }) => [kind, error])).toEqual([
    ['begin', undefined],
    ['insert', undefined],
    ['copy', undefined],
    ['commit', undefined],
    ['select', '42601'],
  ]);
  expect(statements()[1]).toMatchObject({ sql: 'insert into t values ($1)', user: 'awsuser', database });
  expect(counters()).toEqual({
    connections: 0,
    statements: 5,
    byKind: { begin: 1, insert: 1, copy: 1, commit: 1, select: 1 },
    copies: 1,
    objectsRead: 1,
    transactions: 1,
    commits: 1,
    rollbacks: 0,
  });
});
