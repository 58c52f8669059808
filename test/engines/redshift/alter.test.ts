import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { integerType } from '../../../src/model/column-type.ts';
import { columnReference } from '../../../src/model/expression.ts';
import { integer, text } from '../../../src/model/staging.ts';
import type { Warehouse } from '../../../src/model/warehouse.ts';
import { stagingEvents, stagingSongs } from '../../../src/sparkify/staging.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { replaced, revisions } from '../../conformance/history/revisions.ts';
import { redshiftErrors } from '../../redshift/faults.ts';
import {
  firstObjects,
  laterObjects,
  openLoadedWarehouse,
  type Servers,
  starOf,
  startServers,
  type TestWarehouse,
} from './warehouse.ts';

let servers: Servers;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  warehouse = await openLoadedWarehouse(servers);
});
afterEach(async () => {
  servers.standIn.faults.clear();
  await warehouse.remove();
});

const before = starOf(...firstObjects);
const after = starOf(...firstObjects, ...laterObjects);

const widerYear = { ...(revisions.find(({ name }) => name === 'a wider year')?.warehouse ?? sparkify), version: 2 };
const withTitle = (bytes: number) => ({
  ...replaced(sparkify, [
    [stagingSongs.columns.title, text(bytes, { from: 'title', doc: 'Title of the song', required: true })],
    [stagingSongs.row.title, columnReference('title', { kind: 'text', bytes })],
  ]),
  version: 2,
});
const narrowUser = {
  ...replaced(sparkify, [
    [stagingEvents.columns.user_id, integer({ from: 'userId', doc: 'The person; absent when logged out' })],
    [stagingEvents.row.user_id, columnReference('user_id', integerType)],
  ]),
  version: 2,
};

/** What a change that was refused comes to: everything is as it was, and both declarations go on. */
async function confirmAsBefore(changed: Warehouse, inTheWay: string | undefined): Promise<void> {
  expect(await warehouse.star()).toEqual(before);
  expect(await warehouse.ask('select count(*) from plays')).toEqual([{ count: '1' }]);
  expect(await warehouse.ask('select count(*) from etl.staging_songs_winners')).toEqual([{ count: '1' }]);
  expect(await warehouse.run({ warehouse: { ...sparkify, version: 3 } })).toMatchObject({ outcome: 'loaded' });
  expect(await warehouse.star()).toEqual(after);
  if (inTheWay === undefined) return;
  await warehouse.ask(inTheWay);
  await warehouse.run({ warehouse: { ...changed, version: 4 } });
  expect(await warehouse.star()).toEqual(after);
}

describe('a change of the type of a column', () => {
  test.each([
    [
      'that a view of somebody else reads names that view',
      widerYear,
      'create view mine as select year from songs',
      'the view public.mine reads it',
      'drop view mine',
    ],
    [
      'whose length that view reads names it too',
      withTitle(2048),
      'create view mine as select title from songs',
      'the view public.mine reads it',
      'drop view mine',
    ],
    [
      'to a length that values do not fit says so',
      withTitle(2),
      'select 1',
      'it has values of more than 2 bytes',
      undefined,
    ],
    ['of a key is not possible', narrowUser, 'select 1', 'it is of the key', undefined],
  ])('%s, and leaves all as it was', async (_, changed, prepare, says, inTheWay) => {
    await warehouse.ask(prepare);
    await expect(warehouse.run({ warehouse: changed })).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringMatching(
        new RegExp(` does not let a run change the type of column \\w+ of \\w+: ${says}\\.$`),
      ),
      hint: expect.stringMatching(/^(Drop the view|Declare a length|Redshift drops no column of a key: drop table)/),
    });
    await confirmAsBefore(changed, inTheWay);
  });

  test('to a length that a value does not fit says so also where that value is a duplicate', async () => {
    const [song] = firstObjects.filter(({ key }) => key.startsWith('song_data/'));
    warehouse.put({ key: `${song?.key}-again.json`.replace('.json-', '-'), content: song?.content ?? '' });
    await warehouse.run();
    await expect(warehouse.run({ warehouse: withTitle(2) })).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('it has values of more than 2 bytes'),
    });
  });

  test('waits a minute for locks, and copies values for as long as it takes', async () => {
    servers.standIn.reset();
    await warehouse.run({ warehouse: widerYear, target: `${warehouse.target}&statement_timeout=2h` });
    const sent = servers.standIn.statements().map(({ sql }) => sql.replace(/^--.*\n/, ''));
    const timeoutOf = (statement: RegExp) => {
      const timeouts = sent
        .slice(
          0,
          sent.findIndex((sql) => statement.test(sql)),
        )
        .filter((sql) => /^set statement_timeout/.test(sql));
      return Number(/\d+$/.exec(timeouts.at(-1) ?? '')?.[0]);
    };
    expect([/^alter table .* add column/, /^update .*\$new/, /^alter table .* drop column/].map(timeoutOf)).toEqual([
      60_000, 7_200_000, 60_000,
    ]);
  });

  test('is not held up by a late-binding view', async () => {
    await warehouse.ask('create view mine as select song_id, year from public.songs with no schema binding');
    await warehouse.run({ warehouse: widerYear });
    expect(await warehouse.star()).toEqual(after);
    expect(await warehouse.ask('select count(*) from mine')).toEqual([{ count: '2' }]);
  });

  test('of a key comes with tables that are made anew, once they were dropped', async () => {
    for (const table of ['staging_events', 'users', 'songplays']) await warehouse.ask(`drop table ${table} cascade`);
    await warehouse.run({ warehouse: narrowUser, fullRefresh: true });
    expect(await warehouse.star()).toEqual(after);
  });

  test.each([
    ['in the transaction that it needs', widerYear, / drop column /],
    ['outside a transaction', withTitle(2048), / alter column /],
  ])('that fails %s takes no view away', async (_, changed, matching) => {
    servers.standIn.faults.add({ matching, outcome: { error: redshiftErrors.diskFull } });
    await expect(warehouse.run({ warehouse: changed })).rejects.toMatchObject({ code: 'STATEMENT_FAILED' });
    await confirmAsBefore(changed, 'select 1');
  });
});

test('a column that is declared no more stays, with a warning, while a view of somebody else reads it', async () => {
  await warehouse.ask('create view mine as select song_id, year from songs');
  const without = revisions.find(({ name }) => name === 'songs without their years')?.warehouse ?? sparkify;
  const { warnings } = await warehouse.run({ warehouse: { ...without, version: 2 } });
  expect(warnings).toEqual([expect.stringContaining('the view public.mine reads it')]);
  expect(await warehouse.ask('select count(*) from mine')).toEqual([{ count: '2' }]);
});
