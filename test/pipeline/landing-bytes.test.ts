import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import type { Effects } from '../../src/pipeline/report.ts';
import { run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, songFile } from '../oracle/build-bucket.ts';
import { oracle } from '../oracle/oracle.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

/** Objects of a source that are landed and loaded a few at a time, one load under way while the next objects land. */
describe.each(testEngines)('on $engine, one object at a time', ({ create }) => {
  let root: string;
  let target: string;
  let remove: () => void;
  const day = (date: number, ...lines: readonly string[]) => ({
    key: `log_data/2018/11/2018-11-${date}-events.json`,
    content: `${lines.join('\n')}\n`,
  });
  const song = songFile();
  const days = [10, 11, 12, 13].map((date) =>
    day(date, eventLine({ sessionId: date }), eventLine({ sessionId: date, itemInSession: 1, level: 'paid' })),
  );
  const damaged = day(14, eventLine({ sessionId: 14 }), '{"ts":', eventLine({ sessionId: 15 }));

  beforeEach(() => {
    root = temporaryFolder();
    ({ target, remove } = create());
    writeBucket(root, [...days, damaged, song]);
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  let loads: string[] = [];
  /** Counts what is loaded, and fails at one of it. */
  const openToLoad =
    (failAt = 0): Effects['open'] =>
    async (...how) => {
      const session: Session = await openTarget(...how);
      return {
        ...session,
        landingBytes: 1,
        loadLanded: async (staging, landing) => {
          loads.push(staging.name);
          if (loads.length === failAt) throw new Error('injected');
          return session.loadLanded(staging, landing);
        },
      };
    };
  const runIt = (open: Effects['open']) => {
    loads = [];
    return run({ warehouse: sparkify, root, target, toolVersion: 'test' }, { open });
  };

  test('the tables are those of one load, and so are the counts', async () => {
    const report = await runIt(openToLoad());
    expect(loads.toSorted()).toEqual([...Array(5).fill('staging_events'), 'staging_songs']);
    expect(report.sources).toContainEqual(
      expect.objectContaining({ source: 'events', objects: 5, linesRead: 11, linesLoaded: 10, linesRejected: 1 }),
    );
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([...days, damaged, song]))));
  });

  test('what grew, what was replaced and what is new come in together', async () => {
    await runIt(openToLoad());
    const grown = { ...days[0], content: `${days[0]?.content}${eventLine({ sessionId: 20 })}\n` } as (typeof days)[0];
    const others = [day(11, eventLine({ sessionId: 21 }), eventLine({ sessionId: 22 })), day(16, eventLine())];
    writeBucket(root, [grown, ...others]);
    await runIt(openToLoad());
    expect(loads).toHaveLength(3);
    const now = [grown, ...others, ...days.slice(2), damaged, song];
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle(now))));
  });

  test.each([1, 3, 6])('a run whose load %i fails changes nothing, and the next one loads it all', async (failAt) => {
    await expect(runIt(openToLoad(failAt))).rejects.toThrow('injected');
    expect(loads.length).toBeGreaterThanOrEqual(failAt);
    expect(Object.values(await readStar(target)).flat()).toEqual([]);
    await runIt(openToLoad());
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([...days, damaged, song]))));
  });

  test('a statement that fails in a load is told, not the rejects that land meanwhile and can then not be written', async () => {
    const open: Effects['open'] = async (...how) => {
      const session = await openTarget(...how);
      let loadsOfEvents = 0;
      return {
        ...session,
        landingBytes: 1,
        loadLanded: async (staging, landing) => {
          if (staging.name === 'staging_events') loadsOfEvents += 1;
          if (loadsOfEvents < 4) return session.loadLanded(staging, landing);
          await session.run('-- load the day before the damaged one\nselect * from nowhere');
        },
      };
    };
    await expect(runIt(open)).rejects.toThrow(/^load the day before the damaged one failed/);
    expect(Object.values(await readStar(target)).flat()).toEqual([]);
  });
});
