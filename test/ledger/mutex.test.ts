import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../src/engines/index.ts';
import type { SparkifyError } from '../../src/errors.ts';
import { type RunOptions, run } from '../../src/pipeline/run.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

describe.each(testEngines)('a ledger whose mutex somebody has removed, on $engine', ({ create }) => {
  let root: string;
  let target: string;
  let remove: () => void;
  const runIt = (options: Partial<RunOptions> = {}) =>
    run({ warehouse: sparkify, root, target, toolVersion: 'test', ...options });
  const starSchemas = async () => {
    const session = await openTarget(target, { mode: 'read' });
    const { rows } = await session.all('select star_schema from etl.mutex');
    await session.close();
    return rows;
  };
  const runSql = async (sql: string) => {
    const session = await openTarget(target, { mode: 'write' });
    await session.run(sql);
    await session.close();
  };

  beforeEach(() => {
    root = temporaryFolder();
    ({ target, remove } = create());
    writeBucket(root, [logOf(eventLine()), songFile()]);
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  test('is not taken for a new one, and goes on with the row that the message gives', async () => {
    await runIt();
    const before = sorted(await readStar(target));
    const told = await starSchemas();
    await runSql('delete from etl.mutex');
    writeBucket(root, [songFile({ song_id: 'SO2', title: 'Tin Boats' })]);
    const refusal = await runIt().then(
      () => expect.fail('it was taken for a new one'),
      (error: unknown) => error as SparkifyError,
    );
    expect(refusal).toMatchObject({ code: 'TARGET_UNUSABLE', message: 'etl.mutex has 0 rows, where one must be.' });
    expect(sorted(await readStar(target))).toEqual(before);
    await runSql(String(refusal.hint).replace(/^.*, by /, ''));
    expect(await starSchemas()).toEqual(told);
    expect(await runIt()).toMatchObject({ outcome: 'loaded', objects: { fresh: 1, unchanged: 2 } });
  });

  test('is not taken for whole where it has two rows, by readers neither', async () => {
    await runIt();
    await runSql('insert into etl.mutex select * from etl.mutex');
    for (const refused of [() => runIt({ fullRefresh: true }), () => verify(sparkify, target)]) {
      await expect(refused()).rejects.toMatchObject({
        code: 'TARGET_UNUSABLE',
        message: 'etl.mutex has 2 rows, where one must be.',
      });
    }
  });

  test('is not taken for a new one where nothing was loaded, but tables were noted', async () => {
    await runIt();
    for (const table of ['objects', 'mutex', 'roots', 'runs']) await runSql(`delete from etl.${table}`);
    await expect(runIt()).rejects.toMatchObject({ code: 'TARGET_UNUSABLE' });
  });
});
