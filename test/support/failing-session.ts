import type { OpenOptions, Session } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';

/** Opens targets whose n-th statement fails before it is executed, as when the connection is cut there. */
export function failingAt(n: number): (target: string, options: OpenOptions) => Promise<Session> {
  return async (target, options) => {
    const session = await openTarget(target, options);
    let left = n;
    const count = () => {
      left -= 1;
      if (left === 0) throw new Error('injected');
    };
    return {
      ...session,
      run: async (sql) => {
        count();
        return session.run(sql);
      },
      all: async (sql) => {
        count();
        return session.all(sql);
      },
      insertRows: async (table, rows) => {
        count();
        return session.insertRows(table, rows);
      },
    };
  };
}
