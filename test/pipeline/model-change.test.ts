import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { defineDimension } from '../../src/model/dimension.ts';
import { ascending, isNotNull } from '../../src/model/expression.ts';
import { defineFact } from '../../src/model/fact.ts';
import { defineSource } from '../../src/model/source.ts';
import { bigint, defineStaging, double, text } from '../../src/model/staging.ts';
import { column } from '../../src/model/star-table.ts';
import { defineWarehouse } from '../../src/model/warehouse.ts';
import { type RunOptions, run } from '../../src/pipeline/run.ts';
import { showPlan } from '../../src/pipeline/show-plan.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { writeBucket } from '../support/bucket.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

const source = defineSource({ name: 'clicks', doc: 'Clicks.', folder: 'clicks', framing: 'line' });
const physical = { redshift: { distribution: 'even', sortKey: [] } } as const;

interface Variant {
  readonly version: number;
  readonly page?: boolean;
  readonly kind?: boolean;
  readonly textualWeight?: boolean;
  readonly first?: boolean;
  readonly narrow?: boolean;
  readonly clicksGone?: boolean;
  readonly staged?: string;
  readonly oldest?: boolean;
  readonly weightInKey?: boolean;
  readonly numbered?: boolean;
}

/** The same warehouse as it is declared from time to time. */
function warehouseOf(variant: Variant) {
  const { version, page = false, kind = false, textualWeight = false, first = false } = variant;
  const { narrow = false, clicksGone = false, staged = 'staging_clicks', oldest = false } = variant;
  const { weightInKey = false, numbered = false } = variant;
  const clicks = defineStaging({
    name: staged,
    doc: 'Clicks.',
    grain: 'one row per line',
    source,
    columns: {
      id: bigint({ from: 'id', doc: 'The click', required: true }),
      who: (numbered
        ? bigint({ from: 'who', doc: 'The person' })
        : text(narrow ? 2 : 32, { from: 'who', doc: 'The person' })) as ReturnType<typeof text>,
      weight: (textualWeight
        ? text(32, { from: 'weight', doc: 'Weight' })
        : double({ from: 'weight', doc: 'Weight' })) as ReturnType<typeof double>,
      ...(page && { page: text(32, { from: 'page', doc: 'The page' }) }),
      ...(kind && { kind: text(32, { from: 'kind', doc: 'The kind of click' }) }),
    },
    key: ['id'],
    newest: oldest ? 'weight' : 'id',
    physical,
  });
  const people = defineDimension(clicks, (click) => ({
    name: 'people',
    doc: 'People.',
    grain: 'one row per person',
    where: isNotNull(click.who),
    key: { who: column(click.who, 'The person') },
    columns: { click: column(click.id, first ? 'First click' : 'Some click') },
    pick: first ? [ascending(click.id)] : [{ ...ascending(click.id), direction: 'descending' }],
    physical,
  }));
  const clicked = defineFact(clicks, (click) => ({
    name: 'clicked',
    doc: 'Clicks.',
    grain: 'one row per click',
    key: {
      id: column(click.id, 'The click'),
      ...(weightInKey && { weight: column(click.weight, 'Weight') }),
    },
    columns: {
      ...(!weightInKey && { weight: column(click.weight, 'Weight') }),
      ...(page && { page: column((click as unknown as { page: typeof click.who }).page, 'The page') }),
    },
    physical,
  }));
  const tables = clicksGone ? [people] : [people, clicked];
  return defineWarehouse({ name: 'clicks', doc: 'Clicks.', version, staging: [clicks], tables });
}

describe.each(testEngines)('a model that changes, on $engine', ({ engine, create }) => {
  let root: string;
  let target: string;
  let remove: () => void;
  const runIt = (variant: Variant, options: Partial<RunOptions> = {}) =>
    run({ warehouse: warehouseOf(variant), root, target, toolVersion: 'test', ...options });

  async function ask(sql: string): Promise<readonly (readonly Value[])[]> {
    const session = await openTarget(target, { mode: 'read' });
    try {
      return (await session.query(sql)).rows;
    } finally {
      await session.close();
    }
  }

  async function runSql(sql: string): Promise<void> {
    const session = await openTarget(target, { mode: 'write' });
    try {
      await session.run(sql);
    } finally {
      await session.close();
    }
  }

  beforeEach(() => {
    root = temporaryFolder();
    ({ target, remove } = create());
    const lines = [
      '{"id":1,"who":"a","weight":1.5,"page":"x"}',
      '{"id":2,"who":"a","weight":2.5,"page":"y"}',
      '{"id":3,"who":null,"weight":null}',
    ];
    writeBucket(root, [{ key: 'clicks/1.json', content: `${lines.join('\n')}\n` }]);
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  test('computes a table anew whose rule is another one, and no other', async () => {
    await runIt({ version: 1 });
    expect(await ask('select click from people')).toEqual([[2n]]);
    const warehouse = warehouseOf({ version: 2, first: true });
    expect(await showPlan({ warehouse, root, target })).toMatchObject({
      outdatedTables: [{ name: 'people', why: 'other definition' }],
    });
    const { tables, sources } = await runIt({ version: 2, first: true });
    expect(await ask('select click from people')).toEqual([[1n]]);
    expect(sources[0]?.objects).toBe(0);
    expect(tables.find(({ table }) => table === 'clicked')).toMatchObject({ inserted: 0, updated: 0, deleted: 0 });
    expect(tables.find(({ table }) => table === 'people')).toMatchObject({ inserted: 0, updated: 1, deleted: 0 });
    expect(await runIt({ version: 2, first: true })).toMatchObject({ outcome: 'nothing new' });
  });

  test('says at every run of two declarations that share the target why their tables are computed anew', async () => {
    const people = { name: 'people', why: 'other definition' };
    expect(await runIt({ version: 1 })).toMatchObject({ rebuilt: [] });
    for (const first of [true, false, true]) {
      expect(await runIt({ version: 1, first })).toMatchObject({ outcome: 'loaded', rebuilt: [people] });
    }
  });

  test('gives tables their new columns and fills them, and takes them away again', async () => {
    await runIt({ version: 1 });
    await runSql('create view of_mine as select id, weight from clicked');
    expect(await runIt({ version: 2, page: true })).toMatchObject({ objects: { outdated: 1 }, warnings: [] });
    expect(await ask('select id, page from clicked order by id')).toEqual([
      [1n, 'x'],
      [2n, 'y'],
      [3n, null],
    ]);
    expect((await verify(warehouseOf({ version: 2, page: true }), target)).passed).toBe(true);
    expect(await runIt({ version: 3 })).toMatchObject({ objects: { outdated: 1 }, warnings: [] });
    expect((await ask('select * from clicked order by id'))[0]).toEqual([1n, 1.5]);
    expect(await ask('select count(*) from of_mine')).toEqual([[3n]]);
    expect((await verify(warehouseOf({ version: 3 }), target)).passed).toBe(true);
  });

  test('gives columns back that were taken away, of which one could not be', async () => {
    await runIt({ version: 1, page: true });
    await runSql('create view of_mine as select id, page from clicked');
    // On an engine whose views hold on to what they read `clicked` keeps its column, and the staging table does not.
    await runIt({ version: 2 });
    const again = { version: 3, page: true };
    expect(await runIt(again)).toMatchObject({ outcome: 'loaded', objects: { outdated: 1 }, warnings: [] });
    expect(await ask('select id, page from clicked order by id')).toEqual([
      [1n, 'x'],
      [2n, 'y'],
      [3n, null],
    ]);
    expect((await verify(warehouseOf(again), target)).passed).toBe(true);
  });

  test('gives a column back that could not be taken away, where duplicates were found without it', async () => {
    writeBucket(root, [{ key: 'clicks/2.json', content: '{"id":1,"who":"b","page":"z","kind":"tap"}\n' }]);
    await runIt({ version: 1, page: true });
    await runSql(
      engine === 'duckdb'
        ? 'create index of_mine on staging_clicks (page)'
        : 'create view of_mine as select id, page from staging_clicks',
    );
    const { warnings } = await runIt({ version: 2, kind: true });
    expect(warnings).toHaveLength(1);
    const again = { version: 3, page: true, kind: true };
    expect(await runIt(again)).toMatchObject({ outcome: 'loaded', warnings: [] });
    expect(await ask('select id, page from clicked order by id')).toEqual([
      [1n, 'x'],
      [2n, 'y'],
      [3n, null],
    ]);
    expect((await verify(warehouseOf(again), target)).passed).toBe(true);
  });

  test.each([
    ['a table', 'clicked'],
    ['a staging table', 'staging_clicks'],
  ])('fills %s that somebody has dropped, also where the run that made it anew failed', async (_, table) => {
    writeBucket(root, [{ key: 'clicks/2.json', content: '{"id":1,"who":"b","weight":9}\n' }]);
    await runIt({ version: 1 });
    const before = await ask('select * from clicked order by id');
    await runSql(`drop table ${table} cascade`);
    writeBucket(root, [{ key: 'clicks/3.json', content: '{broken\n' }]);
    await expect(runIt({ version: 1 }, { maxRejects: { lines: 0 } })).rejects.toMatchObject({
      code: 'TOO_MANY_REJECTS',
    });
    rmSync(join(root, 'clicks/3.json'));
    expect(await runIt({ version: 1 }, { toolVersion: 'next' })).toMatchObject({ outcome: 'loaded' });
    expect(await ask('select * from clicked order by id')).toEqual(before);
    expect(await ask('select id, lines from etl.staging_clicks_duplicates')).toEqual([[1n, 2n]]);
    expect((await verify(warehouseOf({ version: 1 }), target)).passed).toBe(true);
  });

  test('takes a table up again that was declared no more, with another column', async () => {
    await runIt({ version: 1 });
    await runIt({ version: 2, clicksGone: true, first: true });
    const again = { version: 3, page: true };
    expect(await runIt(again)).toMatchObject({ outcome: 'loaded' });
    expect(await ask('select id, page from clicked order by id')).toEqual([
      [1n, 'x'],
      [2n, 'y'],
      [3n, null],
    ]);
    expect((await verify(warehouseOf(again), target)).passed).toBe(true);
  });

  test('changes the type of a column', async () => {
    await runIt({ version: 1 });
    await runIt({ version: 2, textualWeight: true });
    expect(await ask('select weight from clicked order by id')).toEqual([['1.5'], ['2.5'], [null]]);
    await runIt({ version: 3 });
    expect(await ask('select weight from clicked order by id')).toEqual([[1.5], [2.5], [null]]);
    expect((await verify(warehouseOf({ version: 3 }), target)).passed).toBe(true);
  });

  test('has its lines in a staging table of another name, and back in the first one', async () => {
    await runIt({ version: 1 });
    const before = await ask('select * from clicked order by id');
    for (const variant of [{ version: 2, staged: 'landed_clicks' }, { version: 3 }]) {
      expect(await runIt(variant)).toMatchObject({ outcome: 'loaded', objects: { fresh: 1 } });
      expect(await ask('select * from clicked order by id')).toEqual(before);
      expect(await verify(warehouseOf(variant), target)).toMatchObject({ passed: true });
      expect(await runIt(variant)).toMatchObject({ outcome: 'nothing new' });
    }
  });

  test('of which a run fails, leaves the winners of the one before', async () => {
    writeBucket(root, [{ key: 'clicks/2.json', content: '{"id":1,"who":"b","weight":9}\n' }]);
    await runIt({ version: 1 });
    writeBucket(root, [{ key: 'clicks/3.json', content: '{broken\n' }]);
    const changes = [{ oldest: true }, { kind: true, page: true }];
    for (const change of changes) {
      await expect(runIt({ version: 2, ...change }, { maxRejects: { lines: 0 } })).rejects.toMatchObject({
        code: 'TOO_MANY_REJECTS',
      });
      expect(await verify(warehouseOf({ version: 1 }), target)).toMatchObject({ passed: true });
    }
  });

  test('gives a column back of a table that somebody has dropped since it could not be taken away', async () => {
    await runIt({ version: 1, page: true });
    const reader = engine === 'duckdb' ? 'index of_mine on clicked (page)' : 'view of_mine as select page from clicked';
    await runSql(`create ${reader}`);
    expect((await runIt({ version: 2 })).warnings).toHaveLength(1);
    await runSql('drop table clicked cascade');
    writeBucket(root, [{ key: 'clicks/3.json', content: '{broken\n' }]);
    await expect(runIt({ version: 2 }, { maxRejects: { lines: 0 } })).rejects.toMatchObject({
      code: 'TOO_MANY_REJECTS',
    });
    const again = { version: 3, page: true };
    expect(await runIt(again)).toMatchObject({ outcome: 'loaded', warnings: [] });
    expect(await verify(warehouseOf(again), target)).toMatchObject({ passed: true });
  });

  test('refuses another key, and makes the table anew that is dropped for it', async () => {
    writeBucket(root, [{ key: 'clicks/1.json', content: '{"id":1,"weight":1.5}\n{"id":2,"weight":2.5}\n' }]);
    await runIt({ version: 1 });
    const other = { version: 2, weightInKey: true };
    for (const fullRefresh of [false, true]) {
      await expect(runIt(other, { fullRefresh })).rejects.toMatchObject({
        code: 'TARGET_UNUSABLE',
        message: 'The key of clicked was (id) and is declared as (id, weight).',
        hint: expect.stringContaining('drop table clicked cascade'),
      });
    }
    expect(await verify(warehouseOf({ version: 1 }), target)).toMatchObject({ passed: true });
    expect(await runIt({ version: 1 })).toMatchObject({ outcome: 'nothing new' });
    await runSql('drop table clicked cascade');
    expect(await runIt(other)).toMatchObject({ outcome: 'loaded' });
    expect(await ask('select id, weight from clicked order by id')).toEqual([
      [1n, 1.5],
      [2n, 2.5],
    ]);
    expect(await verify(warehouseOf(other), target)).toMatchObject({ passed: true });
  });

  test.skipIf(engine === 'redshift')('has a column back that somebody has dropped of a key of several', async () => {
    const declared = { version: 1, weightInKey: true };
    writeBucket(root, [{ key: 'clicks/1.json', content: '{"id":1,"weight":1.5}\n{"id":2,"weight":2.5}\n' }]);
    await runIt(declared);
    for (const column of ['weight', 'id']) {
      await runSql(`alter table clicked drop column ${column}`);
      expect(await runIt(declared, { toolVersion: column })).toMatchObject({ outcome: 'loaded' });
      expect(await ask('select id, weight from clicked order by id')).toEqual([
        [1n, 1.5],
        [2n, 2.5],
      ]);
      expect(await verify(warehouseOf(declared), target)).toMatchObject({ passed: true });
    }
  });

  test('changes the type of a key where the engine can, to which not every value fits', async () => {
    writeBucket(root, [{ key: 'clicks/1.json', content: '{"id":1,"who":"a"}\n{"id":2,"who":"7"}\n' }]);
    await runIt({ version: 1 });
    const other = { version: 2, numbered: true };
    if (engine === 'redshift') {
      await expect(runIt(other)).rejects.toMatchObject({
        code: 'TARGET_UNUSABLE',
        message: expect.stringContaining('it is of the key'),
      });
      return;
    }
    expect(await runIt(other)).toMatchObject({ outcome: 'loaded' });
    expect(await ask('select who from people where who is null')).toEqual([]);
    expect(await verify(warehouseOf(other), target)).toMatchObject({ passed: true });
  });

  test('refuses a declaration older than the one the target was loaded with', async () => {
    await runIt({ version: 2 });
    await expect(runIt({ version: 1, first: true })).rejects.toMatchObject({
      code: 'MODEL_OLDER',
      message: 'The target was loaded with version 2 of the model; this is version 1.',
    });
    expect(await ask('select click from people')).toEqual([[2n]]);
  });

  test('lands rejects again on demand, of vanished objects from the text kept of them, where they stood', async () => {
    const long = `{"id":6,"who":"${'x'.repeat(70_000)}"}`;
    writeBucket(root, [
      { key: 'clicks/2.json', content: '{"id":4,"who":"bob"}\n{"id":5,"who":"c"}\n' },
      { key: 'clicks/3.json', content: `\n${long}\n{"id":7,"who":"carol"}\n{"id":"?","who":"d"}\n` },
    ]);
    await runIt({ version: 1, narrow: true });
    expect(await ask('select count(*) from etl.rejects')).toEqual([[4n]]);
    rmSync(join(root, 'clicks/3.json'));
    await runIt({ version: 1, narrow: true });
    const { sources } = await runIt({ version: 2 }, { replay: true });
    expect(sources[0]).toMatchObject({ objects: 3, linesRead: 7, linesLoaded: 6, linesRejected: 1 });
    expect(await ask('select line, column_name, state from etl.rejects order by line')).toEqual([
      [2n, 'who', 'kept'],
      [4n, 'id', 'kept'],
    ]);
    expect(await ask('select id from clicked order by id')).toEqual([1n, 2n, 3n, 4n, 5n, 7n].map((id) => [id]));
    expect(
      await ask(
        "select lines_read, lines_loaded, lines_rejected, lines_blank from etl.objects where state = 'vanished'",
      ),
    ).toEqual([[4n, 1n, 2n, 1n]]);
    expect(await ask('select count(distinct object_id) from staging_clicks')).toEqual([[3n]]);
    expect((await verify(warehouseOf({ version: 2 }), target)).passed).toBe(true);
    expect(await runIt({ version: 2 })).toMatchObject({ outcome: 'nothing new' });
  });
});
