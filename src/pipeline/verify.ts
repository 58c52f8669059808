import type { Session } from '../engines/engine.ts';
import { engineOf, openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { confirmLedger, findLedger } from '../ledger/mutex.ts';
import { mutex } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { compareExpected, type ExpectedResult } from '../quality/expected.ts';
import { refuseAltered } from '../quality/found-tables.ts';
import { type CheckResult, runChecks } from '../quality/run-checks.ts';
import { shellWord } from '../shell-word.ts';

export interface VerifyReport {
  readonly checks: readonly CheckResult[];
  /** Empty unless expected results were given. */
  readonly expected: readonly ExpectedResult[];
  /** No check of severity 'fail' failed and every expected result matched. */
  readonly passed: boolean;
}

/**
 * Runs every check on what the target holds and compares the queries with their expected results. Changes nothing in it;
 * where it does not pass, the next run asks the target whatever is remembered of it.
 */
export async function verify(warehouse: Warehouse, target: string, expectedFolder?: string): Promise<VerifyReport> {
  const report = await reading(target, async (session) => {
    await refuseAltered(warehouse, session);
    const checks = await runChecks(warehouse, session);
    const expected = expectedFolder === undefined ? [] : await compareExpected(warehouse, session, expectedFolder);
    const passed =
      checks.every((check) => check.passed || check.severity === 'warn') && expected.every(({ matches }) => matches);
    return { checks, expected, passed };
  });
  if (!report.passed) await engineOf(target).forget(target);
  return report;
}

/**
 * Opens a target for reading only, and closes it again. Where it is not as it must be, what is remembered of it is
 * forgotten.
 * @throws TARGET_EMPTY when no run has created a warehouse there; TARGET_NEWER, TARGET_OLDER, TARGET_ELSEWHERE
 */
export async function reading<T>(target: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openTarget(target, { mode: 'read' });
  try {
    const ledger = await findLedger(session);
    await confirmLedger(session, ledger);
    if (!ledger.tables.has(mutex.name)) {
      const shown = engineOf(target).shown(target);
      throw new SparkifyError('TARGET_EMPTY', `${shown} holds no warehouse yet.`, {
        hint: `Load one first: sparkify run --from ROOT --target ${shellWord(shown)}`,
      });
    }
    return await work(session);
  } catch (error) {
    // A question that was put wrongly says nothing of the target.
    if (!(error instanceof SparkifyError) || error.code !== 'QUERY_FAILED') await engineOf(target).forget(target);
    throw error;
  } finally {
    await session.close();
  }
}
