import type { OpenOptions, Session } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';

/** What goes wrong: right after the first statement whose title matches, other statements of nobody's are executed. */
export interface Sabotage {
  readonly after: RegExp;
  readonly run: readonly string[];
}

/** Opens targets in which a stage of a run does what it must not, and counts how often it did. */
export function sabotaged({ after, run: damage }: Sabotage) {
  let times = 0;
  const open = async (target: string, options: OpenOptions): Promise<Session> => {
    const session = await openTarget(target, options);
    const goWrong = async (title: string) => {
      if (times > 0 || !after.test(title)) return;
      times += 1;
      for (const sql of damage) await session.run(`-- sabotage\n${sql}`);
    };
    return {
      ...session,
      run: async (sql) => {
        const changed = await session.run(sql);
        await goWrong(sql.split('\n', 1)[0] ?? '');
        return changed;
      },
      insertRows: async (table, rows) => {
        await session.insertRows(table, rows);
        await goWrong(`-- add rows to ${table.name}`);
      },
    };
  };
  return { open, times: () => times };
}
