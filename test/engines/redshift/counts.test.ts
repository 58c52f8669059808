import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import { showPlan } from '../../../src/pipeline/show-plan.ts';
import { reading, verify } from '../../../src/pipeline/verify.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { eventLine, songFile } from '../../oracle/build-bucket.ts';
import { jsonPathsObject } from '../../support/bucket.ts';
import {
  firstObjects,
  laterObjects,
  openWarehouse,
  type Servers,
  starOf,
  startServers,
  type TestWarehouse,
} from './warehouse.ts';

/** Song files of the first load; the real bucket holds 14,896. With a thousand and more all goes the way of thousands. */
const songFiles = Number(process.env.TEST_OBJECTS ?? 1_500);

let servers: Servers;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(() => {
  warehouse = openWarehouse(servers);
});
afterEach(() => warehouse.remove());

/** What was asked of store and warehouse since this was called last. */
async function asked() {
  const requests = await servers.s3.requests();
  const counters = servers.standIn.counters();
  servers.standIn.reset();
  const count = (method: string, beginning: string) =>
    requests.filter((one) => one.method === method && one.key.startsWith(beginning)).length;
  return { requests, counters, count };
}

test('many small files cost a few requests and statements, and nothing new costs no connection', async () => {
  const days = Array.from({ length: 31 }, (_, day) => ({
    key: `log_data/2018/11/day-${day}.json`,
    content: [0, 1, 2].map((item) => eventLine({ sessionId: day, itemInSession: item })).join('\n'),
  }));
  const songs = Array.from({ length: songFiles }, (_, song) => ({
    key: `song_data/A/B/C/TR${song}.json`,
    content: songFile({ song_id: `SO${song}`, artist_id: `AR${song}`, title: `Song ${song}` }).content,
  }));
  const objects = [jsonPathsObject, ...days, ...songs];
  for (let start = 0; start < objects.length; start += 50) {
    await Promise.all(
      objects.slice(start, start + 50).map(({ key, content }) => servers.s3.put(`lake/${key}`, content)),
    );
  }
  const root = `s3://${servers.s3.bucket}/lake`;
  await asked();

  const { runId, ...report } = await warehouse.run({ root });
  expect(report).toMatchObject({ outcome: 'loaded', batches: 1 });
  expect(servers.standIn.statements().map(({ sql }) => sql)).toContain(`set query_group to '${runId}'`);
  const first = await asked();
  expect(first.counters.copies).toBeLessThanOrEqual(4);
  expect(first.count('PUT', '')).toBeLessThanOrEqual(20);
  // Two that make ledger and star, one to say that the run begins, one that loads.
  expect(first.counters).toMatchObject({ transactions: 4, commits: 4, rollbacks: 0 });
  const read = first.requests.filter(({ method, key }) => method === 'GET' && /^lake\/\w+_data\//.test(key));
  expect(read).toHaveLength(songFiles + 31);
  expect(new Set(read.map(({ key }) => key)).size).toBe(songFiles + 31);

  expect(await warehouse.run({ root })).toMatchObject({ outcome: 'nothing new' });
  const second = await asked();
  expect(second.counters).toMatchObject({ connections: 0, statements: 0 });
  expect(second.count('GET', 'lake/song_data/')).toBe(0);
  expect(second.count('PUT', '')).toBe(0);
}, 600_000);

describe('the remembered listing is forgotten', () => {
  beforeEach(async () => {
    warehouse.put(...firstObjects);
    await warehouse.run();
    await asked();
    expect(await warehouse.run()).toMatchObject({ outcome: 'nothing new', rememberedAt: expect.any(Date) });
    expect((await asked()).counters.connections).toBe(0);
  });

  const connects = async (outcome: string, options = {}) => {
    expect(await warehouse.run(options)).toMatchObject({ outcome });
    return (await asked()).counters.connections > 0;
  };

  test('when something was written by another hand of ours, before it is', async () => {
    const session = await openTarget(warehouse.target, { mode: 'write' });
    expect((await servers.s3.list(warehouse.landing)).some((key) => key.endsWith('/listing.json'))).toBe(false);
    await session.close();
    expect(await connects('nothing new')).toBe(true);
    expect(await connects('nothing new')).toBe(false);
  });

  test('when a run fails', async () => {
    warehouse.put(...laterObjects);
    servers.standIn.faults.add({ kind: 'copy', outcome: { error: { sqlState: 'XX000', message: 'anything' } } });
    await expect(warehouse.run()).rejects.toThrow('anything');
    expect(await connects('loaded')).toBe(true);
    expect(await connects('nothing new')).toBe(false);
  });

  test('as what is asked for is more, or the root holds something else', async () => {
    expect(await connects('loaded', { fullRefresh: true })).toBe(true);
    warehouse.put(...laterObjects);
    expect(await connects('loaded')).toBe(true);
    expect(await connects('nothing new')).toBe(false);
  });

  describe('after the warehouse was dropped behind its back,', () => {
    beforeEach(async () => {
      await warehouse.ask('drop schema etl cascade');
      await warehouse.ask('drop table songplays, users, songs, artists, "time", staging_events, staging_songs cascade');
      expect(await warehouse.run()).toMatchObject({ outcome: 'nothing new', rememberedAt: expect.any(Date) });
    });

    test.each([
      ['verify', () => verify(sparkify, warehouse.target).catch(({ code }) => code), 'TARGET_EMPTY'],
      ['query', () => reading(warehouse.target, async () => {}).catch(({ code }) => code), 'TARGET_EMPTY'],
      [
        'plan',
        async () =>
          (await showPlan({ warehouse: sparkify, root: warehouse.root, target: warehouse.target })).sources.map(
            ({ fresh }) => fresh.length,
          ),
        [1, 1],
      ],
    ])('when %s finds that out', async (_, find, found) => {
      expect(await find()).toEqual(found);
      expect(await warehouse.run()).toMatchObject({ outcome: 'loaded', rememberedAt: undefined });
      expect(await warehouse.star()).toEqual(starOf(...firstObjects));
    });
  });

  test('when verify finds a table gone, or a check that does not hold', async () => {
    await warehouse.ask('drop table users cascade');
    await expect(verify(sparkify, warehouse.target)).rejects.toMatchObject({ code: 'TARGET_UNUSABLE' });
    await asked();
    expect(await connects('loaded')).toBe(true);
    expect(await connects('nothing new')).toBe(false);
    await warehouse.ask('delete from users');
    expect(await verify(sparkify, warehouse.target)).toMatchObject({ passed: false });
    await asked();
    expect(await connects('nothing new')).toBe(true);
  });

  test('where it cannot be read or is damaged', async () => {
    const key = (await servers.s3.list(warehouse.landing)).find((name) => name.endsWith('/listing.json')) ?? '';
    await servers.s3.put(key, '{broken');
    expect(await connects('nothing new')).toBe(true);
    await servers.s3.failNext({
      method: 'GET',
      beginning: key,
      times: 1,
      answer: { status: 403, code: 'AccessDenied' },
    });
    expect(await connects('nothing new')).toBe(true);
  });
});
