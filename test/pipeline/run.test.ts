import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { defineCheck } from '../../src/model/check.ts';
import { atLeast } from '../../src/model/expression.ts';
import { defineWarehouse } from '../../src/model/warehouse.ts';
import { type RunOptions, run } from '../../src/pipeline/run.ts';
import { showPlan } from '../../src/pipeline/show-plan.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { songplays } from '../../src/sparkify/songplays.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { oracle } from '../oracle/oracle.ts';
import { writeBucket } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

describe.each(testEngines)('a run on $engine', ({ engine, create }) => {
  /** What is told from the file itself. */
  const inFile = test.runIf(engine === 'duckdb');
  let root: string;
  let target: string;
  let remove: () => void;
  const songs = [songFile(), songFile({ song_id: 'SO2', title: 'Other', artist_id: 'AR2' })];
  const day = logOf(eventLine(), eventLine({ itemInSession: 1, page: 'Home' }), '{broken', '');
  const nextDay = {
    ...logOf(eventLine({ itemInSession: 2, ts: 1542328226796, level: 'paid' })),
    key: 'log_data/2018/11/2018-11-16-events.json',
  };

  const runIt = (options: Partial<RunOptions> = {}) =>
    run({ warehouse: sparkify, root, target, toolVersion: 'test', ...options });

  async function ask(sql: string): Promise<readonly (readonly Value[])[]> {
    const session = await openTarget(target, { mode: 'read' });
    try {
      return (await session.query(sql)).rows;
    } finally {
      await session.close();
    }
  }

  beforeEach(() => {
    root = temporaryFolder();
    ({ target, remove } = create());
    writeBucket(root, [day, ...songs]);
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  test('accounts for every line and names the rejected one', async () => {
    const { sources, outcome } = await runIt();
    expect(outcome).toBe('loaded');
    expect(sources[0]).toMatchObject({
      source: 'events',
      objects: 1,
      linesRead: 3,
      linesLoaded: 2,
      linesRejected: 1,
      linesBlank: 0,
    });
    expect(await ask('select uri, line, column_name, raw_text, state from etl.rejects')).toEqual([
      [join(root, day.key), 3n, null, '{broken', 'kept'],
    ]);
    expect((await verify(sparkify, target)).passed).toBe(true);
  });

  inFile.each([
    ['a remembered listing', () => {}],
    ['the ledger alone', (file: string) => rmSync(`${file}.listing`)],
  ])('with nothing new, by %s, changes nothing', async (_, forget) => {
    await runIt();
    const file = target.replace(/^duckdb:/, '');
    const before = readFileSync(file);
    forget(file);
    expect(await runIt()).toMatchObject({ outcome: 'nothing new', objects: { unchanged: 3, fresh: 0 } });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  inFile('is not fooled by a target that was replaced or removed since', async () => {
    const file = target.replace(/^duckdb:/, '');
    await runIt();
    const loaded = readFileSync(file);
    rmSync(file);
    expect(await runIt()).toMatchObject({ outcome: 'loaded' });
    expect(await runIt()).toMatchObject({ outcome: 'nothing new' });
    await run({ warehouse: sparkify, root, target: `${target}.other`, toolVersion: 'test' });
    rmSync(file);
    writeFileSync(file, loaded);
    expect(await runIt()).toMatchObject({ outcome: 'nothing new', objects: { unchanged: 3 } });
    expect(await ask('select count(*) from songplays')).toEqual([[1n]]);
  });

  test('does not take the memory of one root, model or version for that of another', async () => {
    await runIt();
    const other = temporaryFolder();
    writeBucket(other, [nextDay]);
    await expect(runIt({ root: other })).rejects.toMatchObject({ code: 'ROOT_UNKNOWN' });
    expect(await runIt({ root: other, addRoot: true })).toMatchObject({ outcome: 'loaded' });
    removeFolder(other);
    expect(await runIt()).toMatchObject({ outcome: 'nothing new' });
    expect(await ask('select count(*) from songplays')).toEqual([[2n]]);
  });

  test('stages only the new objects and brings the star up to date', async () => {
    await runIt();
    writeBucket(root, [nextDay]);
    const { sources, objects } = await runIt();
    expect(objects).toMatchObject({ fresh: 1, unchanged: 3 });
    expect(sources.map(({ linesRead }) => linesRead)).toEqual([1, 0]);
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([day, nextDay, ...songs]))));
    expect(await ask('select level from users')).toEqual([['paid']]);
  });

  test('replaces the rows of a changed object and puts right all that came from them', async () => {
    await runIt();
    writeBucket(root, [{ ...day, content: eventLine({ level: 'paid', ts: 1542241826797 }) }]);
    const { objects, tables } = await runIt({ allowShrink: true });
    expect(objects).toMatchObject({ changed: 1, fresh: 0 });
    expect(tables.map(({ table, inserted, updated, deleted }) => [table, inserted, updated, deleted])).toEqual([
      ['staging_events', 1, 0, 2],
      ['staging_songs', 0, 0, 0],
      ['users', 0, 1, 0],
      ['artists', 0, 0, 0],
      ['songs', 0, 0, 0],
      ['songplays', 0, 1, 0],
      ['time', 1, 0, 1],
    ]);
    expect(await ask('select level from songplays')).toEqual([['paid']]);
    expect(await ask('select count(*) from etl.rejects')).toEqual([[0n]]);
  });

  test('reads of a file that grew only what was added, and names its new rejects by their lines in the file', async () => {
    await runIt();
    writeBucket(root, [{ ...day, content: `${day.content}\n` }]);
    await runIt();
    const added = eventLine({ itemInSession: 9, ts: 1542241826999 });
    writeBucket(root, [{ ...day, content: `${day.content}\n${added}\n{worse\n` }]);
    const { objects, sources } = await runIt();
    expect(objects).toMatchObject({ grown: 1, changed: 0 });
    expect(sources[0]).toMatchObject({ linesRead: 2, linesLoaded: 1, linesRejected: 1 });
    expect(await ask('select line, raw_text from etl.rejects order by line')).toEqual([
      [3n, '{broken'],
      [6n, '{worse'],
    ]);
    expect(
      await ask(
        "select lines_read, lines_loaded, lines_rejected, lines_blank from etl.objects where source = 'events'",
      ),
    ).toEqual([[6n, 3n, 2n, 1n]]);
    expect(await ask('select count(distinct object_id) from staging_events')).toEqual([[1n]]);
    expect((await verify(sparkify, target)).passed).toBe(true);
  });

  test('reads no more of a file that ends without a newline, as long as that is what is added first', async () => {
    const content = String(day.content).trimEnd();
    writeBucket(root, [{ ...day, content }]);
    await runIt();
    const added = eventLine({ itemInSession: 9, ts: 1542241826999 });
    const grown = `${content}\n${added}\n{worse`;
    writeBucket(root, [{ ...day, content: grown }]);
    expect(await runIt()).toMatchObject({ objects: { grown: 1 }, sources: [{ linesRead: 2, linesRejected: 1 }, {}] });
    expect(await ask('select line from etl.rejects order by line')).toEqual([[3n], [5n]]);
    const known = "select lines_read, content_bytes from etl.objects where source = 'events'";
    expect(await ask(known)).toEqual([[5n, BigInt(grown.length)]]);
    // Again, from where it ends now: the ledger must know the newline that no line counts.
    writeBucket(root, [{ ...day, content: `${grown}\n${eventLine({ itemInSession: 10 })}` }]);
    expect(await runIt()).toMatchObject({ objects: { grown: 1 }, sources: [{ linesRead: 1 }, {}] });
    writeBucket(root, [{ ...day, content: `${grown}\n${eventLine({ itemInSession: 10 })} ` }]);
    expect(await runIt()).toMatchObject({ objects: { changed: 1 }, sources: [{ linesRead: 6 }, {}] });
    expect((await verify(sparkify, target)).passed).toBe(true);
  });

  test('refuses a replacement that lost more than half of its lines, unless that is allowed', async () => {
    await runIt();
    const before = sorted(await readStar(target));
    writeBucket(root, [{ ...day, content: eventLine({ level: 'paid' }) }]);
    await expect(runIt()).rejects.toMatchObject({
      code: 'OBJECT_SHRANK',
      message: expect.stringContaining('-events.json: 3 lines before, 1 now'),
    });
    expect(sorted(await readStar(target))).toEqual(before);
    expect(await runIt({ allowShrink: true })).toMatchObject({ outcome: 'loaded' });
  });

  test('takes a file that was touched but not changed for unchanged', async () => {
    await runIt();
    utimesSync(join(root, day.key), new Date(), new Date('2030-01-01'));
    expect(await runIt()).toMatchObject({ outcome: 'nothing new', objects: { touched: 1 } });
    expect(await runIt()).toMatchObject({ outcome: 'nothing new', objects: { touched: 0, unchanged: 3 } });
  });

  test('keeps the rows of a vanished object, through a full refresh too, and prefers living duplicates to it', async () => {
    await runIt();
    rmSync(join(root, day.key));
    const living = { ...nextDay, content: eventLine({ ts: 1, level: 'paid' }) };
    writeBucket(root, [living]);
    expect(await runIt({ maxConflicts: 1 })).toMatchObject({ objects: { vanished: 1, fresh: 1 } });
    expect(await ask('select level from songplays')).toEqual([['paid']]);
    await runIt({ fullRefresh: true, maxConflicts: 1 });
    expect(await ask('select level from songplays')).toEqual([['paid']]);
    expect(sorted(await readStar(target))).toEqual(
      sorted(tablesOf(oracle([{ ...day, vanished: true }, living, ...songs]))),
    );
  });

  test('takes an object back that vanished and returned as it was', async () => {
    await runIt();
    const before = sorted(await readStar(target));
    rmSync(join(root, day.key));
    await runIt();
    writeBucket(root, [day]);
    expect(await runIt()).toMatchObject({ objects: { returned: 1, fresh: 0, changed: 0 } });
    expect(await ask('select distinct state from etl.objects')).toEqual([['loaded']]);
    expect(sorted(await readStar(target))).toEqual(before);
  });

  test('fails on lines that contradict each other unless they are allowed, and leaves its trace', async () => {
    writeBucket(root, [{ ...nextDay, content: eventLine({ userId: '99' }) }]);
    await expect(runIt()).rejects.toMatchObject({
      code: 'CONFLICTS',
      message: expect.stringContaining('session_id 7, item_in_session 0'),
    });
    expect(await ask('select count(*) from staging_events')).toEqual([[0n]]);
    expect(await ask('select state, error_code from etl.runs')).toEqual([['failed', 'CONFLICTS']]);
    expect(await ask('select state, raw_text from etl.rejects')).toEqual([['not_loaded', '{broken']]);
    expect(await ask("select count(*) from etl.checks where name = 'songplays_balance'")).toEqual([[1n]]);
    const { duplicates } = await runIt({ maxConflicts: 1 });
    expect(duplicates[0]).toMatchObject({
      lines: 1n,
      conflicts: 1n,
      examples: [{ session_id: '7', item_in_session: '0' }],
    });
  });

  test('fails before it commits when a check fails', async () => {
    const longPlays = defineCheck(songplays, {
      name: 'plays_are_long',
      doc: 'A song lasts an hour at least.',
      holds: (play) => atLeast(play.song_length, 3600),
      severity: 'fail',
    });
    const warehouse = defineWarehouse({ ...sparkify, checks: [longPlays] });
    await expect(runIt({ warehouse })).rejects.toMatchObject({
      code: 'CHECK_FAILED',
      message: expect.stringContaining('plays_are_long: rows break the rule: A song lasts an hour at least.: 1'),
    });
    expect(await ask('select count(*) from songplays')).toEqual([[0n]]);
    expect(await ask("select failures from etl.checks where name = 'plays_are_long'")).toEqual([[1n]]);
  });

  test.each([
    [
      'a key that stands twice',
      // PostgreSQL keeps keys by an index once the run has verified them; the others have none.
      `${engine === 'postgres' ? 'drop index users_user_id_key; ' : ''}insert into users select * from users`,
      'users_key_is_unique',
    ],
    ['a listener who is not in users', 'delete from users', 'songplays_user_id_is_in_users'],
    ['a start time that is not in time', 'delete from "time"', 'songplays_start_time_is_in_time'],
    ['a missing title', 'update songs set title = null', 'songs_title_is_present'],
    ['a play too few', 'delete from songplays', 'songplays_balance'],
    ['a staged line too few', 'delete from staging_events where item_in_session = 1', 'staging_events_balance'],
    ['a reject too few', 'delete from etl.rejects', 'staging_events_balance'],
    ['a line nobody counted', 'update etl.objects set lines_read = lines_read + 1', 'staging_songs_balance'],
  ])('has checks that notice %s', async (_, damage, check) => {
    await runIt();
    const session = await openTarget(target, { mode: 'write' });
    await session.run(damage);
    await session.close();
    const { passed, checks } = await verify(sparkify, target);
    expect(passed).toBe(false);
    expect(checks.filter((result) => !result.passed).map(({ name }) => name)).toContain(check);
  });

  test.each([
    ['lost the row of an object', "delete from etl.objects where uri like '%events.json'"],
    ['lost its whole ledger', 'drop schema etl cascade'],
    ['lost a table', 'drop table songplays cascade'],
    ['lost a view', 'drop view plays'],
  ])('brings a target that %s back by a full refresh', async (_, damage) => {
    await runIt();
    const before = sorted(await readStar(target));
    const session = await openTarget(target, { mode: 'write' });
    await session.run(damage);
    await session.close();
    expect(await runIt({ fullRefresh: true, yes: true })).toMatchObject({ outcome: 'loaded' });
    expect(sorted(await readStar(target))).toEqual(before);
    expect((await verify(sparkify, target)).passed).toBe(true);
  });

  test('says which table is missing, and creates it again', async () => {
    await runIt();
    const session = await openTarget(target, { mode: 'write' });
    await session.run('drop table songplays cascade');
    await session.close();
    await expect(verify(sparkify, target)).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringMatching(/^The target lacks songplays(, plays)?\.$/),
      hint: expect.stringContaining('The next `sparkify run` puts it right where it can'),
    });
    const { outdatedTables } = await showPlan({ warehouse: sparkify, root, target });
    expect(outdatedTables).toEqual(expect.arrayContaining([{ name: 'songplays', why: 'missing' }]));
    // As another version, since one and the same may trust the listing it remembers without asking the target.
    const again = await runIt({ toolVersion: 'next' });
    expect(again).toMatchObject({ outcome: 'loaded', sources: [{ objects: 0 }, { objects: 0 }] });
    expect(await ask('select count(*) from songplays')).toEqual([[1n]]);
  });

  test('leaves a target of a newer version alone, however little there is to do', async () => {
    await runIt();
    const session = await openTarget(target, { mode: 'write' });
    await session.run('update etl.mutex set ledger_version = 99');
    await session.close();
    utimesSync(join(root, day.key), new Date(), new Date('2030-01-01'));
    await expect(runIt()).rejects.toMatchObject({ code: 'TARGET_NEWER' });
    await expect(verify(sparkify, target)).rejects.toMatchObject({ code: 'TARGET_NEWER' });
  });

  test('notices that the JSONPaths file maps otherwise', async () => {
    await runIt();
    const paths = readFileSync(join(root, 'log_json_path.json'), 'utf8');
    writeFileSync(join(root, 'log_json_path.json'), paths.replace("$['userAgent']", "$['browser']"));
    expect(await runIt()).toMatchObject({ objects: { outdated: 1, unchanged: 2 } });
    expect(await ask('select distinct user_agent from staging_events')).toEqual([[null]]);
    expect(await runIt()).toMatchObject({ outcome: 'nothing new' });
  });

  test('warns of a value never seen before and goes on', async () => {
    writeBucket(root, [{ ...nextDay, content: eventLine({ itemInSession: 5, page: 'Karaoke', ts: 5 }) }]);
    const { checks, outcome } = await runIt();
    expect(outcome).toBe('loaded');
    expect(checks.filter(({ passed }) => !passed)).toMatchObject([
      { name: 'staging_events_page_is_known', severity: 'warn', failures: 1n },
    ]);
  });

  test('refuses a root that holds nothing, and one that is not there', async () => {
    const empty = temporaryFolder();
    await expect(runIt({ root: empty })).rejects.toMatchObject({ code: 'ROOT_EMPTY' });
    await expect(verify(sparkify, target)).rejects.toMatchObject({ code: 'TARGET_EMPTY' });
    removeFolder(empty);
    await expect(runIt({ root: empty })).rejects.toMatchObject({ code: 'ROOT_NOT_FOUND' });
  });

  test('is foretold by the plan, which changes nothing', async () => {
    const plan = await showPlan({ warehouse: sparkify, root, target });
    expect(plan.sources.map(({ fresh }) => fresh.length)).toEqual([1, 2]);
    await runIt();
    const again = await showPlan({ warehouse: sparkify, root, target });
    expect(again.sources.map(({ fresh, unchanged }) => [fresh.length, unchanged.length])).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });
});
