import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../src/engines/index.ts';
import type { Effects } from '../../src/pipeline/report.ts';
import { type RunOptions, run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { oracle } from '../oracle/oracle.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

/** What happens between the moment when a run lists the root and the moment when it has the target to itself. */
describe.each(testEngines)('on $engine, between listing and opening', ({ create }) => {
  let root: string;
  let target: string;
  let remove: () => void;
  const song = songFile();
  const day = logOf(eventLine(), eventLine({ itemInSession: 1, page: 'Home' }));
  const nextDay = { key: 'log_data/2018/11/2018-11-16-events.json', content: eventLine({ sessionId: 8 }) };

  beforeEach(() => {
    root = temporaryFolder();
    ({ target, remove } = create());
    writeBucket(root, [day, song]);
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  const runIt = (options: Partial<RunOptions> = {}, effects: Partial<Effects> = {}) =>
    run({ warehouse: sparkify, root, target, toolVersion: 'test', ...options }, effects);

  /** Opens the target after something else was done. */
  const openAfter = (work: () => Promise<unknown>): Effects['open'] => {
    return async (...how) => {
      await work();
      return openTarget(...how);
    };
  };

  test('another run loads a new object, which has not vanished', async () => {
    const first = openAfter(async () => {
      writeBucket(root, [nextDay]);
      await runIt();
    });
    expect(await runIt({}, { open: first })).toMatchObject({ objects: { vanished: 0 } });
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([day, nextDay, song]))));
    const session = await openTarget(target, { mode: 'read' });
    expect((await session.query('select distinct state from etl.objects')).rows).toEqual([['loaded']]);
    await session.close();
  });

  test('such an object is not forgotten either', async () => {
    await runIt();
    const first = openAfter(async () => {
      writeBucket(root, [nextDay]);
      await runIt();
    });
    await runIt({ forgetVanished: true, yes: true }, { open: first });
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([day, nextDay, song]))));
  });

  test.each([
    ['is written', () => writeBucket(root, [{ ...day, content: `${day.content}\n${eventLine({ sessionId: 9 })}` }])],
    ['is removed', () => rmSync(join(root, day.key))],
  ])('a changed object %s once more: the others are loaded, and the next run takes it', async (_, change) => {
    await runIt();
    writeBucket(root, [{ ...day, content: eventLine({ level: 'paid' }) }, nextDay]);
    const report = await runIt({ allowShrink: true }, { open: openAfter(async () => change()) });
    expect(report.unreadable).toMatchObject([{ uri: join(root, day.key), code: 'OBJECT_CHANGED' }]);
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([day, nextDay, song]))));
    const { unreadable } = await runIt({ allowShrink: true });
    expect(unreadable).toEqual([]);
  });
});
