import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { revisions } from '../../conformance/history/revisions.ts';
import { songFile } from '../../oracle/build-bucket.ts';
import { defaultUser } from '../../redshift/stand-in.ts';
import {
  firstObjects,
  laterObjects,
  openLoadedWarehouse,
  type Servers,
  starOf,
  startServers,
  type TestWarehouse,
} from './warehouse.ts';

let servers: Servers;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers({
    users: [
      defaultUser,
      { name: 'runner', password: 'Passw0rd' },
      { name: 'watcher', password: 'Passw0rd', seesAll: true },
    ],
  });
});
afterAll(() => servers.stop());
beforeEach(async () => {
  warehouse = await openLoadedWarehouse(servers);
});
afterEach(async () => {
  servers.standIn.faults.clear();
  await warehouse.remove();
});

const after = starOf(...firstObjects, ...laterObjects);

/** A session that loads, and does so until it is let go. */
async function hold(target = warehouse.target) {
  const session = await openTarget(target, { mode: 'write' });
  let letGo = () => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isHeld = () => {};
  const held = new Promise<void>((resolve) => {
    isHeld = resolve;
  });
  const work = session.transaction(async () => {
    isHeld();
    await released;
    await session.run('-- say something\nupdate etl.mutex set loads = loads where id = 1');
  });
  work.catch(() => {});
  await held;
  return { session, work, letGo };
}

describe('while a run loads, another one', () => {
  test('is told who does, and what there is to do', async () => {
    const holder = await hold();
    await expect(warehouse.run()).rejects.toMatchObject({
      code: 'TARGET_IN_USE',
      message: expect.stringMatching(new RegExp(`: process ${process.pid} on ${hostname()} since \\d{4}-.*Z\\.$`)),
      hint: expect.stringMatching(/Add --wait .*--take-over/),
      retryable: true,
      details: { processId: process.pid, backendPid: expect.any(Number) },
    });
    holder.letGo();
    await holder.work;
    await holder.session.close();
    await warehouse.run();
    expect(await warehouse.star()).toEqual(after);
  });

  test('waits as long as it was told, and no longer', async () => {
    const holder = await hold();
    const startedAt = performance.now();
    await expect(warehouse.run({ waitMs: 700 })).rejects.toMatchObject({
      code: 'TARGET_IN_USE',
      hint: expect.stringMatching(/^It was waited for 0\.7 s in vain: give --wait more seconds\. .*--take-over/),
    });
    expect(performance.now() - startedAt).toBeGreaterThan(650);
    const second = warehouse.run({ waitMs: 30_000 });
    await wait(700);
    holder.letGo();
    expect(await second).toMatchObject({ outcome: 'loaded' });
    await holder.session.close();
    expect(await warehouse.star()).toEqual(after);
  });

  test('stops waiting when it is told to', async () => {
    const holder = await hold();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 400);
    await expect(warehouse.run({ waitMs: 60_000, signal: stop.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    holder.letGo();
    await holder.session.close();
  });

  test('ends the session of the first, when it is told that its host died', async () => {
    const holder = await hold();
    expect(await warehouse.run({ takeOver: true })).toMatchObject({ outcome: 'loaded' });
    expect(await warehouse.star()).toEqual(after);
    holder.letGo();
    await expect(holder.work).rejects.toMatchObject({ code: 'TRANSACTION_BROKEN', retryable: true });
    await holder.session.close();
  });

  test('does not end a session that is no run', async () => {
    await warehouse.ask('begin');
    await warehouse.ask('lock etl.writer');
    await expect(warehouse.run()).rejects.toMatchObject({
      code: 'TARGET_IN_USE',
      message: expect.stringMatching(/by another run: session \d+\./),
      hint: expect.stringContaining('pg_terminate_backend('),
    });
    await expect(warehouse.run({ takeOver: true })).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringMatching(/held by session \d+, which is no run's/),
    });
    await warehouse.ask('rollback');
    expect(await warehouse.run({ takeOver: true })).toMatchObject({ outcome: 'loaded' });
  });
});

describe('while another user loads, a run', () => {
  /** The target for a user that may do what a run does. */
  const grantedTo = async (user: string) => {
    for (const schema of ['etl', 'public']) {
      await warehouse.ask(`grant usage, create on schema ${schema} to ${user}`);
      await warehouse.ask(`grant select, insert, update, delete on all tables in schema ${schema} to ${user}`);
    }
    return `${warehouse.target.replace(/\/\/[^@]*@/, `//${user}:Passw0rd@`)}&statement_timeout=2s`;
  };
  const unseen = {
    code: 'TARGET_IN_USE',
    message: expect.stringContaining('or by that of another user, which runner cannot see.'),
    hint: expect.stringMatching(/--wait .*; --take-over ends sessions of runner alone\. .* as one user\.$/),
    retryable: true,
  };

  test('that cannot see its session says so, names who loaded last, and ends nothing', async () => {
    const target = await grantedTo('runner');
    const holder = await hold();
    for (const takeOver of [false, true])
      await expect(warehouse.run({ target, takeOver })).rejects.toMatchObject({
        ...unseen,
        message: expect.stringContaining(
          ` The last one to load was awsuser: process ${process.pid} on ${hostname()} since `,
        ),
      });
    setTimeout(holder.letGo, 500);
    expect(await warehouse.run({ target, waitMs: 30_000 })).toMatchObject({ outcome: 'loaded' });
    await holder.work;
    await holder.session.close();
    expect(await warehouse.star()).toEqual(after);
  });

  test('does not take who loaded last for who holds the lock now', async () => {
    const target = await grantedTo('runner');
    await warehouse.run({ target });
    warehouse.put(songFile({ song_id: 'SO3' }));
    await warehouse.ask('begin');
    await warehouse.ask('lock etl.writer');
    const error = await warehouse.run({ target }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ ...unseen, message: expect.stringMatching(/which runner cannot see\.$/) });
    expect(error).toMatchObject({ hint: expect.not.stringContaining('undefined') });
    await warehouse.ask('rollback');
  });

  test('that sees its session and may not end it says who may', async () => {
    const target = await grantedTo('watcher');
    const holder = await hold();
    await expect(warehouse.run({ target, takeOver: true })).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringMatching(/held by session \d+, which is no run's or cannot be ended/),
      hint: expect.stringContaining('Its user or a superuser ends it'),
    });
    holder.letGo();
    await holder.work;
    await holder.session.close();
  });

  test('of a superuser ends its session, when it is told that its host died', async () => {
    const holder = await hold(await grantedTo('runner'));
    expect(await warehouse.run({ takeOver: true })).toMatchObject({ outcome: 'loaded' });
    holder.letGo();
    await expect(holder.work).rejects.toMatchObject({ code: 'TRANSACTION_BROKEN' });
    await holder.session.close();
  });
});

test('a run that another one overtakes before its load plans again, and neither is called dead', async () => {
  let others: Promise<unknown> | undefined;
  const slow = warehouse.run(
    {},
    {
      open: async (target, options) => {
        const session = await openTarget(target, options);
        return {
          ...session,
          run: async (sql) => {
            // Behind the transaction by which it has said that it begins, and before the one that loads.
            if (/^-- create /.test(sql)) others ??= warehouse.run();
            if (others) await others;
            return session.run(sql);
          },
        };
      },
    },
  );
  expect(await slow).toMatchObject({ outcome: 'nothing new' });
  expect(await others).toMatchObject({ outcome: 'loaded' });
  expect(await warehouse.star()).toEqual(after);
  expect(await warehouse.ask('select state, error_code from etl.runs order by started_at, run_id')).toEqual(
    expect.arrayContaining([
      { state: 'done', error_code: null },
      { state: 'failed', error_code: 'LEDGER_MOVED' },
    ]),
  );
  expect(await warehouse.ask("select 1 from etl.runs where state not in ('done', 'failed')")).toEqual([]);
});

test('a run that died is called so by the next one that loads', async () => {
  await warehouse.ask("insert into etl.runs select 'dead', root, 'running', started_at, null, 'test' from etl.runs");
  await warehouse.run();
  expect(await warehouse.ask("select state from etl.runs where run_id = 'dead'")).toEqual([{ state: 'died' }]);
});

describe('a session that reads and forgets to end its transaction', () => {
  const read = async () => {
    await warehouse.ask('begin');
    await warehouse.ask('select * from plays');
    await warehouse.ask('select * from etl.staging_events_winners');
  };

  test('does not hold up a load', async () => {
    await read();
    expect(await warehouse.run()).toMatchObject({ outcome: 'loaded', warnings: [] });
    await warehouse.ask('rollback');
    expect(await warehouse.star()).toEqual(after);
  });

  test('holds up a change of its tables, which is given up in time and names where to look', async () => {
    await read();
    const revision = revisions.find(({ name }) => name.startsWith('a place for songs'));
    const changed = { ...(revision?.warehouse ?? sparkify), version: 2 };
    const target = `${warehouse.target}&statement_timeout=300ms`;
    await expect(warehouse.run({ warehouse: changed, target })).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringContaining('took longer than the statement_timeout'),
      hint: expect.stringContaining('svv_transactions shows who holds a lock'),
    });
    await warehouse.ask('rollback');
    const { rebuilt } = await warehouse.run({ warehouse: changed });
    expect(rebuilt).toContainEqual({ name: 'songs', why: 'other definition' });
  });
});
