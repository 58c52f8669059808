import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../src/engines/index.ts';
import { sparkify } from '../cli/in-process.ts';
import { eventLine } from '../oracle/build-bucket.ts';
import { testEngines } from '../support/targets.ts';
import { confirmTold, failureOf, folderPlace, moreObjects, openScene, type Scene } from './scene.ts';

/** The first names of all good lines are the same. */
const index = 'create unique index first on staging_events (item_in_session, first_name)';

describe.each(testEngines)('on $engine', (engine) => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await openScene(folderPlace(), engine);
    await scene.place.put(...moreObjects);
  });
  afterEach(() => scene.remove());

  async function write(...statements: readonly string[]): Promise<void> {
    const session = await openTarget(scene.target, { mode: 'write' });
    for (const sql of statements) await session.run(sql);
    await session.close();
  }

  test('a target that a newer version of this tool wrote is not touched, whatever its ledger looks like', async () => {
    await write('update etl.mutex set ledger_version = ledger_version + 1000');
    await write('alter table etl.objects rename column uri to address');
    const told = { code: 'TARGET_NEWER', names: [/version \d{4}/], hint: /Update sparkify-warehouse/ } as const;
    await scene.fails(told);
    await scene.fails(told, { fullRefresh: true });
    await write('alter table etl.objects rename column address to uri');
    await write('update etl.mutex set ledger_version = ledger_version - 1000');
    await scene.loads(...moreObjects);
  });

  const broken = { key: 'log_data/2018/11/2018-11-21-events.json', content: '{"firstName":"Nora Birch"' };
  const large = {
    key: broken.key,
    content: Array.from({ length: 300 }, (_, item) => eventLine({ sessionId: 21, itemInSession: item })).join('\n'),
  };

  const indexed = [
    ['an index over rows, read as text', 'staging_events', moreObjects, [index], ['drop index first']],
    ['an index over rows, parsed as a file', 'staging_events', [large], [index], ['drop index first']],
    [
      'a column of another type',
      'rejects',
      [broken],
      ['alter table etl.rejects alter raw_text type integer using null'],
      ['alter table etl.rejects alter raw_text type varchar'],
    ],
  ] as const;
  const lacking = [
    [
      'a column less',
      'rejects',
      [broken],
      ['alter table etl.rejects drop column reason'],
      [
        'alter table etl.rejects add column reason varchar(256)',
        'alter table etl.rejects drop column state',
        'alter table etl.rejects add column state varchar(16)',
      ],
    ],
    [
      'a column less in the ledger',
      'objects',
      moreObjects,
      ['alter table etl.objects drop column lines_blank'],
      ['alter table etl.objects add column lines_blank bigint default 0'],
    ],
  ] as const;
  // Redshift has no index, and no type changes in place.
  test.each([...lacking, ...(engine.engine === 'redshift' ? [] : indexed)])(
    'a target altered by hand (%s) is told without a value',
    async (_, table, objects, alter, back) => {
      await scene.place.put(...objects);
      await write(...alter);
      await scene.fails({ code: 'STATEMENT_FAILED', names: [table], hint: /altered by hand, put it back/ });
      await write(...back);
      expect(await scene.run()).toMatchObject({ outcome: 'loaded' });
      expect(await scene.run()).toMatchObject({ outcome: 'nothing new' });
    },
  );

  test('a mutex of two rows is refused, and what the hint says brings back what was loaded twice', async () => {
    const doubled = ['staging_events', 'staging_songs', 'etl.objects'].map(
      (table) => `insert into ${table} select * from ${table}`,
    );
    await write('insert into etl.mutex select * from etl.mutex', ...doubled);
    const { hint = '' } = await scene.fails(
      { code: 'TARGET_UNUSABLE', names: ['etl.mutex', '2 rows'], hint: /Keep one row/ },
      { fullRefresh: true },
    );
    const [, statements = ''] = /Keep one row: (.*)\. Then: sparkify run --full-refresh$/.exec(hint) ?? [];
    await write(...statements.split('; '));
    await scene.run({ fullRefresh: true });
    await scene.place.put(large);
    await scene.loads(...moreObjects, large);
    expect(await scene.ask('select uri from etl.objects')).toHaveLength(5);
  });

  test('a target of no known kind is told the kinds, and is wrong usage', async () => {
    for (const target of ['', 'warehouse.duckdb', 'mysql://user:S3CRET@host/db']) {
      const told = { code: 'TARGET_INVALID', names: ['target'], hint: /duckdb:PATH/ } as const;
      confirmTold(await failureOf(scene.run({ target })), told);
    }
    await scene.loads(...moreObjects);
  });

  test('the command line ends with 0 for rejects, 1 for what failed and 2 for wrong usage', async () => {
    const { place, target } = scene;
    const runFrom = (root: string, to: string) => sparkify(['run', '--from', root, '--target', to]);
    await place.put({ key: 'log_data/2018/bad.json', content: '{"firstName":"Nora"' });
    const rejected = await runFrom(place.root, target);
    expect(rejected).toMatchObject({ code: 0, stderr: '' });
    expect(rejected.stdout).not.toContain('Nora');
    expect(await runFrom(`${place.root}/nowhere`, target)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^✖ ROOT_NOT_FOUND .+\n {2}→ .+\n$/),
    });
    expect(await runFrom(place.root, 'mysql://host')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^✖ USAGE .+\n.*duckdb:PATH or postgres:.*\n {2}→ .+\n$/),
    });
  });
});
