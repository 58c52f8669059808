import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import { run } from '../../../src/pipeline/run.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../../oracle/build-bucket.ts';
import { oracle } from '../../oracle/oracle.ts';
import { writeBucket } from '../../support/bucket.ts';
import { startCuttingProxy } from '../../support/cutting-proxy.ts';
import { createDatabase, execute, type TestDatabase } from '../../support/postgres-databases.ts';
import { readStar, sorted, tablesOf } from '../../support/read-star.ts';
import { removeFolder, temporaryFolder } from '../../support/targets.ts';

const rounds = Number(process.env.TEST_RUNS ?? 12);

describe('a run', () => {
  const day = logOf(eventLine(), eventLine({ itemInSession: 1, page: 'Home' }), '{broken');
  const nextDay = {
    key: 'log_data/2018/11/2018-11-16-events.json',
    content: eventLine({ sessionId: 8, level: 'paid' }),
  };
  const songs = [songFile(), songFile({ song_id: 'SO2', title: 'Other', artist_id: 'AR2' })];
  let root: string;
  let database: TestDatabase;
  let other: pg.Client;
  beforeEach(async () => {
    root = temporaryFolder();
    writeBucket(root, [day, ...songs]);
    database = createDatabase();
    other = new pg.Client(database.url);
    other.on('error', () => {});
    await other.connect();
  });
  afterEach(async () => {
    await other.end();
    database.drop();
    removeFolder(root);
  });

  const runIt = (target = database.url) =>
    run({ warehouse: sparkify, root, target, toolVersion: 'test', waitMs: 10_000 }, { pause: async () => {} });
  const star = async () => sorted(await readStar(database.url));
  const oracleOf = (...objects: Parameters<typeof oracle>[0]) => sorted(tablesOf(oracle(objects)));

  test.each(['before', 'after'] as const)(
    'whose connection is lost %s any statement begins again or says so, and the next one has the same rows',
    async (when) => {
      await runIt();
      const first = await star();
      writeBucket(root, [nextDay]);
      const proxy = await startCuttingProxy(database.url);
      await runIt(proxy.url);
      const second = await star();
      expect(second).toEqual(oracleOf(day, nextDay, ...songs));
      const statements = proxy.statements();
      expect(statements).toBeGreaterThan(50);
      const step = Math.max(1, Math.floor(statements / rounds));
      let loaded = 0;
      let tries = 0;
      for (let statement = 1 + Math.floor(step / 2); statement <= statements; statement += step) {
        await other.query(
          "delete from etl.objects where uri like '%11-16%'; delete from staging_events where session_id = 8",
        );
        await other.query(
          'delete from songplays where session_id = 8; delete from time where start_time not in (select start_time from songplays)',
        );
        await other.query("update users set level = 'free'");
        proxy.cutAt({ statement, when });
        const outcome = await runIt(proxy.url).catch((error: unknown) => error);
        tries += 1;
        if (outcome instanceof Error) {
          expect(outcome).toMatchObject({
            code: expect.stringMatching(/TRANSACTION_BROKEN|TARGET_UNUSABLE|COMMIT_UNKNOWN/),
            retryable: true,
          });
        } else {
          expect(outcome).toMatchObject({ outcome: 'loaded' });
          expect(await star()).toEqual(second);
          loaded += 1;
        }
        expect([first, second]).toContainEqual(await star());
        await runIt();
        expect(await star()).toEqual(second);
      }
      // Before the load, and after it, a run is not held up for long: the next one does it.
      expect(loaded).toBeGreaterThan(tries / 2);
      await proxy.stop();
    },
    300_000,
  );

  test.each(['before', 'after'] as const)(
    'whose connection is lost %s any commit finds out what became of it, and loads nothing twice',
    async (when) => {
      await runIt();
      const proxy = await startCuttingProxy(database.url);
      const matching = /^Q....(-- commit\n)?commit/s;
      let commits = 0;
      let loaded = 0;
      // The first goes through, to see how many commits there are.
      for (let statement = 0; statement <= commits; statement += 1) {
        const key = `log_data/2018/11/2018-11-${16 + statement}-events.json`;
        writeBucket(root, [{ key, content: eventLine({ sessionId: 100 + statement }) }]);
        const before = Number((await other.query('select loads from etl.mutex')).rows[0].loads);
        proxy.cutAt({ statement: statement || Number.POSITIVE_INFINITY, when, matching });
        const outcome = await runIt(proxy.url).catch((error: unknown) => error);
        if (statement === 0) commits = proxy.statements();
        if (outcome instanceof Error) expect(outcome).toMatchObject({ retryable: true });
        else loaded += 1;
        await runIt();
        expect(Number((await other.query('select loads from etl.mutex')).rows[0].loads)).toBe(before + 1);
        expect((await other.query('select count(*)::int as plays from songplays')).rows).toEqual([
          { plays: 2 + statement },
        ]);
      }
      expect(commits).toBeGreaterThan(1);
      expect(loaded).toBeGreaterThan(1);
      await proxy.stop();
    },
  );

  test('that waits for a lock longer than it may names the way out and changes nothing', async () => {
    await runIt();
    const before = await star();
    writeBucket(root, [nextDay]);
    await other.query('begin; lock table songplays in share mode');
    await expect(runIt(`${database.url}?lock_timeout=200ms`)).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringMatching(/songplays.* failed: another session kept a lock/),
      hint: expect.stringContaining('pg_stat_activity'),
      retryable: true,
    });
    await other.query('rollback');
    expect(await star()).toEqual(before);
    await runIt();
    expect(await star()).toEqual(oracleOf(day, nextDay, ...songs));
  });

  test('is not held up by a session that reads and forgets to end its transaction', async () => {
    await runIt();
    await other.query(
      'begin isolation level repeatable read; select * from plays; select * from etl.staging_events_winners',
    );
    writeBucket(root, [nextDay]);
    await runIt(`${database.url}?lock_timeout=500ms`);
    expect((await other.query('select count(*)::int as plays from songplays')).rows).toEqual([{ plays: 1 }]);
    await other.query('rollback');
    expect(await star()).toEqual(oracleOf(day, nextDay, ...songs));
  });

  test('that takes longer than it may says which setting allows more', async () => {
    await runIt();
    await other.query(`create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(5); return null; end';
      create trigger slow before insert on songplays for each statement execute function slow()`);
    writeBucket(root, [nextDay]);
    await expect(runIt(`${database.url}?statement_timeout=200ms`)).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringMatching(/songplays.* failed: it took longer than the statement_timeout/),
      hint: expect.stringContaining('statement_timeout=0'),
    });
  });

  test('that somebody cancels says so, and not that something was altered', async () => {
    await runIt();
    await other.query(`create function cancelled() returns trigger language plpgsql as
      'begin perform pg_cancel_backend(pg_backend_pid()); perform pg_sleep(5); return null; end';
      create trigger cancelled before insert on songplays for each statement execute function cancelled()`);
    writeBucket(root, [nextDay]);
    await expect(runIt()).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringMatching(/songplays.* failed: somebody cancelled it/),
      hint: expect.stringContaining('Run again'),
    });
  });

  test.each([
    ['40001', 'could not serialize access', 'another session got in the way', /Run again/, true],
    ['40P01', 'deadlock detected', 'another session got in the way', /Run again/, true],
    [
      '53100',
      'could not extend file "base/1": No space left on device',
      'No space left',
      /disk space on the server/,
      true,
    ],
    [
      '53100',
      'could not resize shared memory segment "/x": No space left on device',
      'shared memory',
      /shm-size/,
      false,
    ],
    ['53200', 'out of memory', 'out of memory', /more memory/, true],
    ['25006', 'cannot execute INSERT in a read-only transaction', 'allows reading only', /primary server/, false],
    ['57P01', 'terminating connection due to administrator command', 'the connection was lost', /ledger tells/, true],
    [
      '25P03',
      'terminating connection due to idle-in-transaction timeout',
      'its idle_in_transaction_session_timeout',
      /Set idle_in_transaction_session_timeout to 0/,
      false,
    ],
    [
      '25P04',
      'terminating connection due to transaction timeout',
      'its transaction_timeout',
      /Set transaction_timeout to 0/,
      false,
    ],
    [
      '57P05',
      'terminating connection due to idle-session timeout',
      'its idle_session_timeout',
      /Set idle_session_timeout to 0/,
      false,
    ],
    ['XX000', 'something unheard of', 'something unheard of', /report this/, false],
  ])('that the server stops with %s (%s) says what to do', async (state, message, says, hint, retryable) => {
    await runIt();
    writeBucket(root, [nextDay]);
    await other.query(`create function stop() returns trigger language plpgsql as $$
      begin raise exception '${message}' using errcode = '${state}'; end $$;
      create trigger stop before insert on songplays for each statement execute function stop()`);
    await expect(runIt()).rejects.toMatchObject({
      message: expect.stringContaining(says),
      hint: expect.stringMatching(hint),
      retryable,
      details: { sqlState: state },
    });
  });

  test('is refused by a trigger in words that may hold values, and keeps them to itself', async () => {
    await runIt();
    writeBucket(root, [nextDay]);
    await other.query(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'no plays of "%"', new.song_title; end $$;
      create trigger refuse before insert on songplays for each row execute function refuse()`);
    const failed = (await runIt().catch((error: unknown) => error)) as Error;
    expect(failed).toMatchObject({ code: 'STATEMENT_FAILED', message: expect.stringContaining('no plays of …') });
  });

  test('of which a statement failed cannot be committed, even if nobody cares', async () => {
    const session = await openTarget(database.url, { mode: 'write' });
    const careless = session.transaction(async () => {
      await session.run('create table careless (id bigint)');
      await session.run('select wrong').catch(() => {});
    });
    await expect(careless).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringContaining('commit failed'),
    });
    await expect(session.all('select * from careless')).rejects.toMatchObject({ code: 'STATEMENT_FAILED' });
    await session.close();
  });

  describe('with a role that lacks rights', () => {
    const role = `loader_${process.pid}`;
    const asRole = () => Object.assign(new URL(database.url), { username: role, password: 'S3CRET' }).href;
    beforeEach(() => execute(`create role ${role} login password 'S3CRET'`));
    afterEach(async () => {
      await other.query(`drop owned by ${role}`);
      execute(`drop role ${role}`);
    });

    test('names the grants one by one, and loads once they are given', async () => {
      for (let given = 0; given < 5; given += 1) {
        const failed = (await runIt(asRole()).catch((error: unknown) => error)) as { code?: string; hint?: string };
        if (failed.code === undefined) break;
        expect(failed).toMatchObject({
          code: 'TARGET_UNUSABLE',
          hint: expect.stringContaining('An administrator grants it: grant '),
        });
        await other.query(String(failed.hint).replace('An administrator grants it: ', ''));
      }
      expect(await star()).toEqual(oracleOf(day, ...songs));
    });

    test('loads tables of another role that grants it all on them, and is told what only their owner may', async () => {
      await runIt();
      await other.query(
        `grant all on database ${database.name} to ${role}; grant all on schema public, etl to ${role}`,
      );
      await other.query(`grant all on all tables in schema public, etl to ${role}`);
      writeBucket(root, [nextDay]);
      expect(await runIt(asRole())).toMatchObject({ outcome: 'loaded', warnings: [] });
      writeBucket(root, [{ ...nextDay, key: 'log_data/2018/11/2018-11-17-events.json' }]);
      await other.query('drop index songplays_user_id_idx');
      const { warnings } = await runIt(asRole());
      expect(warnings).toEqual([expect.stringContaining('must be owner of table songplays')]);
    });
  });

  test('reads by a role that may only read', async () => {
    await runIt();
    const role = `reader_${process.pid}`;
    execute(`create role ${role} login password 'S3CRET'`);
    await other.query(`grant select on all tables in schema public to ${role}`);
    await other.query(`grant usage on schema etl to ${role}; grant select on etl.mutex to ${role}`);
    const session = await openTarget(
      Object.assign(new URL(database.url), { username: role, password: 'S3CRET' }).href,
      { mode: 'read' },
    );
    expect((await session.query('select count(*) from plays')).rows).toEqual([[1n]]);
    await expect(session.query('select count(*) from etl.rejects')).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringContaining('permission denied for table rejects'),
    });
    await session.close();
    await other.query(`drop owned by ${role}`);
    execute(`drop role ${role}`);
  });
});
