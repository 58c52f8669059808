import { openTarget } from '../../../src/engines/index.ts';
import { codeOf } from '../../../src/errors.ts';

/** What this child process is asked to do: open the target, hold it for a while, and let go of it again. */
export interface Order {
  readonly target: string;
  readonly mode: 'read' | 'write';
  /** When to begin, in milliseconds since 1970, so that several begin together. */
  readonly at?: number;
  readonly holdMs?: number;
  readonly waitMs?: number;
}

/** What came of it: 'open' as soon as it holds the target, 'closed' when it has let go, or the code of the failure. */
export type Outcome = 'ready' | 'open' | 'closed' | string;

const now = (): number => performance.timeOrigin + performance.now();

const tell = (outcome: Outcome): void => {
  process.send?.(outcome);
};

process.on('message', async ({ target, mode, at = 0, holdMs = 0, waitMs = 0 }: Order) => {
  while (now() < at);
  try {
    const session = await openTarget(target, { mode, waitMs });
    tell('open');
    await new Promise((resolve) => setTimeout(resolve, holdMs));
    await session.close();
    tell('closed');
  } catch (error) {
    tell(codeOf(error) ?? String(error));
  }
});
// Bound now, so that opening takes no longer the first time.
await import('../../../src/engines/duckdb/connect.ts');
tell('ready');
