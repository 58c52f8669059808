import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';
import { buildProduct } from './build-product.ts';
import { changeBucket, fillBucket } from './changing-bucket.ts';
import { runStates, stateOf } from './state.ts';

const pairs = 20;

let folder: string;
let product: string;
let root: string;
/** A warehouse loaded from the bucket before it changed. */
let loaded: string;
let whole: { readonly ofFirstLoad: string; readonly ofChanges: string };
beforeAll(async () => {
  folder = temporaryFolder();
  product = buildProduct(folder);
  root = join(folder, 'bucket');
  loaded = join(folder, 'loaded.duckdb');
  fillBucket(root);
  await load(loaded);
  changeBucket(root);
  const [fresh, changed] = [join(folder, 'fresh.duckdb'), join(folder, 'changed.duckdb')];
  copyFileSync(loaded, changed);
  await load(fresh);
  await load(changed);
  whole = { ofFirstLoad: await stateOf(`duckdb:${fresh}`), ofChanges: await stateOf(`duckdb:${changed}`) };
});
afterAll(() => removeFolder(folder));

const load = (path: string) => run({ warehouse: sparkify, root, target: `duckdb:${path}`, toolVersion: 'test' });

test('of two runs at once one loads, and the other says who does and ends with 1', async () => {
  for (let pair = 0; pair < pairs; pair += 1) {
    const { path, state } = newTarget(pair);
    const both = [startRun(path), startRun(path)];
    const holder = await holderOf(path);
    await wait(Math.random() * 30);
    // Stands still, so that both are at it at once however busy the machine is.
    process.kill(holder, 'SIGSTOP');
    const [winner, loser] = both[0]?.child.pid === holder ? both : both.toReversed();
    const lost = await loser?.end();
    process.kill(holder, 'SIGCONT');
    expect(await winner?.end()).toMatchObject({ code: 0, told: { outcome: 'loaded' } });
    expect(lost).toMatchObject({ code: 1, told: { error: { code: 'TARGET_IN_USE', details: { pid: holder } } } });
    expect(JSON.stringify(lost?.told)).toContain(`process ${holder} on ${hostname()} since 20`);
    expect(await stateOf(`duckdb:${path}`)).toBe(state);
    expect(existsSync(`${path}.holder`)).toBe(false);
  }
}, 600_000);

test('of two runs that wait both succeed, one after the other', async () => {
  for (let pair = 0; pair < pairs / 4; pair += 1) {
    const { path, state } = newTarget(pair);
    const both = [startRun(path, '--wait'), startRun(path, '--wait', '300')];
    const ends = await Promise.all(both.map(({ end }) => end()));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect(ends.map(({ told }) => told.outcome).toSorted()).toEqual(['loaded', 'nothing new']);
    expect(await stateOf(`duckdb:${path}`)).toBe(state);
    expect(await runStates(`duckdb:${path}`)).toEqual(pair % 2 === 0 ? ['done'] : ['done', 'done']);
  }
}, 600_000);

/** By turns a target that is not there yet, and one that is loaded already. */
function newTarget(pair: number): { readonly path: string; readonly state: string } {
  targets += 1;
  const path = join(folder, `${targets}.duckdb`);
  if (pair % 2 === 0) return { path, state: whole.ofFirstLoad };
  copyFileSync(loaded, path);
  return { path, state: whole.ofChanges };
}

let targets = 0;

interface StartedRun {
  readonly child: ChildProcess;
  /** Its exit code, and the JSON it printed. */
  end(): Promise<{ readonly code: number; readonly told: Record<string, unknown> }>;
}

/** The program as people call it. */
function startRun(path: string, ...options: readonly string[]): StartedRun {
  const argv = ['run', '--from', root, '--target', `duckdb:${path}`, '--json', ...options];
  const child = spawn(process.execPath, [join(product, 'cli/main.js'), ...argv], { cwd: folder });
  const closed = once(child, 'close');
  const printed = text(child.stdout);
  return {
    child,
    end: async () => {
      const [code] = await closed;
      return { code, told: JSON.parse(await printed) };
    },
  };
}

/** The process that the note beside a target names, as soon as there is one. */
async function holderOf(path: string): Promise<number> {
  for (;;) {
    try {
      return (JSON.parse(readFileSync(`${path}.holder`, 'utf8')) as { pid: number }).pid;
    } catch {
      await wait(1);
    }
  }
}
