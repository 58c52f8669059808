import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';
import { buildProduct } from './build-product.ts';
import { changeBucket, fillBucket } from './changing-bucket.ts';
import { type DyingPlace, type Ended, runInChild } from './child-run.ts';
import { runStates, stateOf } from './state.ts';

/** How many runs are killed at any moment. From 100 on, runs are killed before really every statement too. */
const kills = Number(process.env.TEST_KILLS ?? 40);
const minutesMs = 1_800_000;

let folder: string;
let product: string;
let root: string;
/** A warehouse loaded from the bucket as it was before it changed. */
let loaded: string;
beforeAll(async () => {
  folder = temporaryFolder();
  product = buildProduct(folder);
  root = join(folder, 'bucket');
  loaded = join(folder, 'loaded.duckdb');
  fillBucket(root);
  await run({ warehouse: sparkify, root, target: `duckdb:${loaded}`, toolVersion: 'test' });
  changeBucket(root);
});
afterAll(() => removeFolder(folder));

describe('a run over a warehouse that is killed', () => {
  let scene: Scene;
  let old: string;
  let undisturbed: Undisturbed;
  beforeAll(async () => {
    const start = (path: string) => copyFileSync(loaded, path);
    undisturbed = await runUndisturbed({ start });
    old = await stateOf(`duckdb:${loaded}`);
    scene = { start, whole: undisturbed.whole, sound: [old] };
    expect(old).not.toBe(scene.whole);
  });

  test(
    'between two statements leaves the old rows, and the next run completes them',
    async () => {
      const { opened, committed } = marksOf(undisturbed);
      await eachOf(placesIn(undisturbed), async (statement) => {
        const { rows, runs } = await killAndRerun(scene, { statement });
        expect(rows).toBe(statement <= committed ? old : scene.whole);
        expect(runs).toEqual(statement <= opened ? ['done'] : [statement <= committed ? 'died' : 'done', 'done']);
      });
    },
    minutesMs,
  );

  test(
    'while it commits leaves the old rows or the new ones, and the next run completes them',
    async () => {
      const places = commitsOf(undisturbed).flatMap((statement) =>
        [0, 0, 1, 2, 4].map((afterMs) => ({ statement, afterMs })),
      );
      await eachOf(places, async (place) => confirmOldOrNew(await killAndRerun(scene, place)));
    },
    minutesMs,
  );

  test(
    'at any moment leaves the old rows or the new ones, and the next run completes them',
    async () => {
      await eachOf(moments(undisturbed, kills / 2), async (at) => confirmOldOrNew(await killAndRerun(scene, at)));
    },
    minutesMs,
  );

  function confirmOldOrNew({ rows, runs }: Left): void {
    expect([old, scene.whole]).toContain(rows);
    expect(runs.slice(0, -1)).toEqual(rows === old && runs.length === 1 ? [] : [rows === old ? 'died' : 'done']);
  }
});

describe('a first load that is killed', () => {
  const start = () => {};

  test(
    'between two statements leaves no rows or all, and the next run completes them',
    async () => {
      const undisturbed = await runUndisturbed({ start });
      const { opened, committed } = marksOf(undisturbed);
      const places = undisturbed.statements.map((_, index) => index + 1);
      await eachOf(
        places.filter((place) => kills >= 100 || place % 8 === 0),
        async (statement) => {
          const { rows, runs } = await killAndRerun({ start, whole: undisturbed.whole, sound: [] }, { statement });
          expect(rows).toBe(statement <= committed ? 'nothing' : undisturbed.whole);
          expect(runs).toEqual(statement <= opened ? [] : [statement <= committed ? 'died' : 'done']);
        },
      );
    },
    minutesMs,
  );

  test(
    'at any moment leaves whole batches, and the next run loads the others',
    async () => {
      const undisturbed = await runUndisturbed({ start, batchBytes: 1 });
      const found = new Set<string>();
      await eachOf(moments(undisturbed, kills / 2), async (at) => {
        const scene = { start, batchBytes: 1, whole: undisturbed.whole, sound: [] };
        const { rows, runs } = await killAndRerun(scene, at);
        found.add(rows);
        expect(runs).toEqual(rows === undisturbed.whole ? ['done'] : runs.length === 0 ? [] : ['died']);
      });
      expect(commitsOf(undisturbed).length).toBeGreaterThan(8);
      expect(found.size).toBeGreaterThan(3);
    },
    minutesMs,
  );
});

/** How a warehouse to load into comes to be, and the size of the batches. */
interface Load {
  readonly start: (path: string) => void;
  readonly batchBytes?: number;
}

interface Scene extends Load {
  /** What an undisturbed run comes to. */
  readonly whole: string;
  /** States that were looked at already; any other must pass all checks. */
  readonly sound: readonly string[];
}

interface Undisturbed extends Ended {
  readonly whole: string;
}

/** What is found after a kill. */
interface Left {
  readonly rows: string;
  readonly runs: readonly string[];
}

let loads = 0;

async function withTarget<T>({ start, batchBytes }: Load, work: (of: { root: string; target: string }) => Promise<T>) {
  loads += 1;
  const path = join(folder, `${loads}.duckdb`);
  start(path);
  try {
    return await work({ root, target: `duckdb:${path}`, ...(batchBytes !== undefined && { batchBytes }) });
  } finally {
    for (const end of ['', '.wal', '.listing', '.holder']) rmSync(`${path}${end}`, { force: true });
  }
}

async function runUndisturbed(load: Load): Promise<Undisturbed> {
  return withTarget(load, async (orders) => {
    const ended = await runInChild({ product, run: orders });
    if (!ended) throw new Error('the undisturbed run did not end');
    return { ...ended, whole: await stateOf(orders.target) };
  });
}

/** Kills a run, looks at what is left, and runs again, after which everything must be there. */
async function killAndRerun(scene: Scene, place: DyingPlace | number): Promise<Left> {
  return withTarget(scene, async (orders) => {
    const { target } = orders;
    const [dieAt, killAfterMs] = typeof place === 'number' ? [undefined, place] : [place, undefined];
    await runInChild({ product, run: orders, dieAt, killAfterMs });
    const left = { rows: await stateOf(target), runs: await runStates(target) };
    if (!['nothing', scene.whole, ...scene.sound].includes(left.rows)) {
      expect((await verify(sparkify, target)).passed).toBe(true);
    }
    const { outcome } = await run({ warehouse: sparkify, toolVersion: 'test', ...orders });
    expect(outcome).toBe(left.rows === scene.whole ? 'nothing new' : 'loaded');
    expect(await stateOf(target)).toBe(scene.whole);
    expect(await runStates(target)).toEqual(outcome === 'loaded' ? ['done', ...left.runs] : left.runs);
    return left;
  });
}

/** Two at once. A failure names the place. */
async function eachOf<T>(places: readonly T[], work: (place: T) => Promise<void>): Promise<void> {
  const limit = pLimit(2);
  const named = (place: T) =>
    work(place).catch((cause: unknown) => {
      limit.clearQueue();
      throw new Error(`killed at ${JSON.stringify(place)}`, { cause });
    });
  await Promise.all(places.map((place) => limit(() => named(place))));
}

/** The statements by which a run is known to have begun, and everything it loads is there. */
function marksOf(ended: Ended): { readonly opened: number; readonly committed: number } {
  const begun = ended.statements.indexOf('append to runs');
  const commits = commitsOf(ended);
  return { opened: commits.find((place) => place > begun) ?? 0, committed: commits.at(-1) ?? 0 };
}

function commitsOf({ statements }: Ended): number[] {
  return statements.flatMap((title, index) => (title === '-- commit' ? [index + 1] : []));
}

/** Before every statement, but for those after one that leaves nothing in the file. */
function placesIn({ statements }: Ended): number[] {
  return statements.flatMap((_, index) =>
    kills >= 100 || index === 0 || !leavesNothing(statements[index - 1] ?? '') ? [index + 1] : [],
  );
}

/** What reads, what creates a table that there is, and what writes to a temporary one. */
function leavesNothing(title: string): boolean {
  return /^-- (create|read|count|look|list|check|land \w+: count) |: (find|gather|note|compute|leave|take th)|begin transaction|batch\$/.test(
    title.replace('take the lines away', 'delete'),
  );
}

/** One at random in each of so many parts of the time that a run takes, or a little longer. */
function moments({ elapsedMs }: Ended, count: number): number[] {
  return Array.from({ length: count }, (_, part) => ((part + Math.random()) / count) * elapsedMs * 1.1);
}
