import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import { readSourceTotals } from '../../../src/ledger/read-status.ts';
import { showPlan } from '../../../src/pipeline/show-plan.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../../oracle/build-bucket.ts';
import type { BucketObject } from '../../oracle/read-objects.ts';
import { type DirectWarehouse, openDirect } from './direct-warehouse.ts';
import { type Servers, starOf, startServers } from './warehouse.ts';

let servers: Servers;
let warehouse: DirectWarehouse;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());

const first = logOf(eventLine(), eventLine({ itemInSession: 1, page: 'Home' }));
const second: BucketObject = { key: 'log_data/second.json', content: eventLine({ sessionId: 8, level: 'paid' }) };
const third: BucketObject = { key: 'log_data/third.json', content: eventLine({ sessionId: 9 }) };
const song = songFile();
const before = starOf(first, second, song);

beforeEach(async () => {
  warehouse = await openDirect(servers);
  await warehouse.put(first, second, song);
  await warehouse.run();
  expect(await warehouse.star()).toEqual(before);
});
afterEach(() => warehouse.remove());

const modes = [
  ['direct', () => warehouse.direct],
  ['landed', () => warehouse.target],
] as const;
const uriOf = ({ key }: BucketObject) => `${warehouse.root}/${key}`;
const plan = (options = {}) =>
  showPlan({ warehouse: sparkify, root: warehouse.root, target: warehouse.direct, ...options });

describe.each(modes)('after a direct load, in a %s run,', (mode, target) => {
  test('what is there and the same is not read again, and new objects are loaded', async () => {
    await warehouse.put(third);
    await warehouse.readLogs();
    expect(await warehouse.run({ target: target() })).toMatchObject({ objects: { fresh: 1, unchanged: 3 } });
    expect(await warehouse.readLogs()).toEqual([third.key]);
    expect(await warehouse.star()).toEqual(starOf(first, second, third, song));
    expect((await warehouse.ledger()).filter(({ state }) => state === 'copy')).toHaveLength(mode === 'direct' ? 2 : 1);
  });

  test.each([
    ['changed', eventLine({ sessionId: 10 })],
    ['grew', `${second.content}\n${eventLine({ sessionId: 10 })}`],
  ])('an object that %s is refused by name, and the others stay', async (_, content) => {
    await warehouse.put({ ...second, content }, third);
    await warehouse.readLogs();
    const error = await warehouse.failed({ target: target() });
    expect(error).toMatchObject({
      code: 'OBJECT_COPIED',
      message: expect.stringContaining(uriOf(second)),
      hint: expect.stringMatching(/under a new key.*--full-refresh/),
      details: { objects: [uriOf(second)] },
    });
    expect(await warehouse.readLogs()).toEqual([]);
    expect(await warehouse.star()).toEqual(before);
    expect(await plan()).toMatchObject({ refusals: [{ code: 'OBJECT_COPIED' }] });
    expect(await plan({ fullRefresh: true })).toMatchObject({ refusals: [] });
    await warehouse.put(second);
    await warehouse.run({ target: target() });
    expect(await warehouse.star()).toEqual(starOf(first, second, third, song));
  });

  test('an object that vanished keeps its rows, is told once, and may come back', async () => {
    await warehouse.gone(second.key);
    expect(await warehouse.run({ target: target() })).toMatchObject({ outcome: 'loaded', objects: { vanished: 1 } });
    expect(await warehouse.star()).toEqual(before);
    expect(await warehouse.run({ target: target() })).toMatchObject({ outcome: 'nothing new' });
    await warehouse.put(second);
    expect(await warehouse.run({ target: target() })).toMatchObject({ objects: { returned: 1 } });
    expect(await warehouse.star()).toEqual(before);
  });

  test('an object that vanished is not forgotten, which is said, while others are', async () => {
    await warehouse.put(third);
    await warehouse.land();
    await warehouse.gone(second.key);
    await warehouse.gone(third.key);
    const asked = { target: target(), forgetVanished: true, yes: true };
    const said = [expect.stringMatching(new RegExp(`^1 object vanished and not forgotten.*${second.key}$`, 's'))];
    expect(await warehouse.run(asked)).toMatchObject({ objects: { vanished: 1, forgotten: 1 }, warnings: said });
    expect(await warehouse.star()).toEqual(before);
    expect(await warehouse.run(asked)).toMatchObject({ outcome: 'nothing new', warnings: said });
  });

  test('a staging table that somebody dropped is filled again, of what is there to be read', async () => {
    await warehouse.ask('drop table staging_events cascade');
    await plan();
    expect(await warehouse.run({ target: target() })).toMatchObject({ outcome: 'loaded', objects: { fresh: 2 } });
    expect(await warehouse.star()).toEqual(before);
    await warehouse.ask('drop table staging_events cascade');
    await warehouse.gone(second.key);
    await plan();
    expect(await warehouse.failed({ target: target() })).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
    await warehouse.run({ target: target(), yes: true });
    expect(await warehouse.star()).toEqual(starOf(first, song));
  });

  test('a column of staging that somebody dropped is filled by a full refresh, or without what is gone', async () => {
    const drop = async () => {
      await warehouse.ask('drop view etl.staging_events_winners');
      await warehouse.ask('alter table staging_events drop column location');
      await plan();
    };
    await drop();
    expect(await warehouse.failed({ target: target() })).toMatchObject({
      code: 'OBJECT_COPIED',
      message: expect.stringMatching(/^2 objects that came by COPY have lost values, as somebody has altered /),
      hint: expect.stringContaining('--full-refresh'),
    });
    await warehouse.run({ fullRefresh: true });
    expect(await warehouse.star()).toEqual(before);
    await drop();
    await warehouse.gone(second.key);
    expect(await warehouse.failed({ target: target(), fullRefresh: true, yes: true })).toMatchObject({
      code: 'OBJECT_COPIED',
      hint: expect.stringMatching(/drop the staging table and run with --yes/),
    });
    await warehouse.ask('drop table staging_events cascade');
    await plan();
    await warehouse.run({ target: target(), yes: true });
    expect(await warehouse.star()).toEqual(starOf(first, song));
  });

  test('winners that somebody dropped are made again, and nothing is read', async () => {
    await warehouse.ask('drop view etl.staging_events_winners');
    await warehouse.put(third);
    expect(await warehouse.run({ target: target() })).toMatchObject({ objects: { fresh: 1, unchanged: 3 } });
    expect(await warehouse.run({ target: target() })).toMatchObject({ outcome: 'nothing new' });
    expect(await warehouse.star()).toEqual(starOf(first, second, third, song));
  });

  test('a full refresh reads everything again, what changed as well, and leaves no row of the COPY before', async () => {
    const changed = { ...second, content: eventLine({ sessionId: 10 }) };
    await warehouse.put(changed, third);
    const [copy] = (await warehouse.ledger()).filter(({ state }) => state === 'copy');
    const report = await warehouse.run({ target: target(), fullRefresh: true });
    expect(report).toMatchObject({
      sources: [{ objects: 3, linesLoaded: 4 }, { objects: 1 }],
      tables: expect.arrayContaining([
        expect.objectContaining({ table: 'staging_events', rows: 4n, inserted: 4, deleted: 3 }),
      ]),
    });
    expect(await warehouse.star()).toEqual(starOf(first, changed, third, song));
    const ledger = await warehouse.ledger();
    expect(ledger.filter(({ state }) => state === 'copy')).toHaveLength(mode === 'direct' ? 1 : 0);
    expect(ledger.map(({ id }) => id)).not.toContain(copy?.id);
    expect(ledger).toHaveLength(mode === 'direct' ? 5 : 4);
  });

  test('a full refresh is refused where an object has vanished, whose rows it would lose', async () => {
    await warehouse.gone(second.key);
    for (const _ of ['now', 'before']) {
      expect(await warehouse.failed({ target: target(), fullRefresh: true })).toMatchObject({
        code: 'OBJECT_COPIED',
        message: expect.stringContaining(uriOf(second)),
      });
      expect(await plan({ fullRefresh: true })).toMatchObject({ refusals: [{ code: 'OBJECT_COPIED' }] });
      await warehouse.run();
    }
    expect(await warehouse.star()).toEqual(before);
  });

  test('a full refresh that brings less than half of the lines is refused unless that is meant', async () => {
    await warehouse.put({ ...first, content: '' });
    const asked = { target: target(), fullRefresh: true };
    expect(await warehouse.failed(asked)).toMatchObject({
      code: 'OBJECT_SHRANK',
      message: expect.stringContaining('all of events: 3 lines before, 1 now'),
    });
    expect(await warehouse.star()).toEqual(before);
    await warehouse.run({ ...asked, allowShrink: true });
    expect(await warehouse.star()).toEqual(starOf(second, song));
  });

  test('a full refresh that cannot read an object loses none of its rows', async () => {
    const asked = { target: target(), fullRefresh: true };
    const broken = warehouse.run(asked, {
      open: async (opened, options) => {
        await warehouse.gone(second.key);
        return openTarget(opened, options);
      },
    });
    await expect(broken).rejects.toMatchObject({ message: expect.stringContaining(second.key) });
    expect(await warehouse.star()).toEqual(before);
  });

  test('another mapping is refused but for a full refresh', async () => {
    await warehouse.put({ key: 'log_json_path.json', content: swappedPaths() });
    const error = await warehouse.failed({ target: target() });
    expect(error).toMatchObject({
      code: 'OBJECT_COPIED',
      message: expect.stringContaining('would be landed by other rules now'),
      hint: expect.stringContaining('--full-refresh'),
    });
    expect(await warehouse.star()).toEqual(before);
    await warehouse.run({ target: target(), fullRefresh: true });
    expect(await warehouse.ask('select distinct first_name, last_name from staging_events')).toEqual([
      { first_name: 'Birch', last_name: 'Nora' },
    ]);
  });
});

test('a full refresh of one root leaves the rows that COPY brought from another', async () => {
  const other = `s3://${servers.s3.bucket}/${warehouse.folder}-other`;
  await servers.s3.put(`${warehouse.folder}-other/log_json_path.json`, swappedPaths(0));
  await servers.s3.put(`${warehouse.folder}-other/${third.key}`, third.content);
  await warehouse.run({ root: other, addRoot: true });
  const after = starOf(first, second, third, song);
  expect(await warehouse.star()).toEqual(after);
  await warehouse.run({ fullRefresh: true });
  expect(await warehouse.star()).toEqual(after);
  expect((await warehouse.ledger()).filter(({ state }) => state === 'copy')).toHaveLength(2);
});

test('objects that landed stay so: what is added to them is read, and a full refresh copies them too', async () => {
  const landed = await openDirect(servers);
  await landed.put(first, second, song);
  await landed.land();
  const grown = { ...second, content: `${second.content}\n${eventLine({ sessionId: 10 })}\n` };
  const changed = { ...first, content: eventLine({ level: 'paid' }) };
  await landed.put(grown, changed, third);
  expect(await landed.run({ allowShrink: true })).toMatchObject({ objects: { changed: 1, grown: 1, fresh: 1 } });
  const after = starOf(grown, changed, third, song);
  expect(await landed.star()).toEqual(after);
  await landed.run({ fullRefresh: true });
  expect(await landed.star()).toEqual(after);
  expect((await landed.ledger()).filter(({ unread }) => unread)).toHaveLength(4);
  await landed.remove();
});

test('status counts the objects that were read, and their lines', async () => {
  const session = await openTarget(warehouse.target, { mode: 'read' });
  const [events] = await readSourceTotals(session);
  await session.close();
  expect(events).toMatchObject({ source: 'events', objects: 2n, vanished: 0n, linesRead: 3n, linesLoaded: 3n });
});

/** The JSONPaths file with the first and the last name exchanged, or as it is. */
function swappedPaths(swap = 1): string {
  const paths = [
    ...['artist', 'auth', 'firstName', 'gender', 'itemInSession', 'lastName', 'length', 'level', 'location', 'method'],
    ...['page', 'registration', 'sessionId', 'song', 'status', 'ts', 'userAgent', 'userId'],
  ];
  if (swap === 1) [paths[2], paths[5]] = ['lastName', 'firstName'];
  return JSON.stringify({ jsonpaths: paths.map((path) => `$['${path}']`) });
}
