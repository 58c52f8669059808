import { expect } from 'vitest';
import { verify } from '../../../src/pipeline/verify.ts';
import { oracle } from '../../oracle/oracle.ts';
import { readStar, sorted, tablesOf } from '../../support/read-star.ts';
import type { TestEngine } from '../../support/targets.ts';
import { loadFresh } from './fresh.ts';
import { live, type Observed } from './live.ts';
import type { Step } from './step.ts';

/** Lives through a history, in the end of which the tables must be those that the oracle works out. */
export function confirmAsOracle(steps: readonly Step[], engine: TestEngine): Promise<void> {
  return confirm(steps, engine, async ({ target, objects }) => {
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle(objects))));
  });
}

/** Lives through a history, in the end of which the tables must be those of a fresh warehouse that observed the same. */
export function confirmAsFresh(steps: readonly Step[], engine: TestEngine): Promise<void> {
  return confirm(steps, engine, async (observed) => {
    const fresh = await loadFresh(observed, engine);
    try {
      expect(sorted(await readStar(observed.target))).toEqual(sorted(await readStar(fresh.target)));
    } finally {
      fresh.remove();
    }
  });
}

async function confirm(
  steps: readonly Step[],
  engine: TestEngine,
  compare: (observed: Observed) => Promise<void>,
): Promise<void> {
  const observed = await live(steps, engine);
  try {
    if (observed.objects.length === 0) return;
    await compare(observed);
    const { checks } = await verify(observed.options.warehouse, observed.target);
    expect(checks.filter(({ passed, severity }) => !passed && severity === 'fail')).toEqual([]);
  } finally {
    observed.remove();
  }
}
