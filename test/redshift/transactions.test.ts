import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, rowsOf, type Scene, startScene } from './scene.ts';

let scene: Scene;
let client: Client;
let database: string;

beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.stop());
beforeEach(async () => {
  ({ client, database } = await scene.newDatabase());
});

describe('transactions', () => {
  beforeEach(() => client.query('create table a (k int)'));

  test('TRUNCATE commits what stands before it', async () => {
    await client.query('create table b (k int)');
    await client.query('begin');
    await client.query('insert into b values (1)');
    await client.query('truncate table a');
    await client.query('rollback');
    expect(await rowsOf(client, 'select k from b')).toEqual([{ k: 1 }]);
  });

  test('a BEGIN within one changes nothing', async () => {
    await client.query('begin');
    await client.query('insert into a values (1)');
    await client.query('begin');
    await client.query('rollback');
    expect(await rowsOf(client, 'select k from a')).toEqual([]);
  });

  test('after an error, refused statements too, nothing runs until the end', async () => {
    await client.query('begin');
    await client.query('insert into a values (1)');
    await errorOf(client, 'select distinct on (k) k from a');
    expect((await errorOf(client, 'select k from a')).code).toBe('25P02');
    expect((await client.query('commit')).command).toBe('ROLLBACK');
    expect(await rowsOf(client, 'select k from a')).toEqual([]);
  });

  test('the same row written twice at a time is a conflict', async () => {
    await client.query('insert into a values (1)');
    const other = await scene.connect(database);
    await client.query('begin');
    await other.query('begin');
    await other.query('select k from a');
    await client.query('update a set k = 2');
    const waiting = errorOf(other, 'update a set k = 3');
    await client.query('commit');
    expect(await waiting).toMatchObject({
      code: 'XX000',
      message: '1023',
      detail: expect.stringContaining('Serializable isolation violation on table'),
    });
  });

  test.each([
    [false, undefined],
    [true, '1023'],
  ])(
    'LOCK waits, and what was committed meanwhile is seen, unless snapshots are as old as BEGIN: %s',
    async (atBegin, message) => {
      await client.query('insert into a values (1)');
      scene.standIn.faults.snapshotAtBegin = atBegin;
      const other = await scene.connect(database);
      await client.query('begin');
      await client.query('lock a');
      await other.query('begin');
      const locked = other.query('lock table a');
      await client.query('update a set k = k + 1');
      await client.query('commit');
      await locked;
      if (message === undefined) await other.query('update a set k = k + 1');
      else expect((await errorOf(other, 'update a set k = k + 1')).message).toBe(message);
      await other.query('rollback');
      scene.standIn.faults.clear();
    },
  );

  test('a writer holds the whole table, readers go on', async () => {
    const other = await scene.connect(database);
    await client.query('begin');
    await client.query('insert into a values (1)');
    await other.query('set statement_timeout to 200');
    expect(await rowsOf(other, 'select k from a')).toEqual([]);
    expect((await errorOf(other, 'insert into a values (2)')).code).toBe('57014');
    await client.query('rollback');
  });

  test('MERGE whose source matches a row twice', async () => {
    await client.query('create table s (k int)');
    await client.query('insert into a values (1)');
    await client.query('insert into s values (1), (1)');
    const merge =
      'merge into a using s on a.k = s.k when matched then update set k = 1 when not matched then insert values (s.k)';
    expect(await errorOf(client, merge)).toMatchObject({
      code: 'XX000',
      message: 'Found multiple matches to update the same tuple.',
    });
    await client.query('delete from a');
    await client.query(merge);
    expect(await rowsOf(client, 'select k from a')).toEqual([{ k: 1 }, { k: 1 }]);
  });
});
