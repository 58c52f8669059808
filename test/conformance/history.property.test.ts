import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { testEngines } from '../support/targets.ts';
import { confirmAsFresh, confirmAsOracle } from './history/confirm.ts';
import { revisingStep, step } from './history/step.ts';

/** The SQL is the same on every engine; servers take longer over as many statements. */
const histories = { duckdb: 120, postgres: 24, redshift: 8 } as const;
const asked = process.env.TEST_RUNS;

describe.each(testEngines)('on $engine', (engine) => {
  const numRuns = asked === undefined ? histories[engine.engine] : Number(asked);

  test('after any history of bucket, runs, batches and failures the star is that of what was observed', async () => {
    const steps = fc.array(step, { minLength: 2, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, (history) => confirmAsOracle(history, engine)),
      { numRuns },
    );
  }, 36_000_000);

  test('with changes of the declaration too it is that of a fresh warehouse that observed the same', async () => {
    const steps = fc.array(revisingStep, { minLength: 2, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, (history) => confirmAsFresh(history, engine)),
      { numRuns },
    );
  }, 36_000_000);
});
