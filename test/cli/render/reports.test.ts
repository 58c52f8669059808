import { describe, expect, test } from 'vitest';
import { lineDisplay } from '../../../src/cli/progress/line-display.ts';
import { progressText } from '../../../src/cli/progress/live-display.ts';
import { renderFailure } from '../../../src/cli/render/failure.ts';
import { renderFindings } from '../../../src/cli/render/findings.ts';
import { bytes, counted, duration, rate } from '../../../src/cli/render/numbers.ts';
import { type PlanReport, renderPlan } from '../../../src/cli/render/plan.ts';
import { cut, displayWidth } from '../../../src/cli/render/printable.ts';
import { renderLeftOut, renderRejects } from '../../../src/cli/render/rejects.ts';
import { renderRunReport } from '../../../src/cli/render/run-report.ts';
import { renderStatements } from '../../../src/cli/render/statements.ts';
import { renderStatus } from '../../../src/cli/render/status.ts';
import { paintFor, plain } from '../../../src/cli/render/style.ts';
import { renderVerifyReport } from '../../../src/cli/render/verify-report.ts';
import type { RunReport } from '../../../src/pipeline/report.ts';
import type { Drift } from '../../../src/quality/drift.ts';
import type { CheckResult } from '../../../src/quality/run-checks.ts';

const check = (fields: Partial<CheckResult>): CheckResult => ({
  name: 'users_key_is_unique',
  kind: 'unique',
  table: 'users',
  severity: 'fail',
  says: 'keys of users stand on more than one row',
  failures: 0n,
  passed: true,
  ...fields,
});

describe('the report of a run', () => {
  const report: RunReport = {
    outcome: 'loaded',
    runId: 'r1',
    root: '/data',
    elapsedMs: 2_000,
    rememberedAt: undefined,
    sources: [
      {
        source: 'events',
        objects: 30,
        bytes: 4e6,
        linesRead: 8_056,
        linesLoaded: 8_053,
        linesRejected: 2,
        linesBlank: 1,
      },
    ],
    objects: {
      fresh: 30,
      grown: 0,
      changed: 0,
      outdated: 0,
      unchanged: 0,
      touched: 0,
      vanished: 1,
      returned: 0,
      forgotten: 0,
      ignored: 0,
    },
    tables: [{ table: 'users', rows: 96n, inserted: 5, updated: 2, deleted: 1 }],
    rebuilt: [],
    unreadable: [],
    batches: 1,
    interrupted: false,
    duplicates: [
      { table: 'staging_events', lines: 3n, exact: 1n, conflicts: 2n, examples: [{ session_id: '7', ts: '1\n' }] },
    ],
    drift: [],
    warnings: [],
    checked: 'everything',
    checks: [
      check({}),
      check({ name: 'page_is_known', severity: 'warn', says: 'rows are new', failures: 4n, passed: false }),
    ],
  };

  test('tells how much and how fast, the balance, duplicates, rows and checks', () => {
    expect(renderRunReport(report)).toBe(
      [
        '✔ Loaded 30 objects from /data in 2.00 s',
        '  8,056 lines, 4.0 MB at 2.0 MB/s · run r1',
        '  1 object vanished from the root; its rows stay.',
        '',
        'source  objects   read  = loaded  + rejected  + blank',
        '──────  ───────  ─────  ────────  ──────────  ───────',
        'events       30  8,056     8,053           2        1',
        '',
        '⚠ staging_events: 3 lines delivered more than once (1 of them the same in every column), 2 keys with lines that contradict each other',
        '  - session_id 7, ts 1\\n',
        '  and 1 more',
        '',
        'table  rows  inserted  updated  deleted',
        '─────  ────  ────────  ───────  ───────',
        'users    96         5        2        1',
        '',
        '⚠ page_is_known: rows are new: 4',
        '✔ 1 check passed',
      ].join('\n'),
    );
  });

  test('warns where the root holds nothing any more', () => {
    const objects = { ...report.objects, fresh: 0, vanished: 30, ignored: 1 };
    expect(renderRunReport({ ...report, objects, sources: [] })).toMatch(
      /^⚠ \/data holds no data any more: 30 objects vanished from the root; their rows stay\.\n {2}→ Check .*mounted\.\n {2}2\.00 s · run r1\n\n/,
    );
    const returned = { ...objects, returned: 1 };
    expect(renderRunReport({ ...report, objects: returned })).toMatch(/^✔ Loaded 30 objects/);
  });

  test('tells of objects that were forgotten or came back, of batches and of tables that were computed anew', () => {
    const objects = { ...report.objects, forgotten: 2, returned: 1 };
    const rebuilt = [
      { name: 'plays', why: 'missing' as const },
      { name: 'users', why: 'other definition' as const },
      { name: 'songs', why: 'other definition' as const },
      { name: 'artists', why: 'altered' as const },
      { name: 'events', why: 'without duplicates' as const },
    ];
    const text = renderRunReport({ ...report, objects, batches: 3, rebuilt });
    expect(text.split('\n').slice(1, 9)).toEqual([
      '  8,056 lines, 4.0 MB at 2.0 MB/s in 3 batches · run r1',
      '  1 object vanished from the root; its rows stay.',
      '  2 objects vanished from the root; their rows are dropped.',
      '  1 object that had vanished came back as before.',
      '  Computed anew, as the target lacks them: plays.',
      '  Computed anew, as somebody has altered them, or the ledger that tells of their lines: artists.',
      '  Computed anew, as the target lacks the duplicates or winners of them: events.',
      '  Computed anew, as the last run had another definition of them, or none: users, songs.',
    ]);
  });

  test('says where the checks looked at no more than what the run changed', () => {
    expect(renderRunReport({ ...report, checked: 'changes' })).toMatch(/\n✔ 1 check passed on what the run changed$/);
  });

  test('does not speak of loading where no object had to be read', () => {
    const objects = { ...report.objects, fresh: 0, unchanged: 30 };
    expect(renderRunReport({ ...report, objects, sources: [] })).toMatch(
      /^✔ Brought up to date with \/data in 2\.00 s\n {2}run r1\n {2}1 object vanished/,
    );
  });

  test('lists what could not be read with what to do, and says that it stopped', () => {
    const unreadable = Array.from({ length: 12 }, (_, index) => ({
      source: 'events',
      uri: `/data/${index}.json.gz`,
      code: 'OBJECT_UNREADABLE',
      message: `/data/${index}.json.gz is cut.`,
      hint: index === 0 ? 'Upload it again.' : undefined,
    }));
    const text = renderRunReport({ ...report, unreadable, interrupted: true });
    expect(text).toMatch(/^⚠ Loaded 30 objects/);
    expect(text).toContain(
      [
        '✖ 12 objects could not be read; the next run tries again:',
        '  - OBJECT_UNREADABLE /data/0.json.gz is cut.',
        '    → Upload it again.',
        '  - OBJECT_UNREADABLE /data/1.json.gz is cut.',
      ].join('\n'),
    );
    expect(text).toMatch(/\n {2}and 2 more\n\n⚠ Stopped as asked after 1 batch; the next run loads the rest\.$/);
  });

  test('warns of the first ten ways in which lines differ from those before', () => {
    const found = (key: string): Drift => ({
      source: 'events',
      key,
      kind: 'unknown',
      detail: 'string, as in /a\nb.json',
    });
    const eleven = Array.from({ length: 11 }, (_, index) => found(`$.key${index}`));
    const text = renderRunReport({ ...report, drift: eleven }, paintFor(true));
    expect(text).toContain(
      '\n\n\u001b[33m⚠\u001b[39m events: $.key0 is read by no column: string, as in /a\\nb.json\n',
    );
    expect(text).toMatch(/\$\.key9 [^\n]+\n {2}and 1 more in etl\.drift\n\n/);
    expect(renderRunReport({ ...report, drift: eleven.slice(1) })).not.toContain('etl.drift');
    const others: Drift[] = [
      { ...found('$.a'), kind: 'disappeared', detail: 'none' },
      { ...found('$.b'), kind: 'type', detail: 'number' },
    ];
    expect(renderRunReport({ ...report, drift: others })).toContain(
      '\n\n⚠ events: $.a has disappeared: none\n⚠ events: $.b has values of another type: number\n\n',
    );
  });

  test('ends with what went wrong after the commit', () => {
    const text = renderRunReport({ ...report, warnings: ['analyze failed'] });
    expect(text).toMatch(/\n\n⚠ analyze failed$/);
  });

  test('is one line when there is nothing new', () => {
    const objects = { ...report.objects, unchanged: 101 };
    expect(renderRunReport({ ...report, outcome: 'nothing new', objects, sources: [], elapsedMs: 210 })).toBe(
      '✔ Nothing new in /data: 101 objects loaded already (0.21 s)',
    );
  });

  test('says so where that is remembered, of when, and how to ask the warehouse', () => {
    const rememberedAt = new Date('2018-11-30T23:59:58Z');
    const text = renderRunReport({ ...report, outcome: 'nothing new', sources: [], rememberedAt });
    expect(text).toMatch(/^✔ Nothing new .*\n {2}As remembered of 2018-11-30 23:59 UTC; .*`sparkify plan` asks it.*$/);
  });
});

describe('the report of a plan', () => {
  const none = { objects: 0, bytes: 0 };
  const plan: PlanReport = {
    root: '/data',
    fullRefresh: false,
    period: undefined,
    refusals: [],
    outdatedTables: [{ name: 'users', why: 'other definition' }],
    read: { objects: 1, bytes: 100 },
    sources: [
      {
        source: 'events',
        states: {
          fresh: { objects: 1, bytes: 100 },
          grown: { objects: 1, bytes: 20 },
          outdated: none,
          forgotten: none,
          changed: { objects: 12, bytes: 2_000 },
          touched: none,
          unchanged: none,
          returned: none,
          vanished: none,
          ignored: none,
        },
        rowsGoing: 340,
        changedObjects: Array.from({ length: 12 }, (_, index) => `/data/${index}.json`),
        vanishedObjects: [],
        lostObjects: [],
      },
    ],
  };

  test('says what would be read, which rows would go, and lists ten of the objects that changed', () => {
    const text = renderPlan(plan);
    expect(text).toMatch(/^✔ A run would read 1 object \(100 B\) from \/data\.\n/);
    expect(text).toContain(
      '340 rows of events would go or be replaced.\nComputed anew, as the last run had another definition of them, or none: users.',
    );
    expect(text).toContain('12 objects with other content than when loaded:\n  - /data/0.json\n');
    expect(text).toMatch(/ {2}- \/data\/9\.json\n {2}and 2 more$/);
  });

  test('warns where the root holds nothing any more', () => {
    const states = {
      ...plan.sources[0]?.states,
      fresh: none,
      grown: none,
      changed: none,
      vanished: { objects: 1, bytes: undefined },
    };
    const sources = plan.sources.map((source) => ({ ...source, states: { ...source.states, ...states } }));
    expect(renderPlan({ ...plan, read: none, sources })).toMatch(
      /^⚠ \/data holds no data any more: 1 object vanished from the root; its rows stay\.\n {2}→ Check .*mounted\.\n\n/,
    );
  });

  test('names the days that were asked for', () => {
    const verdictOf = (since: string | undefined, until: string | undefined) =>
      renderPlan({ ...plan, period: { since, until } }).split('\n')[0];
    expect(verdictOf('2018-11-01', '2018-11-07')).toBe(
      '✔ A run would read 1 object (100 B) from /data, 2018-11-01 to 2018-11-07.',
    );
    expect(verdictOf('2018-11-01', undefined)).toMatch(/, 2018-11-01 and later\.$/);
    expect(verdictOf(undefined, '2018-11-07')).toMatch(/, up to 2018-11-07\.$/);
  });

  test('ends with what a run would refuse', () => {
    const refusals = [{ code: 'CONFIRMATION_NEEDED' as const, message: 'Sure?', hint: 'Add --yes.' }];
    expect(renderPlan({ ...plan, refusals })).toMatch(
      /\n\nA run without more flags would refuse:\n✖ CONFIRMATION_NEEDED Sure\?\n {2}→ Add --yes\.$/,
    );
  });

  test('leaves out states without objects', () => {
    expect(
      renderPlan(plan)
        .split('\n')
        .filter((line) => line.startsWith('events')),
    ).toEqual([
      'events  new            1   100 B  read',
      'events  grown          1    20 B  read what was added',
      'events  changed       12  2.0 kB  read again',
    ]);
  });
});

describe('the report of verify', () => {
  test('counts the queries that match and lists twenty cells that do not', () => {
    const differences = Array.from({ length: 25 }, (_, index) => ({
      row: index + 1,
      column: 'plays',
      expected: '',
      actual: String(index),
    }));
    const text = renderVerifyReport({
      checks: [check({}), check({ name: 'broken', failures: 1_234n, passed: false })],
      expected: [
        { query: 'top_songs', matches: true, rows: 10, differences: [] },
        { query: 'by_hour', matches: false, rows: 24, differences },
      ],
      passed: false,
    });
    expect(text).toContain('✖ broken: keys of users stand on more than one row: 1,234\n');
    expect(text).toContain('✖ 1 of 2 queries as expected');
    expect(text).toContain('by_hour    1  plays   (empty)   0');
    expect(text).toMatch(/by_hour {3}20 .*\nand 5 more differences in by_hour$/);
    expect(text).not.toContain('by_hour   21');
  });

  test('tells rows that are missing or too many apart from cells', () => {
    const differences = [
      { row: 1, column: undefined, expected: 'a,1', actual: undefined },
      { row: 0, column: undefined, expected: 'a,b', actual: 'a' },
    ];
    const text = renderVerifyReport({
      checks: [],
      expected: [{ query: 'q', matches: false, rows: 0, differences }],
      passed: false,
    });
    expect(text).toContain('q         1  (whole row)  a,1       (no such row)');
    expect(text).toContain('q      head  (whole row)  a,b       a');
  });
});

describe('rejected lines', () => {
  const reject = {
    source: 'events',
    uri: 's3://b/e.json',
    line: 17,
    column: 'ts',
    reason: 'is no number',
    rawText: `{"ts":"\u001B[2J"${'x'.repeat(99)}`,
    runId: 'r',
    loaded: true,
    vanished: false,
    replayable: true,
  };

  test('stand with object, line and column, and their text cut to the terminal and made harmless', () => {
    expect(renderRejects({ total: 5n, rejects: [reject] }, { width: 24 })).toBe(
      's3://b/e.json:17 $.ts is no number\n  {"ts":"\\u001b[2J"xxxx…\n\n1 rejected line of 5; --limit N shows more',
    );
  });

  test('are counted where none is to be listed', () => {
    expect(renderRejects({ total: 5n, rejects: [] })).toBe('5 rejected lines; --limit N shows them');
    expect(renderRejects({ total: 0n, rejects: [] })).toBe('✔ No rejected lines.');
  });

  test('have no column when the whole line is bad, and say when their run failed', () => {
    const text = renderRejects({ total: 1n, rejects: [{ ...reject, column: null, loaded: false }] });
    expect(text).toMatch(/^s3:\/\/b\/e\.json:17 is no number \(the run failed: nothing of it is loaded\)\n/);
    expect(text).toContain('x'.repeat(99));
  });
});

test('rejected lines that can only be replayed from their text, or not even that, say so', () => {
  const reject = { source: 'events', uri: '/e.json', line: 1, column: null, reason: 'bad', rawText: '{' };
  const told = (replayable: boolean) => {
    const line = { ...reject, runId: 'r', loaded: true, vanished: true, replayable };
    return renderRejects({ total: 1n, rejects: [line] }).split('\n')[0];
  };
  expect(told(true)).toBe('/e.json:1 bad (its object vanished)');
  expect(told(false)).toBe('/e.json:1 bad (cannot be replayed: its object vanished, and this is not the whole line)');
  expect(renderLeftOut([])).toEqual([]);
  expect(renderLeftOut([reject])).toEqual([
    '1 rejected line of vanished objects cannot be replayed, as the ledger has not the whole line:\n  - /e.json:1 bad',
  ]);
});

test('the script of a load has its transaction around everything but the schema, and as comments what others execute', () => {
  const script = renderStatements([
    { step: 'schema', by: 'target', title: 'create a', sql: 'create table a (n integer)', unless: 'select\n1' },
    { step: 'load', by: 'parser', title: 'parse', sql: 'insert into landed\nselect 1' },
    { step: 'load', by: 'target', title: 'copy', sql: "copy a from 'PATH'", needs: 'write a file for PATH' },
    { step: 'transform', by: 'target', title: 'fill a\nagain', sql: 'insert into a\nselect 1' },
    { step: 'record', by: 'target', title: 'write b', sql: 'insert into b\nvalues (?)', given: 'a value' },
  ]);
  expect(script.split('\n\n').slice(1)).toEqual([
    '-- schema: create a\n-- a run leaves it out where this gives a row: select 1\ncreate table a (n integer);',
    'begin;',
    '-- load: parse (by the embedded parser)\n-- insert into landed\n-- select 1;',
    "-- load: copy\n-- write a file for PATH\ncopy a from 'PATH';",
    '-- transform: fill a again\ninsert into a\nselect 1;',
    '-- record: write b\n-- a run hands over a value\n-- insert into b\n-- values (?);',
    'commit;',
  ]);
});

describe('the report of the status', () => {
  const run = {
    runId: 'r1',
    root: '/data',
    state: 'failed',
    startedAt: '2024-01-01 10:00:00.000',
    elapsedMs: 1_000,
    toolVersion: '1.0.0',
    unreadable: 0,
    errorCode: 'CONFLICTS',
  };
  const none = { total: 0n, first: [] };
  const status = { runs: [{ ...run, errorMessage: null }], roots: [], sources: [], unreadable: none, vanished: none };
  const whyOf = (errorMessage: string | null) =>
    renderStatus({ ...status, runs: [{ ...run, errorMessage }] }).split('\n')[1];

  test('lists roots, what the last run could not read and what vanished, and nothing of them where there is nothing', () => {
    const first = [{ source: 'events', uri: '/a', errorCode: 'STORAGE_DENIED', errorMessage: '/a may not be read.' }];
    const vanished = { total: 11n, first: Array.from({ length: 10 }, (_, index) => ({ uri: `/v${index}` })) };
    const text = renderStatus({ ...status, roots: ['/data', 's3://b'], unreadable: { total: 1n, first }, vanished });
    expect(text).toContain('\n\nLoaded from:\n  - /data\n  - s3://b\n\n');
    expect(text).toContain(
      '\n\n1 object that the last run could not read:\n  - STORAGE_DENIED /a may not be read.\n\n',
    );
    expect(text).toMatch(
      /\n\n11 objects vanished from the root, whose rows stay:\n {2}- \/v0\n(.+\n){8} {2}- \/v9\n {2}and 1 more\n\n/,
    );
    expect(renderStatus(status)).not.toMatch(/Loaded from|vanished from|could not read/);
  });

  test.each([
    ['one line', 'It broke.', '  CONFLICTS It broke.'],
    ['several', 'It broke.\nHere.', '  CONFLICTS It broke.'],
    ['a list of one', 'These are:\n  - users: id 1', '  CONFLICTS These are: users: id 1'],
    ['a list of several', 'These are:\n  - a\n  - b', '  CONFLICTS These are: a …'],
    ['a list without items', 'These are:', '  CONFLICTS These are'],
  ])('tells of an error with %s one line that is whole', (_, message, why) => {
    expect(whyOf(message)).toBe(why);
  });
});

test('findings that are not well are counted as one speaks', () => {
  const finding = { name: 'root', ok: false, detail: 'none is given' };
  expect(renderFindings([finding, { ...finding, ok: true }])).toMatch(/\n1 of 2 is not well\.$/);
  expect(renderFindings([finding, finding])).toMatch(/\n2 of 2 are not well\.$/);
});

test('progress in a pipe is a line when a stage starts and one when it ends', () => {
  let text = '';
  const { observe } = lineDisplay({ write: (line: string) => (text += line) } as never, ['plan', 'transform']);
  observe({ kind: 'started', stage: 'plan', detail: 'list /data' });
  observe({ kind: 'progress', stage: 'plan', detail: 'half', share: 0.5 });
  observe({ kind: 'finished', stage: 'plan', detail: '3 new objects', elapsedMs: 120 });
  expect(text).toBe('… plan       list /data\n✔ plan       3 new objects (0.12 s)\n');
});

test('progress on a terminal is a bar that never overflows', () => {
  expect(progressText('events', 0.5, 80)).toBe(`${'█'.repeat(12)}${'░'.repeat(12)}  50 % events`);
  expect(progressText('events', 7, 80)).toContain('100 %');
  expect(displayWidth(progressText('x'.repeat(99), 0, 50))).toBe(50);
});

test('a failure of a batch says how many others stay', () => {
  const failure = { code: 'CONFLICTS', message: 'No.', hint: 'Yes.', details: { committedBatches: 2 } };
  expect(renderFailure(failure, plain)).toBe('✖ CONFLICTS No.\n  2 batches before it stay loaded.\n  → Yes.');
  const first = { ...failure, details: { committedBatches: 0 } };
  expect(renderFailure(first, plain)).toBe('✖ CONFLICTS No.\n  Nothing was changed.\n  → Yes.');
  expect(renderFailure({ ...first, code: 'COMMIT_UNKNOWN' }, plain)).toBe('✖ COMMIT_UNKNOWN No.\n  → Yes.');
});

test('a failure has its code, its message and what to do', () => {
  expect(renderFailure({ code: 'USAGE', message: 'No.', hint: 'Yes.' }, plain)).toBe('✖ USAGE No.\n  → Yes.');
  expect(renderFailure({ code: 'USAGE', message: 'No.', hint: undefined }, plain)).toBe('✖ USAGE No.');
  expect(renderFailure({ code: 'USAGE', message: 'No.', hint: undefined }, paintFor(true))).toContain('\u001B[31m✖');
});

test('numbers are written for people', () => {
  const sizes = [0, 0.5194, 519.4805194805194, 999, 999.7, 1_000, 9_949, 9_960, 999_700, 12_345_678, 2.3e15, 2e18];
  expect(sizes.map(bytes).join(', ')).toBe(
    '0 B, 1 B, 519 B, 999 B, 1.0 kB, 1.0 kB, 9.9 kB, 10 kB, 1.0 MB, 12 MB, 2.3 PB, 2000 PB',
  );
  expect([0, 1_234, 59_949, 192_000].map(duration)).toEqual(['0.00 s', '1.23 s', '59.9 s', '3 min 12 s']);
  expect([counted(1, 'object'), counted(1_234n, 'object')]).toEqual(['1 object', '1,234 objects']);
  expect([rate(5e6, 500), rate(5, 0)]).toEqual(['10 MB/s', undefined]);
});

test('texts are cut by what they take on the screen', () => {
  expect([cut('日本語', 5), cut('abc', 3), cut('abcd', 3), cut('e\u0301e\u0301', 2)]).toEqual([
    '日本…',
    'abc',
    'ab…',
    'e\u0301e\u0301',
  ]);
});
