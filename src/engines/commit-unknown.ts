import { SparkifyError } from '../errors.ts';

/** Of a connection lost at the commit: nobody knows what became of it. `shown` is `host:port/database`. */
export function commitUnknown(shown: string, cause: unknown): SparkifyError {
  return new SparkifyError('COMMIT_UNKNOWN', `The connection to ${shown} was lost at the commit.`, {
    hint: 'Run again: the ledger tells what is loaded, and nothing is loaded twice.',
    cause,
    details: { target: shown },
    retryable: true,
  });
}
