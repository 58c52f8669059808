import { counted } from './numbers.ts';
import type { Paint } from './style.ts';

/** An error as it is shown. What is no SparkifyError is a bug of this tool and has the code BUG. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** Shown only to who asks for it. */
  readonly stack?: string | undefined;
}

/** `✖ CODE message`, what was committed before, and the hint on a line of its own. */
export function renderFailure(
  { code, message, hint, details = {} }: Pick<Failure, 'code' | 'message' | 'hint'> & Partial<Failure>,
  paint: Paint,
): string {
  const lines = [`${paint.red('✖')} ${paint.bold(code)} ${message}`];
  const { committedBatches } = details;
  if (typeof committedBatches === 'number' && code !== 'COMMIT_UNKNOWN') lines.push(`  ${whatStays(committedBatches)}`);
  if (hint) lines.push(`  ${paint.dim('→')} ${hint}`);
  return lines.join('\n');
}

function whatStays(committedBatches: number): string {
  return committedBatches === 0
    ? 'Nothing was changed.'
    : `${counted(committedBatches, 'batch', 'batches')} before it ${committedBatches === 1 ? 'stays' : 'stay'} loaded.`;
}
