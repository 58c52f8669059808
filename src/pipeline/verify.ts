import type { Session } from '../engines/engine.ts';
import { engineOf, openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { confirmLedgerVersion, hasLedger } from '../ledger/ledger.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { compareExpected, type ExpectedResult } from '../quality/expected.ts';
import { refuseMissing } from '../quality/missing-tables.ts';
import { type CheckResult, runChecks } from '../quality/run-checks.ts';

export interface VerifyReport {
  readonly checks: readonly CheckResult[];
  /** Empty unless expected results were given. */
  readonly expected: readonly ExpectedResult[];
  /** No check of severity 'fail' failed and every expected result matched. */
  readonly passed: boolean;
}

/** Runs every check on what the target holds and compares the queries with their expected results. Changes nothing. */
export async function verify(warehouse: Warehouse, target: string, expectedFolder?: string): Promise<VerifyReport> {
  return reading(target, async (session) => {
    await refuseMissing(warehouse, session);
    const checks = await runChecks(warehouse, session);
    const expected = expectedFolder === undefined ? [] : await compareExpected(warehouse, session, expectedFolder);
    const passed =
      checks.every((check) => check.passed || check.severity === 'warn') && expected.every(({ matches }) => matches);
    return { checks, expected, passed };
  });
}

/**
 * Opens a target for reading only, and closes it again.
 * @throws TARGET_EMPTY when no run has created a warehouse there; TARGET_NEWER
 */
export async function reading<T>(target: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openTarget(target, { mode: 'read' });
  try {
    if (!(await hasLedger(session))) {
      const shown = engineOf(target).shown(target);
      throw new SparkifyError('TARGET_EMPTY', `${shown} holds no warehouse yet.`, {
        hint: `Load one first: sparkify run --from ROOT --target ${shown}`,
      });
    }
    await confirmLedgerVersion(session);
    return await work(session);
  } finally {
    await session.close();
  }
}
