import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../src/engines/index.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { writeBucket } from '../support/bucket.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';
import { sparkify, sparkifyError, sparkifyJson } from './in-process.ts';

describe('on a small bucket', () => {
  let folder: string;
  let root: string;
  let flags: string[];
  const log = logOf(eventLine(), '{broken', eventLine({ itemInSession: 1, ts: 'late' }), '');

  beforeEach(() => {
    folder = temporaryFolder();
    root = join(folder, 'bucket');
    flags = ['--target', `duckdb:${join(folder, 'w.duckdb')}`];
    writeBucket(root, [log, songFile()]);
  });
  afterEach(() => removeFolder(folder));

  const run = (...more: string[]) => sparkify(['run', '--from', root, ...flags, ...more]);

  test('run tells each stage, the balance, the checks and where to look next', async () => {
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^[…✔] (plan|land|transform|verify|record) /gm)).toHaveLength(10);
    expect(stdout).toMatch(/^events +1 +3 +1 +2 +0$/m);
    expect(stdout).toMatch(/^✔ \d+ checks passed$/m);
    expect(stdout).toMatch(/^ {2}sparkify rejects --target duckdb:\S+ /m);
    expect(stdout).not.toContain('\u001B');
  });

  test('run under --json prints the report and nothing else', async () => {
    const { code, data } = await sparkifyJson(['run', '--from', root, ...flags]);
    expect(code).toBe(0);
    expect(data).toMatchObject({
      outcome: 'loaded',
      sources: [
        { source: 'events', linesRead: 3, linesLoaded: 1, linesRejected: 2 },
        { source: 'songs', linesRead: 1 },
      ],
    });
    expect(data.tables).toContainEqual({ table: 'songplays', rows: 1, inserted: 1, updated: 0, deleted: 0 });
  });

  test('run --on-drift fail refuses keys that no column reads, and warns of them without', async () => {
    writeBucket(root, [logOf(eventLine({ device: 'phone' }))]);
    const error = await sparkifyError(['run', '--from', root, ...flags, '--on-drift', 'fail']);
    expect(error).toMatchObject({ exitCode: 1, code: 'DRIFT', hint: expect.stringContaining('--on-drift warn') });
    const warned = await run();
    expect(warned.code).toBe(0);
    expect(warned.stdout).toMatch(/^⚠ events: \$\.device is read by no column: string, as in \S+-events\.json$/m);
    expect((await run('--on-drift', 'panic')).code).toBe(2);
  });

  test('run a second time says that there is nothing new', async () => {
    await run();
    const { code, stdout } = await run();
    expect(code).toBe(0);
    expect(stdout).toMatch(/✔ Nothing new in \S+: 2 objects loaded already/);
  });

  test('run loads what has changed, and plan says so beforehand', async () => {
    await run();
    writeFileSync(join(root, log.key), `${eventLine()}\n${eventLine({ itemInSession: 5 })}\n`);
    const plan = await sparkify(['plan', '--from', root, ...flags]);
    expect(plan.code).toBe(0);
    expect(plan.stdout).toMatch(/^events +changed +1 +\d+ B +read again$/m);
    expect(plan.stdout).toContain('1 row of events would go or be replaced.');
    expect(plan.stdout).toContain(`1 object with other content than when loaded:\n  - ${join(root, log.key)}`);
    const { code, data } = await sparkifyJson(['run', '--from', root, ...flags]);
    expect(code).toBe(0);
    expect(data).toMatchObject({ objects: { changed: 1 }, sources: [{ linesRead: 2, linesRejected: 0 }, {}] });
    expect(data.tables).toContainEqual({ table: 'songplays', rows: 2, inserted: 1, updated: 0, deleted: 0 });
    expect((await sparkifyJson(['rejects', ...flags])).data).toMatchObject({ total: 0 });
  });

  test('run --dry-run plans, and creates nothing', async () => {
    const { code, stdout } = await run('--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✔ A run would read 2 objects \(\S+ k?B\) from /);
    expect(readdirSync(folder)).toEqual(['bucket']);
  });

  test('plan tells the states of each source as data', async () => {
    await run();
    rmSync(join(root, 'song_data'), { recursive: true });
    writeBucket(root, [songFile({ song_id: 'SO2' })]);
    const { data } = await sparkifyJson(['plan', '--from', root, ...flags]);
    expect(data).toMatchObject({ refusals: [], fullRefresh: false, read: { objects: 1 } });
    expect(data.sources).toMatchObject([
      { source: 'events', states: { unchanged: { objects: 1 }, fresh: { objects: 0 } } },
      {
        source: 'songs',
        states: { vanished: { objects: 1 }, fresh: { objects: 1 } },
        vanishedObjects: [expect.any(String)],
        lostObjects: [],
      },
    ]);
    const full = await sparkifyJson(['plan', '--from', root, ...flags, '--full-refresh']);
    expect(full.data).toMatchObject({ fullRefresh: true, read: { objects: 2 } });
    expect(full.data.sources).toMatchObject([
      { states: { unchanged: { objects: 1 } }, rowsGoing: 1, changedObjects: [] },
      { rowsGoing: 0 },
    ]);
  });

  test('--max-conflicts decides whether lines may contradict each other', async () => {
    writeBucket(root, [logOf(eventLine(), eventLine({ userId: '4' }))]);
    expect(await sparkifyError(['run', '--from', root, ...flags])).toMatchObject({ exitCode: 1, code: 'CONFLICTS' });
    const { code, stdout } = await run('--max-conflicts', '1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/, 1 key with lines that contradict each other\n {2}- session_id \d+, item_in_session \d+/);
  });

  test('status tells the runs and what is loaded of each source', async () => {
    await run();
    const { data } = await sparkifyJson(['status', ...flags]);
    expect(data.runs).toMatchObject([{ state: 'done', root, errorCode: null }]);
    expect(data.sources).toMatchObject([
      { source: 'events', objects: 1, vanished: 0, linesRead: 3, linesLoaded: 1, linesRejected: 2, linesBlank: 0 },
      { source: 'songs', objects: 1, linesRead: 1, linesLoaded: 1 },
    ]);
    const { code, stdout } = await sparkify(['status', ...flags]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✔ Last run done, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n/);
  });

  test('run and plan warn where everything that was loaded has vanished', async () => {
    await run();
    rmSync(root, { recursive: true });
    writeBucket(root, []);
    for (const verb of ['plan', 'run']) {
      const { code, stdout } = await sparkify([verb, '--from', root, ...flags]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^⚠ \S+ holds no data any more: 2 objects vanished from the root; their rows stay\.$/m);
    }
  });

  test('status calls a run that was killed dead, as nobody can read beside one that is alive', async () => {
    await run();
    const session = await openTarget(flags[1] ?? '', { mode: 'write' });
    await session.run("update etl.runs set state = 'running', finished_at = null");
    await session.close();
    const { data } = await sparkifyJson(['status', ...flags]);
    expect(data.runs).toMatchObject([{ state: 'died' }]);
    expect((await sparkify(['status', ...flags])).stdout).toMatch(/^✖ Last run died, /);
  });

  test('status tells why the last run failed', async () => {
    writeBucket(root, [logOf(eventLine(), eventLine({ userId: '4' }))]);
    await run();
    const { stdout } = await sparkify(['status', ...flags]);
    expect(stdout).toMatch(
      /^✖ Last run failed, .* UTC\n {2}CONFLICTS Natural keys whose lines contradict each other: 1/,
    );
  });

  test('rejects lists lines with object, line, column and reason', async () => {
    await run();
    const { code, stdout } = await sparkify(['rejects', ...flags]);
    expect(code).toBe(0);
    const uri = join(root, log.key);
    expect(stdout).toContain(`${uri}:2 `);
    expect(stdout).toContain(`${uri}:3 $.ts `);
    expect(stdout).toContain('\n  {broken\n');
    expect(stdout).toMatch(/\n2 rejected lines\n$/);
  });

  test('rejects can be narrowed by source, reason, run and number', async () => {
    const { data: report } = await sparkifyJson(['run', '--from', root, ...flags]);
    const total = async (...more: string[]) => (await sparkifyJson(['rejects', ...flags, ...more])).data;
    expect(await total('--source', 'songs')).toEqual({ total: 0, rejects: [] });
    expect(await total('--source', 'events', '--run', String(report.runId))).toMatchObject({ total: 2 });
    const first = await total('--limit', '1');
    expect(first).toMatchObject({ total: 2, rejects: [{ line: 2, column: null, rawText: '{broken' }] });
    const [{ reason }] = first.rejects as [{ reason: string }];
    expect(await total('--reason', reason.toUpperCase())).toMatchObject({ total: 1 });
    expect(await total('--reason', "o'hara %")).toMatchObject({ total: 0 });
    expect(await sparkifyError(['rejects', ...flags, '--source', 'event'])).toMatchObject({
      exitCode: 2,
      hint: "Did you mean 'events'? Sources are events, songs.",
    });
    expect(await sparkifyError(['rejects', ...flags, '--run', 'r0'])).toMatchObject({ exitCode: 2, code: 'USAGE' });
  });

  test('rejects of a failed last run are listed, as not loaded', async () => {
    writeBucket(root, [logOf(eventLine(), eventLine({ userId: '4' }), '{broken')]);
    await run();
    const { data } = await sparkifyJson(['rejects', ...flags]);
    expect(data).toMatchObject({ total: 1, rejects: [{ rawText: '{broken', loaded: false }] });
  });

  test('verify passes, and fails with the cells that differ from what is expected', async () => {
    await run();
    const good = await sparkify(['verify', ...flags]);
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/^✔ \d+ checks passed\n$/);
    const expected = join(folder, 'expected');
    writeBucket(expected, []);
    writeFileSync(join(expected, 'plays_by_level.csv'), 'level,plays,listeners\nfree,1,1\n');
    writeFileSync(join(expected, 'plays_by_gender.csv'), 'gender,plays,listeners\nF,2,1\n');
    const bad = await sparkify(['verify', ...flags, '--expected', 'expected'], { folder });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('✖ 1 of 2 queries as expected');
    expect(bad.stdout).toContain('plays_by_gender    1  plays   2         1');
    const { code, data } = await sparkifyJson(['verify', ...flags, '--expected', 'expected'], { folder });
    expect({ code, passed: data.passed }).toEqual({ code: 1, passed: false });
  });

  test.each(['status', 'rejects', 'verify', 'query'])(
    '%s says how to load where there is no warehouse',
    async (verb) => {
      const argv = verb === 'query' ? ['query', 'top_songs'] : [verb];
      const { code, stdout, stderr } = await sparkify([...argv, ...flags]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^✖ TARGET_EMPTY .*\n {2}→ Load one first: sparkify run --from ROOT/);
    },
  );

  test('a bug is told as one, with its stack for who asks', async () => {
    const environment = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new TypeError('boom');
        },
      },
    );
    const { code, stdout, stderr } = await sparkify(['status', ...flags], { environment });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^✖ BUG boom\n {2}→ This is a bug in sparkify.*report it.*\n$/);
  });
});

describe('a demo', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => removeFolder(folder));

  test('generates, loads, checks and answers; a second one finds nothing new', async () => {
    const first = await sparkify(['demo', '--dir', 'd'], { folder });
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^✔ Loaded 330 objects/m);
    expect(first.stdout).toMatch(/\nTop songs\n\n(.+ █+ \d+\n){10}\n/);
    expect(first.stdout).toContain('sparkify query --target duckdb:d/sparkify.duckdb');
    const second = await sparkify(['demo', '--dir', 'd'], { folder });
    expect(second.code).toBe(0);
    expect(second.stdout).toMatch(/^✔ Nothing new/m);
    expect(second.stdout).not.toContain('songs   write');
  });

  test('begins again where one was interrupted while it wrote the data', async () => {
    writeBucket(join(folder, 'd/bucket.unfinished'), [songFile()]);
    const { code, data } = await sparkifyJson(['demo', '--dir', 'd'], { folder });
    expect(code).toBe(0);
    expect(data).toMatchObject({ generated: { out: join(folder, 'd/bucket'), songs: 300 }, verify: { passed: true } });
    expect(existsSync(join(folder, 'd/bucket.unfinished'))).toBe(false);
  });

  test('names its commands as npm runs them', async () => {
    const environment = { npm_lifecycle_event: 'start' };
    expect((await sparkify(['demo'], { folder, environment })).stdout).toContain('\n  npx sparkify query --target');
  });
});

test('generate writes a bucket, the same for the same seed, and refuses a folder with anything in it', async () => {
  const folder = temporaryFolder();
  try {
    const small = ['--users', '3', '--days', '2', '--songs', '5', '--seed', '9'];
    const { code, stdout } = await sparkify(['generate', '--out', 'a', ...small], { folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /✔ songs {3}5 songs .*✔ Wrote \d+ events \(.*\) in \d files? and 5 songs to .*sparkify run --from /s,
    );
    const again = await sparkifyJson(['generate', '--out', 'b', ...small], { folder });
    expect(again.data).toMatchObject({ out: join(folder, 'b'), songs: 5 });
    expect(await sparkifyError(['generate', '--out', 'a'], { folder })).toMatchObject({ exitCode: 2, code: 'USAGE' });
  } finally {
    removeFolder(folder);
  }
});
