import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../src/engines/index.ts';
import { SparkifyError } from '../../src/errors.ts';
import { type RunOptions, run } from '../../src/pipeline/run.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { oracle } from '../oracle/oracle.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';
import { revisionNamed } from './history/revisions.ts';

const objects = [logOf(eventLine(), eventLine({ itemInSession: 1 })), songFile()];
const whole = sorted(tablesOf(oracle(objects)));

/** What tables and views are, and what the ledger says of them. */
async function definedIn(target: string) {
  const session = await openTarget(target, { mode: 'read' });
  const columns = await session.all(
    "select table_name, column_name, data_type from information_schema.columns where table_name in ('staging_songs', 'songs', 'plays') order by table_name, column_name",
  );
  const definitions = await session.all('select name, fingerprint, version from etl.definitions order by name');
  await session.close();
  return { columns: columns.rows, definitions: definitions.rows };
}

async function countLoaded(target: string): Promise<number> {
  const session = await openTarget(target, { mode: 'read' });
  const { rows } = await session.all("select count(*) from etl.runs where state = 'done'");
  await session.close();
  return Number(rows[0]?.[0]);
}

/** How many runs begin at once, and how many milliseconds after each other. */
const rounds = [
  [2, 0],
  [2, 40],
  [3, 0],
  [3, 40],
  [2, 0],
  [3, 150],
] as const;

describe.each(testEngines)('runs at once on $engine, the first ones', ({ create }) => {
  let root: string;
  beforeEach(() => {
    root = temporaryFolder();
    writeBucket(root, objects);
  });
  afterEach(() => removeFolder(root));

  /** Each of them into a target where nothing is yet; gives what came of them. */
  async function runAtOnce(target: string, [count, apartMs]: readonly [number, number], options: Partial<RunOptions>) {
    const runs = Array.from({ length: count }, async (_, index) => {
      await pause(index * apartMs);
      return run({ warehouse: sparkify, root, target, toolVersion: 'test', ...options }).then(
        ({ outcome }) => outcome,
        (error: unknown) => (error instanceof SparkifyError ? error.code : String(error)),
      );
    });
    return (await Promise.all(runs)).toSorted();
  }

  async function confirmLoadedOnce(target: string) {
    expect(sorted(await readStar(target))).toEqual(whole);
    const session = await openTarget(target, { mode: 'read' });
    expect((await session.all('select id, loads from etl.mutex')).rows).toEqual([[1n, 1n]]);
    expect((await session.all('select uri from etl.objects')).rows).toHaveLength(objects.length);
    await session.close();
    expect(await verify(sparkify, target)).toMatchObject({ passed: true });
  }

  test('that wait all succeed, one after the other, and one of them loads', async () => {
    for (const round of rounds) {
      const { target, remove } = create();
      const [first, ...others] = await runAtOnce(target, round, { waitMs: 60_000 });
      expect([first, ...new Set(others)]).toEqual(['loaded', 'nothing new']);
      await confirmLoadedOnce(target);
      remove();
    }
  }, 300_000);

  test.each(['a wider year', 'a place for songs', 'no number of songs'])(
    'and after a change of the model (%s) all succeed, and one of them loads',
    async (name) => {
      const { target, remove } = create();
      await runAtOnce(target, [1, 0], {});
      const warehouse = { ...revisionNamed(name), version: 2 };
      const [loaded, ...others] = await runAtOnce(target, [3, 0], { warehouse, waitMs: 60_000 });
      expect([loaded, ...others]).toEqual(['loaded', 'nothing new', 'nothing new']);
      expect(await verify(warehouse, target)).toMatchObject({ passed: true });
      expect(await countLoaded(target)).toBe(2);
      remove();
    },
    120_000,
  );

  test.each([
    [0, 0],
    [0, 40],
    [40, 0],
    [0, 150],
  ])(
    'of another model and of the one before it (after %i and %i ms) leave tables and views of the new one',
    async (newerMs, olderMs) => {
      const { target, remove } = create();
      await runAtOnce(target, [1, 0], {});
      const more = songFile({ song_id: 'SO2', title: 'Tin Boats' });
      writeBucket(root, [more]);
      const newer = { ...revisionNamed('a wider year'), version: 2 };
      const waiting = { waitMs: 60_000 };
      const [[ofNewer = ''], [ofOlder = '']] = await Promise.all([
        pause(newerMs).then(() => runAtOnce(target, [1, 0], { ...waiting, warehouse: newer })),
        pause(olderMs).then(() => runAtOnce(target, [1, 0], waiting)),
      ]);
      // Either may find its plan void for as often as it plans, not both: nobody is left to alter what the last one did.
      expect(['loaded', 'LEDGER_MOVED']).toContain(ofNewer);
      expect(['loaded', 'MODEL_OLDER', 'LEDGER_MOVED']).toContain(ofOlder);
      expect([ofNewer, ofOlder]).toContain('loaded');
      if (ofNewer !== 'loaded') expect(await runAtOnce(target, [1, 0], { warehouse: newer })).toEqual(['loaded']);
      const fresh = create();
      await runAtOnce(fresh.target, [1, 0], { warehouse: newer });
      expect(await definedIn(target)).toEqual(await definedIn(fresh.target));
      expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([...objects, more]))));
      expect(await verify(newer, target)).toMatchObject({ passed: true });
      for (const one of [fresh.remove, remove]) one();
    },
    120_000,
  );

  test('that do not wait end as loaded, or are told of the one that loads', async () => {
    for (const round of rounds.slice(0, 3)) {
      const { target, remove } = create();
      const ends = await runAtOnce(target, round, {});
      expect(ends.filter((end) => !['TARGET_IN_USE', 'nothing new'].includes(end))).toEqual(['loaded']);
      await confirmLoadedOnce(target);
      remove();
    }
  }, 300_000);
});
