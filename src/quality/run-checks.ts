import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { comment } from '../sql/quote.ts';
import { balanceChecks } from './balance.ts';
import { type CheckScope, everything } from './check-scope.ts';
import { type CheckStatement, type DerivedCheck, deriveChecks } from './derive-checks.ts';

export interface CheckResult extends DerivedCheck {
  /** How many rows, keys or objects break it; 0 when it passes. */
  readonly failures: bigint;
  readonly passed: boolean;
}

/** Every check statement of a warehouse, in the order in which they run. */
export function checkStatements(
  warehouse: Warehouse,
  { dialect }: Pick<Session, 'dialect'>,
  scope: CheckScope = everything,
): readonly CheckStatement[] {
  return [...balanceChecks(warehouse, scope), ...deriveChecks(warehouse, dialect, scope)];
}

/**
 * Runs every check, on all rows or on those that the batch under way touched; changes nothing and throws for none of
 * them.
 */
export function runChecks(
  warehouse: Warehouse,
  session: Session,
  scope: CheckScope = everything,
): Promise<readonly CheckResult[]> {
  return runStatements(session, checkStatements(warehouse, session, scope));
}

/** As `runChecks`, of the balance of the objects alone. */
export function runObjectBalance(
  warehouse: Warehouse,
  session: Session,
  scope: CheckScope,
): Promise<readonly CheckResult[]> {
  return runStatements(session, balanceChecks(warehouse, scope));
}

async function runStatements(session: Session, statements: readonly CheckStatement[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { checks, sql } of statements) {
    const { rows } = await session.all(`${comment(`check ${checks.map(({ name }) => name).join(', ')}`)}\n${sql}`);
    checks.forEach((check, index) => {
      const failures = BigInt(String(rows[0]?.[index] ?? 0));
      results.push({ ...check, failures, passed: failures === 0n });
    });
  }
  return results;
}

const balanceHint =
  '`sparkify sql` shows the statement of each check. Rows that somebody deleted or added are put right by `sparkify run --full-refresh`; where their object is in the root no more, run --forget-vanished first.';

/** @throws BALANCE or CHECK_FAILED naming each check of severity 'fail' that did not pass */
export function refuseFailures(results: readonly CheckResult[]): void {
  const broken = results.filter(({ passed, severity }) => !passed && severity === 'fail');
  if (broken.length === 0) return;
  const code = broken.some(({ kind }) => kind === 'balance') ? 'BALANCE' : 'CHECK_FAILED';
  const list = broken.map(({ name, failures, says }) => `\n  - ${name}: ${says}: ${failures}`).join('');
  throw new SparkifyError(code, `${broken.length === 1 ? 'A check' : `${broken.length} checks`} failed:${list}`, {
    hint:
      code === 'BALANCE'
        ? balanceHint
        : '`sparkify sql` shows the statement of each check; look for the rows it counts.',
    details: { checks: broken.map(({ name, failures }) => ({ name, failures: Number(failures) })) },
  });
}
