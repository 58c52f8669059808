import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SparkifyError } from '../../../src/errors.ts';
import { type Fault, redshiftErrors } from '../../redshift/faults.ts';
import {
  firstObjects,
  laterObjects,
  openLoadedWarehouse,
  openWarehouse,
  type Servers,
  starOf,
  startServers,
  type TestWarehouse,
} from './warehouse.ts';

const rounds = Number(process.env.TEST_RUNS ?? 12);

let servers: Servers;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  warehouse = await openLoadedWarehouse(servers);
});
afterEach(async () => {
  servers.standIn.faults.clear();
  await warehouse.remove();
});

const before = starOf(...firstObjects);
const after = starOf(...firstObjects, ...laterObjects);
const states = async () =>
  (await warehouse.ask('select state from etl.runs order by started_at, run_id')).map(({ state }) => state);
const loads = async () => Number((await warehouse.ask('select loads from etl.mutex'))[0]?.loads);

/** Runs with the faults, counting how often it waited before it began again. */
async function runWith(...faults: readonly Fault[]) {
  const { standIn } = servers;
  for (const fault of faults) standIn.faults.add(fault);
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  const outcome = await warehouse.run({}, { pause }).catch((error: unknown) => error as SparkifyError);
  return { outcome, pauses };
}

describe('a batch that the warehouse breaks off begins again', () => {
  const { serializationConflict, concurrentTransaction, deadlock, relationGone, shutdown } = redshiftErrors;

  test.each([
    ['1023 at the first statement', { kind: 'lock', outcome: { error: serializationConflict } }],
    ['1023 at a statement', { matching: /into songplays/, outcome: { error: serializationConflict } }],
    ['1023 at the commit', { kind: 'commit', nth: 2, outcome: { error: serializationConflict } }],
    ['a conflict without a number', { matching: /update etl.mutex/, outcome: { error: concurrentTransaction } }],
    ['a deadlock', { matching: /into songplays/, outcome: { error: deadlock } }],
    ['1018', { kind: 'copy', outcome: { error: relationGone } }],
    ['the end of the session', { matching: /into songplays/, outcome: { error: shutdown } }],
    ['a lost connection', { matching: /into songplays/, outcome: { cut: 'before' } }],
    ['a lost connection in COPY', { kind: 'copy', outcome: { cut: 'after' } }],
  ] as const)('after %s', async (_, fault) => {
    const { outcome, pauses } = await runWith(fault);
    expect(outcome).toMatchObject({ outcome: 'loaded', batches: 1, warnings: [] });
    expect(pauses).toBe(1);
    expect(await warehouse.star()).toEqual(after);
    expect(await states()).toEqual(['done', 'done']);
    expect(await loads()).toBe(2);
  });

  test('but not for ever', async () => {
    const conflict: Fault = { matching: /into songplays/, outcome: { error: serializationConflict } };
    const { outcome, pauses } = await runWith(...Array.from({ length: 5 }, () => conflict));
    expect(outcome).toMatchObject({ code: 'TRANSACTION_BROKEN', retryable: true, details: { attempts: 5 } });
    expect(pauses).toBe(4);
    expect(await warehouse.star()).toEqual(before);
    expect(await states()).toEqual(['done', 'failed']);
    expect(await warehouse.run()).toMatchObject({ outcome: 'loaded' });
    expect(await warehouse.star()).toEqual(after);
  });

  test('while the warehouse takes no connections for a time', async () => {
    const refused: Fault = { kind: 'connect', nth: 2, outcome: { error: shutdown } };
    const cut: Fault = { matching: /into songplays/, outcome: { cut: 'before' } };
    const { outcome, pauses } = await runWith(cut, refused, refused);
    expect(outcome).toMatchObject({ outcome: 'loaded' });
    expect(pauses).toBe(3);
    expect(await warehouse.star()).toEqual(after);
  });

  test('of several the one alone that was broken off', async () => {
    servers.standIn.faults.add({ matching: /update etl.mutex/, nth: 2, outcome: { error: deadlock } });
    expect(await warehouse.run({ batchBytes: 1 })).toMatchObject({ outcome: 'loaded', batches: 2 });
    expect(await warehouse.star()).toEqual(after);
    expect(await loads()).toBe(3);
  });

  test('and ends the session that it lost, where the warehouse has not noticed and keeps its lock', async () => {
    const { outcome } = await runWith({ matching: /into songplays/, outcome: { cut: 'unnoticed' } });
    expect(outcome).toMatchObject({ outcome: 'loaded' });
    expect(await warehouse.star()).toEqual(after);
  });
});

describe('a commit whose answer is lost', () => {
  test.each(['before', 'after'] as const)('of a note that the run begins, is made again (%s)', async (cut) => {
    const { outcome, pauses } = await runWith({ kind: 'commit', nth: 1, outcome: { cut } });
    expect(outcome).toMatchObject({ outcome: 'loaded', batches: 1 });
    expect(pauses).toBe(1);
    expect(await warehouse.star()).toEqual(after);
    expect(await states()).toEqual(['done', 'done']);
  });

  test.each([1, 2, 3, 4].flatMap((nth) => (['before', 'after'] as const).map((cut) => [nth, cut] as const)))(
    'of a first run, the one numbered %i, loads everything once (%s)',
    async (nth, cut) => {
      const empty = openWarehouse(servers);
      empty.put(...firstObjects);
      servers.standIn.faults.add({ kind: 'commit', nth, outcome: { cut } });
      expect(await empty.run()).toMatchObject({ outcome: 'loaded', batches: 1 });
      expect(await empty.star()).toEqual(before);
      expect(await empty.ask('select count(*)::int as objects from etl.objects')).toEqual([{ objects: 2 }]);
      expect(await empty.ask('select state from etl.runs')).toEqual([{ state: 'done' }]);
      await empty.remove();
    },
  );

  // The first commit of a run is that by which it says that it begins.
  test('is found out to have happened, and the run tells what it loaded', async () => {
    const { outcome, pauses } = await runWith({ kind: 'commit', nth: 2, outcome: { cut: 'after' } });
    expect(outcome).toMatchObject({ outcome: 'loaded', batches: 1, sources: [{ linesLoaded: 1 }, { linesLoaded: 1 }] });
    expect(pauses).toBe(0);
    expect(await warehouse.star()).toEqual(after);
    expect(await states()).toEqual(['done', 'done']);
    expect(await loads()).toBe(2);
  });

  test('is found out not to have happened, and the batch begins again', async () => {
    const { outcome, pauses } = await runWith({ kind: 'commit', nth: 2, outcome: { cut: 'before' } });
    expect(outcome).toMatchObject({ outcome: 'loaded' });
    expect(pauses).toBe(1);
    expect(await warehouse.star()).toEqual(after);
    expect(await loads()).toBe(2);
  });

  test.each(['before', 'after'] as const)(
    'stays unknown where the warehouse is gone, and the next run has the same rows (%s)',
    async (cut) => {
      const gone: Fault = { kind: 'connect', nth: 2, outcome: { error: redshiftErrors.shutdown } };
      const { outcome } = await runWith(
        { kind: 'commit', nth: 2, outcome: { cut } },
        ...Array.from({ length: 12 }, () => gone),
      );
      expect(outcome).toMatchObject({
        code: 'COMMIT_UNKNOWN',
        retryable: true,
        details: { lookup: expect.any(String) },
      });
      servers.standIn.faults.clear();
      expect([before, after]).toContainEqual(await warehouse.star());
      await warehouse.run();
      expect(await warehouse.star()).toEqual(after);
    },
  );
});

describe('a connection that is cut', () => {
  test.each(['before', 'after'] as const)(
    '%s any statement: the batch begins again or the run says so, and the next one has the same rows',
    async (cut) => {
      const { standIn } = servers;
      standIn.reset();
      await warehouse.run();
      const { statements } = standIn.counters();
      expect(statements).toBeGreaterThan(80);
      const step = Math.max(1, Math.floor(statements / rounds));
      let loaded = 0;
      let tries = 0;
      for (let nth = 1 + Math.floor(step / 2); nth <= statements; nth += step) {
        await warehouse.remove();
        warehouse = await openLoadedWarehouse(servers);
        const { outcome } = await runWith({ nth, outcome: { cut } });
        tries += 1;
        if (outcome instanceof Error) {
          expect(outcome).toMatchObject({
            code: expect.stringMatching(/TRANSACTION_BROKEN|TARGET_UNUSABLE|COMMIT_UNKNOWN/),
            retryable: true,
          });
        } else {
          expect(outcome).toMatchObject({ outcome: 'loaded' });
          expect(await warehouse.star()).toEqual(after);
          loaded += 1;
        }
        expect([before, after]).toContainEqual(await warehouse.star());
        await warehouse.run();
        expect(await warehouse.star()).toEqual(after);
        expect(await loads()).toBe(2);
      }
      expect(loaded).toBeGreaterThan(tries / 2);
    },
    600_000,
  );
});

describe('a first run', () => {
  beforeEach(async () => {
    await warehouse.remove();
    warehouse = openWarehouse(servers);
    warehouse.put(...firstObjects);
  });

  test.each([
    ['makes the schema', /create schema/],
    ['makes the table of the lock', /create table .*etl\.writer/],
    ['makes a table of the ledger', /create table .*etl\.objects/],
    ['puts the mutex in', /insert into etl\.mutex/],
    ['makes a view', /create or replace view plays/],
  ])('that another one is in the way of as it %s begins that again', async (_, matching) => {
    const { outcome, pauses } = await runWith({ matching, outcome: { error: redshiftErrors.concurrentTransaction } });
    expect(outcome).toMatchObject({ outcome: 'loaded' });
    expect(pauses).toBe(1);
    expect(await warehouse.star()).toEqual(before);
    expect(await loads()).toBe(1);
  });

  test('whose connection is cut leaves what the next one goes on with', async () => {
    const statements = 150;
    for (let nth = 5; nth <= statements; nth += Math.ceil(statements / rounds)) {
      const { outcome } = await runWith({ nth, outcome: { cut: nth % 2 === 0 ? 'before' : 'after' } });
      if (outcome instanceof Error) {
        const code = expect.stringMatching(/TRANSACTION_BROKEN|TARGET_UNUSABLE|COMMIT_UNKNOWN/);
        expect(outcome).toMatchObject({ code, retryable: true });
        await warehouse.run();
      }
      expect(await warehouse.star()).toEqual(before);
      expect(await loads()).toBe(1);
      await warehouse.remove();
      warehouse = openWarehouse(servers);
      warehouse.put(...firstObjects);
    }
  }, 600_000);
});
