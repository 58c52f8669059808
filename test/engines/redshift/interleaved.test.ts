import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Session } from '../../../src/engines/engine.ts';
import { openTarget } from '../../../src/engines/index.ts';
import { SparkifyError } from '../../../src/errors.ts';
import { bigintType } from '../../../src/model/column-type.ts';
import { columnReference, nullIf } from '../../../src/model/expression.ts';
import { column } from '../../../src/model/star-table.ts';
import type { Warehouse } from '../../../src/model/warehouse.ts';
import { showPlan } from '../../../src/pipeline/show-plan.ts';
import { verify } from '../../../src/pipeline/verify.ts';
import { songs } from '../../../src/sparkify/dimensions.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { replaced, revisionNamed } from '../../conformance/history/revisions.ts';
import { eventLine, logOf } from '../../oracle/build-bucket.ts';
import {
  firstObjects,
  laterObjects,
  openLoadedWarehouse,
  openWarehouse,
  type Servers,
  startServers,
  type TestWarehouse,
} from './warehouse.ts';

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());

let warehouse: TestWarehouse;
afterEach(() => {
  servers.standIn.faults.clear();
  return warehouse.remove();
});

type Step = 'define' | 'transaction';

/** Something to wait for, and what brings it about. */
function signal() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/**
 * A run of a declaration that stops before these steps, the first of its kind counting 1, and goes on when told to.
 * The lock of a warehouse belongs to a transaction, so that others may come in between.
 */
function stepping(declared: Warehouse, ...stops: readonly (readonly [Step, number])[]) {
  const gates = stops.map(() => ({ reached: signal(), goOn: signal() }));
  const counts = { define: 0, transaction: 0 };
  let passed = 0;
  const stop = async (step: Step) => {
    counts[step] += 1;
    const [kind, nth] = stops[passed] ?? [];
    if (kind !== step || nth !== counts[step]) return;
    const gate = gates[passed];
    passed += 1;
    gate?.reached.resolve();
    await gate?.goOn.promise;
  };
  const open: typeof openTarget = async (target, options) => {
    const session = await openTarget(target, options);
    return {
      ...session,
      define: async (...args: Parameters<Session['define']>) => {
        await stop('define');
        return session.define(...args);
      },
      transaction: async (work) => {
        await stop('transaction');
        return session.transaction(work);
      },
    };
  };
  const end = warehouse.run({ warehouse: declared, waitMs: 60_000 }, { open }).then(
    ({ outcome }) => outcome,
    (error: unknown) => (error instanceof SparkifyError ? error.code : String(error)),
  );
  let resumed = 0;
  return {
    /** Resolves at the next stop. */
    reach: () => Promise.race([gates[resumed]?.reached.promise, end]),
    /** Goes on from the stop it has reached. */
    resume: () => {
      gates[resumed]?.goOn.resolve();
      resumed += 1;
    },
    /** Goes on to its end, and says how that was. */
    finish: () => {
      for (const { goOn } of gates) goOn.resolve();
      return end;
    },
  };
}

const { year } = songs.columns;
if (!year) throw new Error('songs have no year');
const wider = column(nullIf(columnReference<'integer'>('year', bigintType), 0), 'Year of release');
const widerInTheStar: Warehouse = { ...replaced(sparkify, [[year, wider]]), version: 2 };

const typeOfYear = async () =>
  (
    await warehouse.ask(
      "select data_type from information_schema.columns where table_name = 'songs' and column_name = 'year'",
    )
  )[0]?.data_type;

describe.each([false, true])(
  'where snapshots are as old as BEGIN (%s), and a run prepares the target between the steps of another, with another declaration',
  (atBegin) => {
    beforeEach(async () => {
      warehouse = await openLoadedWarehouse(servers);
      warehouse.put({
        key: 'log_data/2018/11/2018-11-21-events.json',
        content: `${eventLine({ sessionId: 12 })}\n{broken`,
      });
      servers.standIn.faults.snapshotAtBegin = atBegin;
    });

    test('the columns are those of the one that the ledger tells of', async () => {
      const newer = stepping(widerInTheStar, ['transaction', 1]);
      await newer.reach();
      const older = stepping(sparkify, ['transaction', 1]);
      await older.reach();
      expect(await newer.finish()).toBe('loaded');
      expect(await older.finish()).toBe('MODEL_OLDER');
      expect(await typeOfYear()).toBe('bigint');
      expect(await verify(widerInTheStar, warehouse.target)).toMatchObject({ passed: true });
    });

    test('the view is that of the one that loads', async () => {
      const [view] = sparkify.views;
      if (!view) throw new Error('there is no view');
      const fewer: Warehouse = { ...sparkify, version: 2, views: [{ ...view, joins: view.joins.slice(1) }] };
      const columns = async () =>
        (
          await warehouse.ask(
            "select count(*)::int as count from information_schema.columns where table_name = 'plays'",
          )
        )[0]?.count;
      const before = Number(await columns());
      const newer = stepping(fewer, ['transaction', 1]);
      await newer.reach();
      expect(Number(await columns())).toBeLessThan(before);
      const older = stepping(sparkify, ['transaction', 1]);
      await older.reach();
      expect(Number(await columns())).toBe(before);
      expect(await newer.finish()).toBe('loaded');
      expect(await older.finish()).toBe('MODEL_OLDER');
      expect(Number(await columns())).toBeLessThan(before);
    });

    test.each(['a place for songs', 'no number of songs', 'the first event'])(
      'of one that failed before (%s), the newer one loads',
      async (name) => {
        const declared = { ...revisionNamed(name), version: 2 };
        const failing = warehouse.run({ warehouse: declared, maxRejects: { lines: 0 } });
        await expect(failing).rejects.toMatchObject({ code: 'TOO_MANY_REJECTS' });
        const newer = stepping(declared, ['transaction', 1]);
        await newer.reach();
        const older = stepping(sparkify, ['transaction', 1]);
        await older.reach();
        expect(await newer.finish()).toBe('loaded');
        expect(await older.finish()).toBe('MODEL_OLDER');
        expect(await verify(declared, warehouse.target)).toMatchObject({ passed: true });
      },
    );

    test('a column that goes meanwhile is found gone', async () => {
      const bare = { ...sparkify, views: [] };
      const fewer: Warehouse = { ...revisionNamed('songs without'), version: 2, views: [] };
      await warehouse.run({ warehouse: bare });
      warehouse.put({ key: 'song_data/B.json', content: laterObjects[1]?.content ?? '' });
      const narrowing = stepping(fewer, ['define', 3]);
      await narrowing.reach();
      const again = stepping({ ...bare, version: 3 }, ['transaction', 2]);
      await again.reach();
      expect(await narrowing.finish()).toBe('loaded');
      expect(await again.finish()).toBe('loaded');
      expect(await warehouse.run({ warehouse: { ...bare, version: 3 } })).toMatchObject({ outcome: 'nothing new' });
      expect(await verify({ ...bare, version: 3 }, warehouse.target)).toMatchObject({ passed: true });
    });
  },
);

describe.each([false, true])('where snapshots are as old as BEGIN (%s), a run that waits for the lock', (atBegin) => {
  test('does not empty the duplicates that another one of its declaration has found meanwhile', async () => {
    warehouse = openWarehouse(servers);
    warehouse.put(...firstObjects, {
      ...logOf(eventLine(), eventLine()),
      key: 'log_data/2018/11/2018-11-20-events.json',
    });
    await warehouse.run();
    const before = await duplicates();
    expect(before).not.toEqual([]);
    servers.standIn.faults.snapshotAtBegin = atBegin;
    const declared = { ...revisionNamed('a wider status'), version: 2 };
    const faster = stepping(declared, ['transaction', 1]);
    await faster.reach();
    servers.standIn.faults.add({ matching: /lock etl\.writer/, outcome: { delayMs: 5_000 } });
    const slower = stepping(declared);
    await vi.waitUntil(() => servers.standIn.faults.pending === 0, { timeout: 20_000 });
    expect(await faster.finish()).toBe('loaded');
    expect(await slower.finish()).toBe('nothing new');
    expect(await duplicates()).toEqual(before);
    expect(await verify(declared, warehouse.target)).toMatchObject({ passed: true });
  }, 60_000);

  const duplicates = () => warehouse.ask('select session_id, lines::int as lines from etl.staging_events_duplicates');
});

test.each([
  ['define', false],
  ['define', true],
  ['transaction', false],
  ['transaction', true],
] as const)(
  'of two runs that find a staging table dropped, of which one is overtaken before its %s (snapshots as old as BEGIN: %s), one loads',
  async (step, atBegin) => {
    warehouse = openWarehouse(servers);
    warehouse.put(...firstObjects, ...laterObjects);
    await warehouse.run();
    const before = await warehouse.star();
    await warehouse.ask('drop table staging_events cascade');
    await showPlan({ warehouse: sparkify, root: warehouse.root, target: warehouse.target });
    servers.standIn.faults.snapshotAtBegin = atBegin;
    const overtaken = stepping(sparkify, [step, 1]);
    await overtaken.reach();
    expect(await stepping(sparkify).finish()).toBe('loaded');
    expect(await overtaken.finish()).toBe('nothing new');
    expect(await warehouse.star()).toEqual(before);
    expect(await warehouse.ask('select count(*)::int as rows from etl.objects')).toEqual([{ rows: 4 }]);
    expect(await verify(sparkify, warehouse.target)).toMatchObject({ passed: true });
  },
);

test('a source that another run loads first meanwhile is not taken for one of a lost ledger', async () => {
  warehouse = openWarehouse(servers);
  const [events, song] = firstObjects;
  if (!events || !song) throw new Error('there are no objects');
  warehouse.put(song);
  await warehouse.run();
  warehouse.put(events);
  let others = 0;
  const open: typeof openTarget = async (...args) => {
    const session = await openTarget(...args);
    return {
      ...session,
      all: async (sql) => {
        if (others === 0 && sql.startsWith('-- look for lines of staging_events')) {
          others += 1;
          expect(await warehouse.run()).toMatchObject({ outcome: 'loaded' });
        }
        return session.all(sql);
      },
    };
  };
  expect(await warehouse.run({}, { open })).toMatchObject({ outcome: 'nothing new' });
  expect(others).toBe(1);
});

test.each(['goes on', 'dies'])(
  'of two first runs with other declarations, of which the faster one %s, the other loads',
  async (what) => {
    warehouse = openWarehouse(servers);
    warehouse.put(...firstObjects);
    const other = { ...revisionNamed('a place'), version: 2 };
    const first = stepping(sparkify, ['define', 1], ['transaction', 1]);
    const second = stepping(other, ['define', 1]);
    await Promise.all([first.reach(), second.reach()]);
    first.resume();
    await first.reach();
    expect(await second.finish()).toBe('loaded');
    if (what === 'goes on') expect(await first.finish()).toBe('MODEL_OLDER');
    expect(await verify(other, warehouse.target)).toMatchObject({ passed: true });
    expect(await warehouse.ask('select count(*)::int as rows from etl.mutex')).toEqual([{ rows: 1 }]);
    expect(await warehouse.ask('select count(*)::int as rows from etl.objects')).toEqual([{ rows: 2 }]);
    if (what === 'dies') await first.finish();
  },
);
