import type { Session } from '../engines/engine.ts';
import { readKeys, writeKeys } from '../ledger/known-keys.ts';
import { compareKeys, type Drift } from '../quality/drift.ts';
import type { LandedSource } from './land-source.ts';

export interface DriftBatch {
  readonly landed: readonly LandedSource[];
  /** What the batches before this one landed in the same run. */
  readonly earlier: readonly LandedSource[];
  readonly isLast: boolean;
  readonly runId: string;
}

/**
 * Compares the keys of what a batch landed with those known, and makes them known: inside the load transaction, so that
 * a run of several batches compares each with the ones before it.
 */
export async function noteKeys(session: Session, batch: DriftBatch): Promise<readonly Drift[]> {
  const { landed, earlier, isLast, runId } = batch;
  const known = await readKeys(session);
  const found: Drift[] = [];
  for (const { staging, keys: sample } of landed) {
    const source = staging.source.name;
    const linesOfRun = [...earlier, ...landed]
      .filter((one) => one.staging.source.name === source)
      .reduce((sum, { keys }) => sum + keys.lines, 0);
    if (linesOfRun === 0) continue;
    const before = known.get(source) ?? [];
    const { drift, keys } = compareKeys({
      source,
      runId,
      sample,
      known: before,
      linesOfRun: isLast ? linesOfRun : undefined,
    });
    found.push(...drift);
    await writeKeys(session, source, keys);
  }
  return found;
}
