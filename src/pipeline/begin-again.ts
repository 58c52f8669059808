import { codeOf, SparkifyError } from '../errors.ts';

/** How one waits between attempts. */
export type Pause = (milliseconds: number) => Promise<void>;

/** How often something is attempted that the target broke off, in all. */
const attempts = 5;

/** Longer each time, and never the same, so that two that are in each other's way part. */
const pauseMs = (attempt: number): number => 2 ** attempt * 500 * (0.5 + Math.random());

/**
 * Does it, and begins again where the target broke the transaction off: nothing of it was done.
 * @param prepare done before each further attempt
 */
export async function beginAgain<T>(work: () => Promise<T>, prepare: () => Promise<void>, pause: Pause): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (attempt > 1) await prepare();
      return await work();
    } catch (error) {
      if (codeOf(error) !== 'TRANSACTION_BROKEN') throw error;
      if (attempt === attempts) throw tooOften(error);
      await pause(pauseMs(attempt));
    }
  }
}

function tooOften(error: unknown): unknown {
  if (error instanceof SparkifyError) error.addDetail('attempts', attempts);
  return error;
}
