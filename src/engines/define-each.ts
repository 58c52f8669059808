import type { TitledDdl } from '../sql/dialect.ts';
import { comment } from '../sql/quote.ts';
import type { Session } from './engine.ts';

/** Runs statements that find out themselves whether there is something to do. */
export async function defineEach(
  run: Session['run'],
  statements: readonly TitledDdl[],
  before: () => Promise<void> = async () => {},
): Promise<void> {
  await before();
  for (const { title, sql } of statements) await run(`${comment(title)}\n${sql}`);
}
