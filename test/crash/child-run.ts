import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Where a process kills itself: before a statement, counted from 1, or so long after handing it to the engine. */
export interface DyingPlace {
  readonly statement: number;
  readonly afterMs?: number;
}

export interface ChildRun {
  /** The built product. */
  readonly product: string;
  readonly run: { readonly root: string; readonly target: string; readonly batchBytes?: number };
  readonly dieAt?: DyingPlace | undefined;
  /** Killed from outside, so long after the run began. */
  readonly killAfterMs?: number | undefined;
}

/** What a run did that came to its end. */
export interface Ended {
  /** The first line of each. */
  readonly statements: readonly string[];
  readonly elapsedMs: number;
}

/** Runs the product in a process of its own, to its end, or to its death, of which nothing is told. */
export async function runInChild({ killAfterMs, ...orders }: ChildRun): Promise<Ended | undefined> {
  const child = fork(join(import.meta.dirname, 'run-and-die.mjs'), [JSON.stringify(orders)], { execArgv: [] });
  let startedAt = 0;
  let ended: Ended | undefined;
  child.on('message', (message: 'started' | { statements: readonly string[] }) => {
    if (message !== 'started') {
      ended = { ...message, elapsedMs: performance.now() - startedAt };
    } else {
      startedAt = performance.now();
      if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    }
  });
  const [code, signal] = await once(child, 'close');
  if (signal === 'SIGKILL' || ended) return ended;
  throw new Error(`the child ended with ${code ?? signal}`);
}
