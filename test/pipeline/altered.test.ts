import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import type { SparkifyError } from '../../src/errors.ts';
import { ledgerTables } from '../../src/ledger/tables.ts';
import { doctor } from '../../src/pipeline/doctor.ts';
import { type RunOptions, run } from '../../src/pipeline/run.ts';
import { showPlan } from '../../src/pipeline/show-plan.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { oracle } from '../oracle/oracle.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

const day = logOf(eventLine(), eventLine({ itemInSession: 1 }), '{broken');
const otherDay = {
  ...logOf(eventLine(), eventLine({ sessionId: 9, userId: '8' })),
  key: 'log_data/2018/11/2018-11-16-events.json',
};
const objects = [day, otherDay, songFile(), songFile({ song_id: 'SO2', title: 'Tin Boats' })];
const broken = { key: 'log_data/2018/12/2018-12-01-events.json', content: '{broken\n' };
const starOf = (...loaded: Parameters<typeof oracle>[0]) => sorted(tablesOf(oracle(loaded)));

describe.each(testEngines)('a target that somebody has altered, on $engine,', ({ engine, create }) => {
  let root: string;
  let target: string;
  let remove: () => void;

  /** As another version each time, since one and the same may trust the listing it remembers without asking the target. */
  let version = 0;
  const runIt = (options: Partial<RunOptions> = {}) => {
    version += 1;
    return run({ warehouse: sparkify, root, target, toolVersion: String(version), ...options });
  };

  async function runSql(...statements: readonly string[]): Promise<void> {
    const session = await openTarget(target, { mode: 'write' });
    try {
      for (const sql of statements) await session.run(sql);
    } finally {
      await session.close();
    }
  }

  async function ask(sql: string): Promise<readonly (readonly Value[])[]> {
    const session = await openTarget(target, { mode: 'read' });
    try {
      return (await session.all(sql)).rows;
    } finally {
      await session.close();
    }
  }

  async function confirmWhole(...loaded: typeof objects): Promise<void> {
    expect(sorted(await readStar(target))).toEqual(starOf(...loaded));
    expect(await verify(sparkify, target)).toMatchObject({ passed: true });
    expect(await runIt()).toMatchObject({ outcome: 'nothing new' });
  }

  /** A run and a plan for a period, also with `yes`, and nothing is changed by them. */
  async function confirmNoPeriod(tables: string, what = 'of 1 object out of the period'): Promise<void> {
    const period = { since: '2018-11-16', until: undefined };
    const refusal = {
      code: 'TARGET_UNUSABLE',
      message: `${tables} would lack lines or values ${what}.`,
    };
    const before = await ask('select * from songplays order by 1');
    const { refusals } = await showPlan({ warehouse: sparkify, root, target, period });
    expect(refusals).toContainEqual(expect.objectContaining(refusal));
    await expect(runIt({ period, yes: true })).rejects.toMatchObject(refusal);
    expect(await ask('select * from songplays order by 1')).toEqual(before);
  }

  /** A root that the warehouse does not know. */
  function other(): string {
    const folder = temporaryFolder();
    writeBucket(folder, objects);
    return folder;
  }

  beforeEach(async () => {
    root = temporaryFolder();
    ({ target, remove } = create());
    writeBucket(root, objects);
    await runIt();
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  describe('by taking a staging table away,', () => {
    beforeEach(() => runSql('drop table staging_events cascade'));

    test('has it landed again', async () => {
      expect(await runIt()).toMatchObject({ outcome: 'loaded', objects: { fresh: 2, unchanged: 2 } });
      await confirmWhole(...objects);
    });

    test('has it landed again in one batch, as between two the star would be short', async () => {
      expect(await runIt({ batchBytes: 1 })).toMatchObject({ outcome: 'loaded', batches: 1 });
      await confirmWhole(...objects);
    });

    test('is not loaded for a period, in which the rest would be missing', async () => {
      await confirmNoPeriod('staging_events');
      await runIt();
      await confirmWhole(...objects);
    });

    test('is loaded for a period that holds all that was loaded', async () => {
      writeBucket(root, [{ ...logOf(eventLine({ sessionId: 12 })), key: 'log_data/2018/12/2018-12-01-events.json' }]);
      const period = { since: undefined, until: '2018-11-30' };
      expect(await runIt({ period })).toMatchObject({ outcome: 'loaded', objects: { fresh: 2 } });
      expect(sorted(await readStar(target))).toEqual(starOf(...objects));
    });

    test('is not loaded for a period either after a run that failed on the way', async () => {
      writeBucket(root, [broken]);
      await expect(runIt({ maxRejects: { lines: 0 } })).rejects.toMatchObject({ code: 'TOO_MANY_REJECTS' });
      rmSync(join(root, broken.key));
      await confirmNoPeriod('staging_events');
      await runIt();
      await confirmWhole(...objects);
    });

    test('asks before objects are forgotten that are not there to be landed again', async () => {
      rmSync(join(root, day.key));
      for (const fullRefresh of [false, true]) {
        await expect(runIt({ fullRefresh })).rejects.toMatchObject({
          code: 'CONFIRMATION_NEEDED',
          message: 'staging_events lacks the lines of 1 object that the root has no more: they would be forgotten.',
        });
      }
      expect(await runIt({ yes: true })).toMatchObject({ outcome: 'loaded' });
      await confirmWhole(...objects.slice(1));
    });

    test('does not ask about an object that had no lines', async () => {
      const blank = { key: 'log_data/2018/12/2018-12-02-events.json', content: '\n\n' };
      await runIt();
      writeBucket(root, [blank]);
      await runIt();
      await runSql('drop table staging_events cascade');
      rmSync(join(root, blank.key));
      expect(await runIt()).toMatchObject({ outcome: 'loaded' });
      await confirmWhole(...objects);
    });

    test('remembers what it lacks when a run fails on the way', async () => {
      writeBucket(root, [broken]);
      await expect(runIt({ maxRejects: { lines: 0 } })).rejects.toMatchObject({ code: 'TOO_MANY_REJECTS' });
      for (const { key } of [broken, day]) rmSync(join(root, key));
      await expect(runIt()).rejects.toMatchObject({
        code: 'CONFIRMATION_NEEDED',
        message: 'staging_events lacks the lines of 1 object that the root has no more: they would be forgotten.',
      });
      writeBucket(root, [day]);
      expect(await runIt()).toMatchObject({ outcome: 'loaded', objects: { fresh: 2, unchanged: 2 } });
      await confirmWhole(...objects);
    });

    test('asks before objects of another root are forgotten, and has each root landed again in turn', async () => {
      const other = temporaryFolder();
      const more = { ...logOf(eventLine({ sessionId: 11 })), key: 'log_data/2018/12/2018-12-01-events.json' };
      writeBucket(other, [more]);
      await runIt();
      await runIt({ root: other, addRoot: true });
      await runSql('drop table staging_events cascade');
      rmSync(join(root, day.key));
      await expect(runIt()).rejects.toMatchObject({
        code: 'CONFIRMATION_NEEDED',
        message: [
          'staging_events lacks the lines of 1 object that the root has no more: they would be forgotten.',
          `staging_events lacks the lines of 1 object of ${other}: they would be forgotten until a run from there.`,
        ].join(' '),
      });
      writeBucket(root, [day]);
      await expect(runIt()).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
      await runIt({ yes: true });
      expect(await runIt({ root: other })).toMatchObject({ outcome: 'loaded', objects: { fresh: 1 } });
      await confirmWhole(...objects, more);
      removeFolder(other);
    });

    test('is not loaded without an object that was loaded before and cannot be read now', async () => {
      const more = { key: 'log_data/2018/12/2018-12-02-events.json.gz', content: eventLine({ sessionId: 12 }) };
      await runIt();
      mkdirSync(dirname(join(root, more.key)), { recursive: true });
      writeFileSync(join(root, more.key), gzipSync(more.content));
      await runIt();
      await runSql('drop table staging_events cascade');
      writeFileSync(join(root, more.key), 'not compressed');
      await expect(runIt({ yes: true })).rejects.toMatchObject({
        code: 'OBJECT_UNREADABLE',
        message: expect.stringContaining('staging_events would lose lines: '),
        hint: expect.stringContaining('take it out of the root and run with --yes'),
      });
      rmSync(join(root, more.key));
      await expect(runIt()).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
      await runIt({ yes: true });
      await confirmWhole(...objects);
    });

    test('is not loaded where an object has shrunk unless that is meant', async () => {
      const fewer = { ...day, content: eventLine() };
      writeBucket(root, [fewer]);
      await expect(runIt()).rejects.toMatchObject({ code: 'OBJECT_SHRANK' });
      await runIt({ allowShrink: true });
      await confirmWhole(fewer, ...objects.slice(1));
    });

    test('goes on without an object that cannot be read', async () => {
      const damaged = { key: 'log_data/2018/12/2018-12-01-events.json.gz', content: 'not compressed' };
      writeBucket(root, [damaged]);
      expect(await runIt()).toMatchObject({ outcome: 'loaded', unreadable: [{}] });
      rmSync(join(root, damaged.key));
      await confirmWhole(...objects);
    });
  });

  describe('by dropping a column of a staging table,', () => {
    const forget = engine === 'duckdb' ? [] : ['drop view etl.staging_events_winners'];

    test('is not loaded for a period', async () => {
      await runSql(...forget, 'alter table staging_events drop column location');
      await confirmNoPeriod('staging_events');
      await runIt();
      await confirmWhole(...objects);
    });

    test('remembers what it may have lost when a run fails on the way', async () => {
      await runSql(...forget, 'alter table staging_events drop column location');
      writeBucket(root, [broken]);
      await expect(runIt({ maxRejects: { lines: 0 } })).rejects.toMatchObject({ code: 'TOO_MANY_REJECTS' });
      for (const { key } of [broken, day]) rmSync(join(root, key));
      await expect(runIt()).rejects.toMatchObject({
        code: 'CONFIRMATION_NEEDED',
        message:
          'staging_events may have lost values of 1 object that the root has no more: they would stay without them.',
      });
      writeBucket(root, [day]);
      await runIt();
      await confirmWhole(...objects);
    });

    test('asks where values of objects are lost that this run cannot land again', async () => {
      const other = temporaryFolder();
      const more = { ...logOf(eventLine({ sessionId: 11 })), key: 'log_data/2018/12/2018-12-01-events.json' };
      writeBucket(other, [more]);
      await runIt({ root: other, addRoot: true });
      await runSql(...forget, 'alter table staging_events drop column location');
      rmSync(join(root, day.key));
      await expect(runIt()).rejects.toMatchObject({
        code: 'CONFIRMATION_NEEDED',
        message: [
          'staging_events may have lost values of 1 object that the root has no more: they would stay without them.',
          `staging_events may have lost values of 1 object of ${other}: they would lack them until a run from there.`,
        ].join(' '),
      });
      writeBucket(root, [day]);
      await runIt({ yes: true });
      expect(await runIt({ root: other })).toMatchObject({ outcome: 'loaded', objects: { outdated: 1 } });
      await confirmWhole(...objects, more);
      removeFolder(other);
    });

    test('goes on without the lines of an object that is gone, though a check needs the column', async () => {
      rmSync(join(root, day.key));
      await runIt();
      await runSql(...forget, 'alter table staging_events drop column ts');
      await expect(runIt({ yes: true })).rejects.toMatchObject({ code: 'CHECK_FAILED' });
      await runSql('drop table staging_events cascade');
      await expect(runIt()).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
      await runIt({ yes: true });
      await confirmWhole(...objects.slice(1));
    });
  });

  describe.each([
    ['the duplicates', 'drop table etl.staging_events_duplicates cascade'],
    ['the winners', 'drop view etl.staging_events_winners'],
    [
      'a column of the duplicates',
      engine === 'duckdb'
        ? 'alter table etl.staging_events_duplicates drop column song'
        : 'alter table etl.staging_events_duplicates drop column song cascade',
    ],
  ])('by taking %s of a staging table away,', (_, damage) => {
    beforeEach(() => runSql(damage));

    test('has them found again, and nothing landed', async () => {
      expect(await runIt()).toMatchObject({ outcome: 'loaded', objects: { unchanged: 4 } });
      await confirmWhole(...objects);
    });

    test('has them also where that run fails', async () => {
      writeBucket(root, [broken]);
      await expect(runIt({ maxRejects: { lines: 0 } })).rejects.toMatchObject({ code: 'TOO_MANY_REJECTS' });
      expect(await verify(sparkify, target)).toMatchObject({ passed: true });
      expect(await ask('select lines, conflicting from etl.staging_events_duplicates')).toEqual([[2n, false]]);
    });
  });

  describe.each([
    ['a column of the star', 'songplays', 'location', 'songplays has no column location'],
    ['a column of staging', 'staging_events', 'song', 'staging_events has no column song'],
  ])('by taking %s away,', (_, table, column, says) => {
    beforeEach(() =>
      runSql(
        ...(engine === 'duckdb' ? [] : [`drop view if exists plays`, 'drop view if exists etl.staging_events_winners']),
        `alter table ${table} drop column ${column}`,
      ),
    );

    test('is told so by verify, and put right by the next run', async () => {
      const refusal = await verify(sparkify, target).then(
        () => expect.fail('it was not noticed'),
        ({ message }: Error) => message,
      );
      expect(refusal).toContain(engine === 'duckdb' ? says : 'The target lacks plays');
      expect(await runIt()).toMatchObject({ outcome: 'loaded', warnings: [] });
      await confirmWhole(...objects);
    });

    test('is put right also where a run fails in between', async () => {
      writeBucket(root, [broken]);
      await expect(runIt({ maxRejects: { lines: 0 } })).rejects.toMatchObject({ code: 'TOO_MANY_REJECTS' });
      rmSync(join(root, broken.key));
      await runIt();
      await confirmWhole(...objects);
    });
  });

  const types =
    engine === 'postgres'
      ? [
          ['songs', 'duration', 'numeric(6,1)'],
          ['staging_songs', 'duration', 'real'],
          ['songplays', 'start_time', 'timestamptz'],
          ['songs', 'title', 'text collate "default"'],
        ]
      : [
          ['songs', 'duration', 'float'],
          ['staging_songs', 'year', 'bigint'],
        ];
  test.skipIf(engine === 'redshift').each(types)(
    'by another type of %s.%s (%s) is told so by verify, and put right',
    async (table, column, type) => {
      await runSql(
        'drop view plays',
        'drop view etl.staging_songs_winners',
        `alter table ${table} alter column ${column} type ${type}`,
        'create view plays as select 1 as one',
      );
      await expect(verify(sparkify, target)).rejects.toMatchObject({
        code: 'TARGET_UNUSABLE',
        message: expect.stringContaining(`${table}.${column} is `),
      });
      expect(await runIt()).toMatchObject({ outcome: 'loaded', warnings: [] });
      await confirmWhole(...objects);
    },
  );

  test.each([
    ['its ledger', ['drop schema etl cascade']],
    ['the objects of its ledger', ['delete from etl.objects']],
    ['the table of the objects', ['drop table etl.objects']],
  ])('by taking %s away, asks before the lines that are there are taken away too', async (_, damage) => {
    await runSql(...damage);
    const fewer = logOf(eventLine());
    writeBucket(root, [{ ...fewer, key: otherDay.key }]);
    for (const fullRefresh of [false, true]) {
      await expect(runIt({ fullRefresh })).rejects.toMatchObject({
        code: 'CONFIRMATION_NEEDED',
        message: `staging_events and staging_songs hold lines of which the ledger tells nothing. They would be taken away, and ${root} loaded anew: what came from elsewhere, or is there no more, would be lost.`,
      });
    }
    await confirmNoPeriod('staging_events and staging_songs', 'that nothing tells of');
    expect(await runIt({ yes: true })).toMatchObject({ outcome: 'loaded' });
    await confirmWhole(day, { ...fewer, key: otherDay.key }, ...objects.slice(2));
  });

  test.each(ledgerTables.map(({ name }) => name).filter((name) => name !== 'mutex'))(
    'by dropping etl.%s, is told so, and mended by the next run',
    async (table) => {
      await runSql(`drop table etl.${table}`);
      const lacks = { code: 'TARGET_UNUSABLE', message: `The ledger lacks etl.${table}.` };
      await expect(verify(sparkify, target)).rejects.toMatchObject(lacks);
      await expect(showPlan({ warehouse: sparkify, root, target })).rejects.toMatchObject(lacks);
      await runIt({ yes: true });
      if (table === 'rejects') await runIt({ fullRefresh: true });
      await confirmWhole(...objects);
      await expect(runIt({ root: other(), yes: true })).rejects.toMatchObject({ code: 'ROOT_UNKNOWN' });
    },
  );

  test('by dropping etl.mutex, is told so, and goes on with the row that the next run names', async () => {
    await runSql('drop table etl.mutex');
    const lacks = { code: 'TARGET_UNUSABLE', message: 'The ledger lacks etl.mutex.' };
    await expect(verify(sparkify, target)).rejects.toMatchObject(lacks);
    await expect(showPlan({ warehouse: sparkify, root, target })).rejects.toMatchObject(lacks);
    const findings = await doctor({ warehouse: sparkify, root, target });
    expect(findings.find(({ name }) => name === 'target')).toMatchObject({ ok: false });
    const { hint } = await runIt({ yes: true }).then(
      () => expect.fail('it was taken for new'),
      (error: unknown) => error as SparkifyError,
    );
    await runSql(String(hint).replace(/^.*, by /, ''));
    await confirmWhole(...objects);
  });

  test('by deleting staged lines of an object that is gone, is told how to go on without it', async () => {
    rmSync(join(root, day.key));
    await runIt();
    await runSql(
      `delete from staging_events where object_id in (select object_id from etl.objects where uri like '%${day.key}')`,
    );
    await expect(runIt({ fullRefresh: true })).rejects.toMatchObject({
      code: 'BALANCE',
      hint: expect.stringContaining('run --forget-vanished first'),
    });
    await runIt({ forgetVanished: true, yes: true });
    await runIt({ fullRefresh: true });
    await confirmWhole(...objects.slice(1));
  });

  test.each([
    ['plays', 'a table', 'drop view plays', 'create table plays (id integer)', 'drop table plays'],
    ['songs', 'a view', 'drop table songs cascade', 'create view songs as select 1 as song_id', 'drop view songs'],
  ])('by putting in place of %s %s, is told what to drop', async (name, _, ...[take, put, remedy]) => {
    await runSql(take, put);
    const refusal = { code: 'TARGET_UNUSABLE', message: expect.stringMatching(`^${name} is a (table|view), where a `) };
    await expect(verify(sparkify, target)).rejects.toMatchObject(refusal);
    await expect(showPlan({ warehouse: sparkify, root, target })).rejects.toMatchObject(refusal);
    await expect(runIt()).rejects.toMatchObject({ ...refusal, hint: expect.stringContaining(`${remedy}.`) });
    await runSql(remedy);
    await runIt();
    await confirmWhole(...objects);
  });

  test('by a view of other columns in place of one, has that view again', async () => {
    await runSql('drop view plays', 'create view plays as select song_id as anything from songs');
    await expect(verify(sparkify, target)).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('plays has other columns'),
    });
    expect(await runIt()).toMatchObject({ outcome: 'loaded', rebuilt: [{ name: 'plays', why: 'altered' }] });
    await confirmWhole(...objects);
  });

  test.skipIf(engine === 'duckdb')('by a view upon the winners, is told so where they must be made anew', async () => {
    await runSql(
      'create view mine as select song from etl.staging_events_winners',
      'drop table etl.staging_events_duplicates cascade',
      'create view etl.staging_events_winners as select song from staging_events',
      'create view mine as select song from etl.staging_events_winners',
    );
    await expect(runIt()).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining(engine === 'postgres' ? '(view mine)' : 'depend on it'),
      hint: expect.stringMatching(/^Drop the view/),
    });
    await runSql('drop view mine');
    await runIt();
    await confirmWhole(...objects);
  });

  test('by nobody, is loaded for a period though the first run failed on the way', async () => {
    const fresh = create();
    const runFresh = (options: Partial<RunOptions>) => runIt({ ...options, target: fresh.target });
    writeBucket(root, [broken]);
    await expect(runFresh({ maxRejects: { lines: 0 } })).rejects.toMatchObject({ code: 'TOO_MANY_REJECTS' });
    const period = { since: undefined, until: '2018-11-15' };
    expect(await runFresh({ period })).toMatchObject({ outcome: 'loaded', objects: { fresh: 3 } });
    fresh.remove();
  });

  test('by nobody, but with another view in the declaration, has that view though nothing is new', async () => {
    const [view] = sparkify.views;
    if (!view) throw new Error('there is no view');
    const fewer = { ...sparkify, version: 2, views: [{ ...view, joins: view.joins.slice(1) }] };
    const columns = async () =>
      Number((await ask("select count(*) from information_schema.columns where table_name = 'plays'"))[0]?.[0]);
    const before = await columns();
    expect(await runIt({ warehouse: fewer })).toMatchObject({ outcome: 'loaded', objects: { unchanged: 4 } });
    expect(await columns()).toBeLessThan(before);
    expect(await runIt({ warehouse: fewer })).toMatchObject({ outcome: 'nothing new' });
    await expect(runIt()).rejects.toMatchObject({ code: 'MODEL_OLDER' });
  });
});
