import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';

/** Waits so many milliseconds. @throws INTERRUPTED when the signal comes meanwhile */
export type Pause = (pauseMs: number, signal: AbortSignal | undefined) => Promise<void>;

export interface BeginAgain {
  readonly session: Pick<Session, 'reconnect'>;
  readonly pause: Pause;
  readonly signal: AbortSignal | undefined;
  /** Whether the work may be done that was done already, so that it begins again where this is not known. Default false. */
  readonly isRepeatable?: boolean;
  /** Done before each further attempt, with the connection there again. Default: nothing. */
  readonly prepare?: () => Promise<void>;
}

/** How often something is attempted that the target broke off, in all. */
const attempts = 5;

/** Longer each time, half a minute in all, and never the same, so that two that are in each other's way part. */
const pauseMs = (attempt: number): number => 2 ** attempt * 1_000 * (0.5 + Math.random() / 2);

/**
 * Does it, and begins again where the target broke it off, so that nothing of it was done, or does not answer since.
 * @throws what the last attempt ended with, with the number of `attempts` in its details
 */
export async function beginAgain<T>(
  work: () => Promise<T>,
  { session, pause, signal, isRepeatable = false, prepare = async () => {} }: BeginAgain,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (attempt > 1) {
        await session.reconnect();
        await prepare();
      }
      return await work();
    } catch (error) {
      if (!(error instanceof SparkifyError)) throw error;
      if (!isPassing(error, attempt) && !(isRepeatable && error.code === 'COMMIT_UNKNOWN')) throw error;
      if (attempt === attempts) {
        error.addDetail('attempts', attempts);
        throw error;
      }
      await pause(pauseMs(attempt), signal);
    }
  }
}

/** A server that has dropped its connections may take none for a while. */
function isPassing({ code, retryable }: SparkifyError, attempt: number): boolean {
  return code === 'TRANSACTION_BROKEN' || (attempt > 1 && code === 'TARGET_UNUSABLE' && retryable);
}
