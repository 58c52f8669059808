import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import { countChecks } from '../ledger/ledger.ts';
import { beginAgain, type Pause } from './begin-again.ts';

export interface Commit {
  readonly session: Session;
  readonly runId: string;
  /** How many rows of etl.checks the run had committed before. */
  readonly checksBefore: number;
  readonly pause: Pause;
}

/**
 * Finds out whether a transaction was committed whose connection was lost meanwhile, by the checks it recorded. In a
 * transaction of its own, which waits for the lock: the lost one may be still under way.
 * @throws COMMIT_UNKNOWN (the one given) where it cannot be found out
 */
export async function wasCommitted(
  { session, runId, checksBefore, pause }: Commit,
  unknown: SparkifyError,
): Promise<boolean> {
  try {
    const count = () => session.transaction(() => countChecks(session, runId));
    return (await beginAgain(count, async () => {}, pause)) > checksBefore;
  } catch (error) {
    unknown.addDetail('lookup', error instanceof SparkifyError ? error.message : String(error));
    throw unknown;
  }
}

/** What to throw where it was not: the same as if the connection had been lost before. */
export function notCommitted(unknown: SparkifyError): SparkifyError {
  const { hint = '', cause, details } = unknown;
  return new SparkifyError('TRANSACTION_BROKEN', 'The connection was lost at the commit, which did not happen.', {
    hint,
    cause,
    details,
    retryable: true,
  });
}
