import { setTimeout as wait } from 'node:timers/promises';
import { SparkifyError } from '../errors.ts';

/** Waits a moment before a target that somebody holds is tried again. @throws INTERRUPTED when the signal comes */
export async function pause(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(pauseMs, undefined, { signal }).catch(() => {
    throw new SparkifyError('INTERRUPTED', 'The run was asked to stop while it waited for the target.', {
      hint: 'Run again.',
      retryable: true,
    });
  });
}
