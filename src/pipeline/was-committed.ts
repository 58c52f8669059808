import type { Session } from '../engines/engine.ts';
import { messageOf, SparkifyError } from '../errors.ts';
import { countChecks } from '../ledger/ledger.ts';
import { beginAgain, type Pause } from './begin-again.ts';

export interface Commit {
  readonly session: Session;
  readonly runId: string;
  /** How many rows of etl.checks the run had committed before. */
  readonly checksBefore: number;
  readonly pause: Pause;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds out whether a batch was committed whose connection was lost meanwhile, by the checks it recorded. In a
 * transaction, which waits for the lock: the lost one may be under way still.
 * @throws COMMIT_UNKNOWN (the one given) where it cannot be found out
 */
export async function wasCommitted(
  { session, runId, checksBefore, pause, signal }: Commit,
  unknown: SparkifyError,
): Promise<boolean> {
  const count = async () => {
    await session.reconnect();
    return session.transaction(() => countChecks(session, runId));
  };
  try {
    return (await beginAgain(count, { session, pause, signal })) > checksBefore;
  } catch (error) {
    unknown.addDetail('lookup', messageOf(error));
    throw unknown;
  }
}

/** What to throw where it was not: as if the connection had been lost before. */
export function notCommitted(unknown: SparkifyError): SparkifyError {
  return new SparkifyError('TRANSACTION_BROKEN', 'The connection was lost at the commit, which did not happen.', {
    hint: 'Run again.',
    cause: unknown,
    details: unknown.details,
    retryable: true,
  });
}
