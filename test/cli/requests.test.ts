import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventLine, songFile } from '../oracle/build-bucket.ts';
import { writeBucket } from '../support/bucket.ts';
import { removeFolder, temporaryFolder } from '../support/targets.ts';
import { sparkify, sparkifyError, sparkifyJson } from './in-process.ts';

let folder: string;
let root: string;
let flags: string[];

const dayKey = (day: number) => `log_data/2018/11/2018-11-0${day}-events.json`;
/** A day's log: so many plays of session `day`, and broken lines. */
const dayOf = (day: number, plays = 1, broken = 0) => ({
  key: dayKey(day),
  content: [
    ...Array.from({ length: plays }, (_, item) => eventLine({ sessionId: day, itemInSession: item })),
    ...Array.from({ length: broken }, () => '{broken'),
  ].join('\n'),
});
const undated = { key: 'log_data/archive/old.json', content: eventLine({ sessionId: 99 }) };

beforeEach(() => {
  folder = temporaryFolder();
  root = join(folder, 'bucket');
  flags = ['--from', root, '--target', `duckdb:${join(folder, 'w.duckdb')}`];
  writeBucket(
    root,
    [1, 2, 3, 4].map((day) => dayOf(day)),
  );
  writeBucket(root, [undated, songFile()]);
});
afterEach(() => removeFolder(folder));

const run = (...more: string[]) => sparkifyJson(['run', ...flags, ...more]);
const plan = (...more: string[]) => sparkifyJson(['plan', ...flags, ...more]);
const refused = (...more: string[]) => sparkifyError(['run', ...flags, ...more]);
const target = () => flags.slice(2);

/** The sessions that staging holds, which tell the days. */
async function sessions(): Promise<unknown[]> {
  const sql = 'select distinct session_id from staging_events order by 1';
  const { data } = await sparkifyJson(['query', '--sql', sql, ...target()]);
  return (data.rows as { session_id: unknown }[]).map(({ session_id }) => session_id);
}

describe('a backfill', () => {
  test('loads the days from --since to --until, both inclusive, and objects without a day always', async () => {
    const foretold = await plan('--since', '2018-11-02', '--until', '2018-11-03');
    expect(foretold.data).toMatchObject({
      period: { since: '2018-11-02', until: '2018-11-03' },
      read: { objects: 4 },
      sources: [{ states: { fresh: { objects: 3 } } }, { states: { fresh: { objects: 1 } } }],
    });
    const { code, data } = await run('--since', '2018-11-02', '--until', '2018-11-03');
    expect(code).toBe(0);
    expect(data).toMatchObject({ objects: { fresh: 4, vanished: 0 } });
    expect(await sessions()).toEqual([2, 3, 99]);
    await run('--until', '2018-11-01');
    expect(await sessions()).toEqual([1, 2, 3, 99]);
    await run('--since', '2018-11-04');
    expect(await sessions()).toEqual([1, 2, 3, 4, 99]);
    expect((await run()).data).toMatchObject({ outcome: 'nothing new', objects: { unchanged: 6 } });
  });

  test('lets nothing vanish, and takes no change in, outside of its days', async () => {
    await run();
    rmSync(join(root, dayKey(1)));
    rmSync(join(root, dayKey(3)));
    writeBucket(root, [{ ...dayOf(4), content: eventLine({ sessionId: 44 }) }]);
    const { data } = await run('--since', '2018-11-02', '--until', '2018-11-03');
    expect(data).toMatchObject({ objects: { vanished: 1, changed: 0 } });
    const { data: status } = await sparkifyJson(['status', ...target()]);
    expect(status).toMatchObject({ vanished: { total: 1, first: [{ uri: join(root, dayKey(3)) }] } });
    expect(await sessions()).toEqual([1, 2, 3, 4, 99]);
    expect((await run()).data).toMatchObject({ objects: { vanished: 1, changed: 1 } });
    expect(await sessions()).toEqual([1, 2, 3, 44, 99]);
  });

  test('forgets nothing outside of its days either, as both cannot be asked for at once', async () => {
    await run();
    expect(await refused('--since', '2018-11-02', '--forget-vanished')).toMatchObject({ exitCode: 2, code: 'USAGE' });
  });

  test.each(['run', 'plan'])('is refused together with a full refresh by %s', async (verb) => {
    const error = await sparkifyError([verb, ...flags, '--full-refresh', '--until', '2018-11-02']);
    expect(error).toMatchObject({ exitCode: 2, code: 'USAGE', message: expect.stringContaining('--full-refresh and') });
  });

  test.each([
    [['--since', '2018-11-31'], '--since is no day.'],
    [['--until', 'yesterday'], '--until is no day.'],
    [['--since', '2018-11-03', '--until', '2018-11-02'], '--since lies after --until.'],
  ])('refuses %j', async (days, message) => {
    expect(await refused(...days)).toMatchObject({ exitCode: 2, code: 'USAGE', message });
  });
});

describe('another root', () => {
  const loadedFrom = async () => (await sparkifyJson(['status', ...target()])).data.roots;
  const fromOther = (verb: string, ...more: string[]) => [verb, '--from', join(folder, 'other'), ...target(), ...more];

  beforeEach(async () => {
    await run();
    writeBucket(join(folder, 'other'), [dayOf(7)]);
  });

  test('is refused until it is added, which plan tells, and is known from then on', async () => {
    const refusal = { code: 'ROOT_UNKNOWN', hint: expect.stringContaining('--add-root') };
    expect((await sparkifyJson(fromOther('plan'))).data).toMatchObject({ refusals: [refusal] });
    expect(await sparkifyError(fromOther('run'))).toMatchObject({ exitCode: 1, ...refusal });
    expect(await sessions()).toEqual([1, 2, 3, 4, 99]);
    expect(await loadedFrom()).toEqual([root]);
    expect((await sparkifyJson(fromOther('plan', '--add-root'))).data).toMatchObject({ refusals: [] });
    expect((await sparkifyJson(fromOther('run', '--add-root'))).code).toBe(0);
    expect(await sessions()).toEqual([1, 2, 3, 4, 7, 99]);
    expect(await loadedFrom()).toEqual([root, join(folder, 'other')].sort());
    writeBucket(join(folder, 'other'), [dayOf(8)]);
    expect((await sparkifyJson(fromOther('run'))).data).toMatchObject({ objects: { fresh: 1, vanished: 0 } });
  });

  test('vanishes by itself', async () => {
    await sparkifyJson(fromOther('run', '--add-root'));
    rmSync(join(folder, 'other', dayKey(7)));
    expect((await run()).data).toMatchObject({ outcome: 'nothing new' });
    expect((await sparkifyJson(fromOther('run'))).data).toMatchObject({ objects: { vanished: 1 } });
  });
});

describe('vanished objects', () => {
  beforeEach(async () => {
    await run();
    rmSync(join(root, dayKey(1)));
  });

  test('keep their rows, stand in the status, and are forgotten after their number was shown', async () => {
    expect((await run()).data).toMatchObject({ objects: { vanished: 1, forgotten: 0 } });
    expect(await sessions()).toEqual([1, 2, 3, 4, 99]);
    const { stdout } = await sparkify(['status', ...target()]);
    expect(stdout).toContain(`1 object vanished from the root, whose rows stay:\n  - ${join(root, dayKey(1))}\n`);
    const refusal = {
      code: 'CONFIRMATION_NEEDED',
      message: '1 object that vanished would be forgotten, with 1 row of staging.',
    };
    const foretold = await plan('--forget-vanished');
    expect(foretold.data).toMatchObject({
      refusals: [refusal],
      sources: [{ states: { vanished: { objects: 0 }, forgotten: { objects: 1 } }, rowsGoing: 1 }, {}],
    });
    expect(await refused('--forget-vanished')).toMatchObject({ exitCode: 1, ...refusal });
    expect(await sessions()).toEqual([1, 2, 3, 4, 99]);
    const { code, data } = await run('--forget-vanished', '--yes');
    expect(code).toBe(0);
    expect(data).toMatchObject({ objects: { forgotten: 1 } });
    expect(data.tables).toContainEqual({ table: 'songplays', rows: 4, inserted: 0, updated: 0, deleted: 1 });
    expect(await sessions()).toEqual([2, 3, 4, 99]);
    expect((await sparkifyJson(['status', ...target()])).data).toMatchObject({ vanished: { total: 0, first: [] } });
  });

  test('are forgotten also by the run that misses them first', async () => {
    expect((await run('--forget-vanished', '--yes')).data).toMatchObject({ objects: { vanished: 0, forgotten: 1 } });
    expect(await sessions()).toEqual([2, 3, 4, 99]);
  });

  test('need no confirmation where there are none', async () => {
    writeBucket(root, [dayOf(1)]);
    expect((await run('--forget-vanished')).data).toMatchObject({ outcome: 'nothing new' });
  });

  test('are listed by the first ten', async () => {
    writeBucket(
      root,
      Array.from({ length: 11 }, (_, index) => songFile({ song_id: `SO${index}`, title: `T${index}` })),
    );
    await run();
    rmSync(join(root, 'song_data'), { recursive: true });
    await run();
    const { data } = await sparkifyJson(['status', ...target()]);
    expect(data.vanished).toMatchObject({ total: 13, first: expect.objectContaining({ length: 10 }) });
    expect((await sparkify(['status', ...target()])).stdout).toMatch(
      /^13 objects vanished .*\n( {2}- .*\n){10} {2}and 3 more$/m,
    );
  });
});

describe('an object that lost more than half of its lines', () => {
  beforeEach(async () => {
    writeBucket(root, [dayOf(1, 5)]);
    await run();
    writeBucket(root, [dayOf(1, 2)]);
  });

  test('fails the run, which changes nothing, unless that is allowed', async () => {
    writeBucket(root, [dayOf(5)]);
    const error = await refused();
    expect(error).toMatchObject({
      exitCode: 1,
      code: 'OBJECT_SHRANK',
      hint: expect.stringContaining('--allow-shrink'),
    });
    expect(error.message).toContain(`${join(root, dayKey(1))}: 5 lines before, 2 now`);
    expect(await sessions()).toEqual([1, 2, 3, 4, 99]);
    const { data } = await run('--allow-shrink');
    expect(data).toMatchObject({ objects: { changed: 1, fresh: 1 } });
    expect(data.tables).toContainEqual(expect.objectContaining({ table: 'songplays', rows: 7, deleted: 3 }));
  });
});

describe('a limit on rejects', () => {
  beforeEach(() => writeBucket(root, [dayOf(5, 14, 5)]));
  const rejected = (data: unknown) => (data as { sources: { linesRejected: number }[] }).sources[0]?.linesRejected;

  test.each([
    ['4', '5 of 25 lines read were rejected; --max-rejects allows 4.'],
    // Of 24 lines of events and a song.
    ['19.9%', '5 of 25 lines read were rejected; --max-rejects allows 19.9 %.'],
  ])('of %s fails the run, with its rejects kept for reading', async (limit, message) => {
    const error = await refused('--max-rejects', limit);
    expect(error).toMatchObject({ exitCode: 1, code: 'TOO_MANY_REJECTS', message });
    expect(await sessions()).toEqual([]);
    const { data } = await sparkifyJson(['rejects', ...target(), '--limit', '1']);
    expect(data).toMatchObject({ total: 5, rejects: [{ line: 15, rawText: '{broken', loaded: false }] });
    expect((await sparkifyJson(['status', ...target()])).data).toMatchObject({
      runs: [{ state: 'failed', errorCode: 'TOO_MANY_REJECTS' }],
    });
    const { code, data: report } = await run();
    expect({ code, rejected: rejected(report) }).toEqual({ code: 0, rejected: 5 });
    expect((await sparkifyJson(['rejects', ...target()])).data).toMatchObject({ total: 5 });
  });

  test('counts the lines that the stage and the report count', async () => {
    const { stdout, stderr } = await sparkify(['run', ...flags, '--max-rejects', '4']);
    expect(stderr + stdout).toMatch(/land +25 lines of 7 objects, 5 rejected/);
    expect(stderr + stdout).toContain('5 of 25 lines read');
  });

  test('counts over the batches of a run, of which those before it stay', async () => {
    writeBucket(root, [dayOf(4, 1, 1), dayOf(5, 1, 1)]);
    const error = await refused('--max-rejects', '1', '--batch-bytes', '1');
    expect(error).toMatchObject({ code: 'TOO_MANY_REJECTS', details: { rejected: 2 } });
    expect(await sessions()).toHaveLength(Number(error.details.committedBatches) - 1);
  });

  test.each(['5', '20%'])('of %s lets it pass', async (limit) => {
    const { code, data } = await run('--max-rejects', limit);
    expect({ code, rejected: rejected(data) }).toEqual({ code: 0, rejected: 5 });
  });
});

test('a full refresh says how many objects it reads again, which have not changed', async () => {
  await run();
  writeBucket(root, [dayOf(5)]);
  const { stdout, stderr } = await sparkify(['run', ...flags, '--full-refresh']);
  expect(stdout + stderr).toMatch(/plan +1 new object, 6 to read again \(/);
});

test('a limit on batches cuts a run into transactions', async () => {
  const { code, data } = await run('--batch-bytes', '1B');
  expect({ code, batches: data.batches }).toEqual({ code: 0, batches: 6 });
  expect(await sessions()).toEqual([1, 2, 3, 4, 99]);
});

describe('an object that cannot be read', () => {
  const key = 'log_data/2018/11/2018-11-06-events.json.gz';
  const sound = gzipSync(eventLine({ sessionId: 6 }));

  test('ends the run with 1, though the others load, stands in the status, and is loaded once it is sound', async () => {
    writeBucket(root, [{ key, content: sound.subarray(0, -4) }]);
    const { code, data } = await run();
    expect(code).toBe(1);
    const uri = join(root, key);
    expect(data).toMatchObject({
      outcome: 'loaded',
      unreadable: [{ source: 'events', uri, code: 'OBJECT_UNREADABLE', hint: expect.stringContaining('Upload') }],
    });
    expect(await sessions()).toEqual([1, 2, 3, 4, 99]);
    const again = await sparkify(['run', ...flags]);
    expect(again.code).toBe(1);
    expect(again.stdout).toMatch(
      /^✖ 1 object could not be read; the next run tries again:\n {2}- OBJECT_UNREADABLE .*\n {4}→ /m,
    );
    const { data: status } = await sparkifyJson(['status', ...target()]);
    expect(status).toMatchObject({
      runs: [
        { state: 'done', unreadable: 1 },
        { state: 'done', unreadable: 1 },
      ],
      unreadable: { total: 1, first: [{ uri, errorCode: 'OBJECT_UNREADABLE' }] },
    });
    const { stdout } = await sparkify(['status', ...target()]);
    expect(stdout).toMatch(/^⚠ Last run done, .* UTC; 1 object could not be read\n/);
    expect(stdout).toMatch(/^\S+ +done .* 1 unreadable /m);
    writeFileSync(join(root, key), sound);
    expect((await run()).code).toBe(0);
    expect(await sessions()).toEqual([1, 2, 3, 4, 6, 99]);
    expect((await sparkifyJson(['status', ...target()])).data).toMatchObject({ unreadable: { total: 0 } });
  });
});

describe('rejects', () => {
  beforeEach(async () => {
    writeBucket(root, [dayOf(5, 1, 2), { key: dayKey(6), content: '[1]' }]);
    await run();
  });
  const rejects = async (...more: string[]) => (await sparkifyJson(['rejects', ...target(), ...more])).data;

  test('can be narrowed to objects by a part of their name', async () => {
    expect(await rejects('--object', '2018-11-05')).toMatchObject({
      total: 2,
      rejects: [{ uri: join(root, dayKey(5)) }, {}],
    });
    expect(await rejects('--object', "o'clock %")).toMatchObject({ total: 0 });
  });

  test('are landed again by a replay, under the rules of today', async () => {
    const unchanged = await sparkifyJson(['rejects', '--replay', ...flags]);
    expect(unchanged).toMatchObject({
      code: 0,
      data: { outcome: 'loaded', objects: { changed: 2, unchanged: 6 }, notReplayable: [] },
    });
    expect(await rejects()).toMatchObject({ total: 3 });
    const { code, stdout } = await sparkify(['rejects', '--replay', ...flags]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✔ Loaded 2 objects from /m);
  });

  test('pass in a replay once the mapping is mended', async () => {
    const mapping = join(root, 'log_json_path.json');
    const right = readFileSync(mapping, 'utf8');
    writeFileSync(mapping, right.replace("$['ts']", "$['time']"));
    await run();
    expect(await sessions()).toEqual([]);
    writeFileSync(mapping, right);
    expect((await sparkifyJson(['rejects', '--replay', ...flags])).code).toBe(0);
    expect(await sessions()).toEqual([1, 2, 3, 4, 5, 99]);
    expect(await rejects()).toMatchObject({ total: 3 });
  });

  test('of vanished objects that are not whole lines are named as not replayable', async () => {
    const [long, odd] = [`{"a":"${'x'.repeat(70_000)}`, Buffer.from([0x7b, 0xff])];
    const lines = Buffer.concat([Buffer.from(`${long}\n{short\n`), odd]);
    writeBucket(root, [{ key: dayKey(7), content: lines }]);
    await run();
    rmSync(join(root, dayKey(7)));
    await run();
    const { rejects: listed } = (await rejects('--object', '2018-11-07')) as {
      rejects: { line: number; vanished: boolean; replayable: boolean }[];
    };
    expect(listed.map(({ line, vanished, replayable }) => [line, vanished, replayable])).toEqual([
      [1, true, false],
      [2, true, true],
      [3, true, false],
    ]);
    const { data } = await sparkifyJson(['rejects', '--replay', ...flags]);
    expect(data.notReplayable).toMatchObject([{ line: 1 }, { line: 3 }]);
    const { stdout } = await sparkify(['rejects', '--replay', ...flags]);
    expect(stdout).toContain('2 rejected lines of vanished objects cannot be replayed');
  });

  test('are listed or replayed, not both, and a replay needs a root', async () => {
    const both = await sparkifyError(['rejects', '--replay', ...flags, '--source', 'events']);
    expect(both).toMatchObject({ exitCode: 2, code: 'USAGE' });
    expect(await sparkifyError(['rejects', ...flags])).toMatchObject({
      exitCode: 2,
      message: '--from goes with --replay only.',
    });
    expect(await sparkifyError(['rejects', '--replay', ...target()])).toMatchObject({
      exitCode: 2,
      hint: expect.stringContaining('--from'),
    });
  });
});
