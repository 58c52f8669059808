import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verify } from '../../src/pipeline/verify.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { oracle } from '../oracle/oracle.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { testEngines } from '../support/targets.ts';
import { live, type Step, step } from './history.ts';

/** The SQL is the same on every engine; servers take longer over as many statements. */
const histories = { duckdb: 200, postgres: 40, redshift: 12 } as const;
const asked = process.env.TEST_RUNS;

describe.each(testEngines)('on $engine', (engine) => {
  test('after any history of bucket, runs, batches and failures the star is that of what was observed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 25 }), (steps) => confirm(steps)),
      { numRuns: asked === undefined ? histories[engine.engine] : Number(asked) },
    );
  }, 3_600_000);

  async function confirm(steps: readonly Step[]): Promise<void> {
    const observed = await live(steps, engine);
    try {
      if (observed.objects.length === 0) return;
      expect(sorted(await readStar(observed.target))).toEqual(sorted(tablesOf(oracle(observed.objects))));
      const { checks } = await verify(sparkify, observed.target);
      expect(checks.filter(({ passed, severity }) => !passed && severity === 'fail')).toEqual([]);
    } finally {
      observed.remove();
    }
  }
});
