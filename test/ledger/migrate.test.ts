import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { run } from '../../src/pipeline/run.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { identifier } from '../../src/sql/quote.ts';
import { revisionNamed } from '../conformance/history/revisions.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

/** What makes a ledger of today one of version 1, as the first releases wrote it. */
const version1 = [
  'update etl.mutex set ledger_version = 1',
  'alter table etl.mutex drop column star_schema',
  'alter table etl.objects rename column fingerprint to mapping_hash',
  "update etl.objects set mapping_hash = 'of the mapping alone'",
  ...['roots', 'definitions', 'unreadable', 'keys', 'drift'].map((table) => `drop table etl.${table}`),
  ...['staging_events', 'staging_songs'].map((table) => `drop view etl.${table}_winners`),
  ...['staging_events', 'staging_songs'].flatMap((table) => [
    `drop table etl.${table}_duplicates`,
    `create table etl.${table}_duplicates (session_id integer, lines bigint, conflicting boolean)`,
    `create view etl.${table}_winners as select * from ${table}`,
  ]),
];

describe.each(testEngines)('a target of version 1 on $engine', ({ create }) => {
  let root: string;
  let target: string;
  let remove: () => void;
  const gone = logOf(eventLine({ sessionId: 9, userId: '8' }), '{broken');
  const day = {
    ...logOf(eventLine(), eventLine(), eventLine({ itemInSession: 1 })),
    key: 'log_data/2018/11/2018-11-16-events.json',
  };
  const runIt = (warehouse = sparkify) => run({ warehouse, root, target, toolVersion: 'test' });

  beforeEach(async () => {
    root = temporaryFolder();
    ({ target, remove } = create());
    writeBucket(root, [gone, day, songFile()]);
    await runIt();
    const session = await openTarget(target, { mode: 'write' });
    for (const sql of version1) await session.run(sql);
    await session.close();
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  test('is refused to readers, and brought to this version by a run, which keeps what has vanished since', async () => {
    await expect(verify(sparkify, target)).rejects.toMatchObject({ code: 'TARGET_OLDER' });
    const before = await readStar(target);
    rmSync(join(root, gone.key));
    expect(await runIt()).toMatchObject({ outcome: 'loaded', objects: { outdated: 2, vanished: 1, fresh: 0 } });
    expect(sorted(await readStar(target))).toEqual(sorted(before));
    const after = await openTarget(target, { mode: 'read' });
    expect((await after.all('select root from etl.roots')).rows).toEqual([[root]]);
    await after.close();
    expect((await verify(sparkify, target)).passed).toBe(true);
    expect(await runIt()).toMatchObject({ outcome: 'nothing new' });
  });

  test.each(['a place for songs', 'a wider year', 'no number of songs'])(
    'is given the columns of a declaration that comes with the new version: %s',
    async (name) => {
      const wider = { ...revisionNamed(name), version: 2 };
      expect(await runIt(wider)).toMatchObject({ outcome: 'loaded', objects: { outdated: 3 }, warnings: [] });
      expect(await verify(wider, target)).toMatchObject({ passed: true });
      expect(await runIt(wider)).toMatchObject({ outcome: 'nothing new' });
    },
  );
});

describe.each(testEngines)('a target of version 2 on $engine', ({ engine, create }) => {
  /** A schema beside, in which a user looks first, and is not the one in which the tables are. */
  const beside = async (session: Session) => {
    const [user] = (await session.all('select current_user')).rows[0] ?? [];
    await session.run(`create schema ${identifier(String(user))}`);
  };

  test.each(['in the schema of the run', ...(engine === 'duckdb' ? [] : ['in another one'])])(
    'is told of its star, which is %s',
    async (where) => {
      const { target, remove } = create();
      const root = temporaryFolder();
      writeBucket(root, [logOf(eventLine()), songFile()]);
      const runIt = () => run({ warehouse: sparkify, root, target, toolVersion: 'test' });
      await runIt();
      const session = await openTarget(target, { mode: 'write' });
      const told = (await session.all('select star_schema from etl.mutex')).rows;
      await session.run('alter table etl.mutex drop column star_schema');
      await session.run('update etl.mutex set ledger_version = 2');
      if (where === 'in another one') await beside(session);
      await session.close();
      if (where === 'in another one') await expect(runIt()).rejects.toMatchObject({ code: 'TARGET_ELSEWHERE' });
      else expect(await runIt()).toMatchObject({ outcome: 'nothing new' });
      const after = await openTarget(target, { mode: 'read' });
      expect((await after.all('select ledger_version, star_schema from etl.mutex')).rows).toEqual([
        [3n, ...told.flat()],
      ]);
      await after.close();
      expect(await verify(sparkify, target)).toMatchObject({ passed: true });
      removeFolder(root);
      remove();
    },
  );
});
