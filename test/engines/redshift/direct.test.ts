import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import { countBroken, directRules } from '../../../src/engines/redshift/direct-rules.ts';
import type { SparkifyError } from '../../../src/errors.ts';
import { stagingEvents } from '../../../src/sparkify/staging.ts';
import { openRoot } from '../../../src/storage/open-root.ts';
import { eventLine, logOf, songFile } from '../../oracle/build-bucket.ts';
import { oracle } from '../../oracle/oracle.ts';
import { redshiftErrors } from '../../redshift/faults.ts';
import { defaultRole } from '../../redshift/stand-in.ts';
import { jsonPathsObject } from '../../support/bucket.ts';
import { sorted, tablesOf } from '../../support/read-star.ts';
import { openBucket } from '../../support/s3-server.ts';
import { type DirectWarehouse, generated, openDirect } from './direct-warehouse.ts';
import { type Servers, starOf, startServers } from './warehouse.ts';

let servers: Servers;
let warehouse: DirectWarehouse;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  warehouse = await openDirect(servers);
  servers.standIn.reset();
});
afterEach(async () => {
  servers.standIn.faults.clear();
  await warehouse.remove();
});

const log = logOf(eventLine(), eventLine({ itemInSession: 1, page: 'Home' }));
const [song, otherSong] = [songFile(), songFile({ song_id: 'SO2', title: 'Other', artist_id: 'AR2' })];
const nextDay = {
  key: 'log_data/2018/11/2018-11-16-events.json',
  content: eventLine({ sessionId: 8, level: 'paid', song: 'Paper Boats   ', userId: '', page: 'Home' }),
};

/** Nothing is loaded, and nothing is left in the landing folder. */
async function confirmNothingDone(): Promise<void> {
  expect(await warehouse.ledger()).toEqual([]);
  expect(await warehouse.ask('select count(*)::int as rows from staging_events')).toEqual([{ rows: 0 }]);
  expect(await servers.s3.list(warehouse.landing)).toEqual([expect.stringMatching(/\/writer\.json$/)]);
}

describe('a direct load', () => {
  test('gives the tables of a landed one, and reads every log once, by COPY alone', async () => {
    const objects = await generated(11);
    await warehouse.put(...objects);
    const logs = objects.filter(({ key }) => key.startsWith('log_data/'));
    await warehouse.readLogs();
    const report = await warehouse.run();
    expect(report.sources.map(({ source, objects: count }) => [source, count])).toEqual([
      ['events', logs.length],
      ['songs', 60],
    ]);
    // Once, and COPY has: the tool has read none.
    expect((await warehouse.readLogs()).toSorted()).toEqual(logs.map(({ key }) => key).toSorted());
    expect(warehouse.copies()).toHaveLength(1);
    const star = await warehouse.star();
    expect(star).toEqual(sorted(tablesOf(oracle(objects))));

    const landed = await openDirect(servers);
    await landed.land({ root: warehouse.root });
    expect(star).toEqual(await landed.star());
    await landed.remove();
  });

  test('is in the ledger as an object of its own, which has the lines, before those it has read', async () => {
    await warehouse.put(log, nextDay, song);
    const { runId, sources } = await warehouse.run();
    expect(sources[0]).toMatchObject({ source: 'events', objects: 2, linesRead: 3, linesLoaded: 3, linesRejected: 0 });
    const ofEvents = (await warehouse.ledger()).filter(({ source }) => source === 'events');
    const copied = { source: 'events', state: 'loaded', unread: true, read: 0, loaded: 0 };
    expect(ofEvents).toEqual([
      { ...copied, id: expect.any(Number), uri: `${warehouse.root}/${log.key}` },
      { ...copied, id: expect.any(Number), uri: `${warehouse.root}/${nextDay.key}` },
      {
        ...{ source: 'events', state: 'copy', unread: true, read: 3, loaded: 3, id: expect.any(Number) },
        uri: expect.stringMatching(new RegExp(`^s3://test-bucket/landing/.*/parts/${runId}-\\w+/\\d-staging_events/$`)),
      },
    ]);
    expect(await warehouse.ask('select distinct object_id::int as id from staging_events')).toEqual([
      { id: ofEvents[2]?.id },
    ]);
    expect((await servers.s3.list(warehouse.landing)).filter((key) => key.includes('/parts/'))).toEqual([]);
    expect(await warehouse.star()).toEqual(starOf(log, { ...nextDay }, song));
  });

  test('takes compressed objects and plain ones, each in one COPY', async () => {
    const compressed = { key: `${nextDay.key}.gz`, content: gzipSync(nextDay.content) };
    await warehouse.put(log, compressed, song);
    await warehouse.run();
    expect(warehouse.copies().map(({ sql }) => /\ngzip\n/.test(sql))).toEqual([false, true]);
    expect(await warehouse.star()).toEqual(starOf(log, nextDay, song));
  });

  test('demands every object of its manifest, of which COPY would skip a missing one in silence else', async () => {
    await warehouse.put(log, nextDay, song);
    servers.standIn.faults.add({ matching: /^-- copy objects of/, outcome: { delayMs: 1_500 } });
    const running = warehouse.run();
    const keys = () => servers.s3.list(warehouse.landing);
    await expect
      .poll(keys, { timeout: 10_000 })
      .toContainEqual(expect.stringMatching(/staging_events\/manifest.json$/));
    const store = await openRoot(`s3://${servers.s3.bucket}/${warehouse.landing}`);
    const manifest = (await store.list('')).find(({ key }) => key.endsWith('staging_events/manifest.json'));
    const content = manifest && (await store.read(manifest)).toString();
    store.close();
    const urls = [log, nextDay].map(({ key }) => `${warehouse.root}/${key}`);
    expect(JSON.parse(content ?? '')).toEqual({ entries: urls.map((url) => ({ url, mandatory: true })) });
    await running;
  });

  test('fills the columns as the JSONPaths file of the source says', async () => {
    const paths = ['lastName', ...JSON.parse(jsonPaths()).slice(1)];
    paths[5] = 'artist';
    const swapped = JSON.stringify({ jsonpaths: paths.map((path) => `$['${path}']`) });
    await warehouse.put({ key: 'log_json_path.json', content: swapped }, log, song);
    await warehouse.run();
    expect(await warehouse.ask('select distinct artist, last_name from staging_events')).toEqual([
      { artist: 'Birch', last_name: 'The Quiet Lanterns' },
    ]);
  });

  test('of later objects reads those alone, and one with nothing new connects to nothing', async () => {
    await warehouse.put(log, song);
    await warehouse.run();
    await warehouse.put(nextDay, otherSong);
    await warehouse.readLogs();
    expect(await warehouse.run()).toMatchObject({ objects: { fresh: 2, unchanged: 2 } });
    expect(await warehouse.readLogs()).toEqual([nextDay.key]);
    expect(await warehouse.star()).toEqual(starOf(log, nextDay, song, otherSong));
    servers.standIn.reset();
    expect(await warehouse.run()).toMatchObject({ outcome: 'nothing new' });
    expect(servers.standIn.counters().connections).toBe(0);
  });

  test('in several batches is a COPY for each', async () => {
    await warehouse.put(log, nextDay, song);
    expect(await warehouse.run({ batchBytes: 1 })).toMatchObject({ batches: 3 });
    expect((await warehouse.ledger()).filter(({ state }) => state === 'copy')).toHaveLength(2);
    expect(await warehouse.star()).toEqual(starOf(log, nextDay, song));
  });

  test.each([
    ['COPY', /^-- copy objects of/],
    ['the rows are moved into staging', /^-- move into/],
    ['the star is refreshed', /into songplays/],
  ])('begins again where the warehouse breaks it off as %s', async (_, matching) => {
    servers.standIn.faults.add({ matching, outcome: { error: redshiftErrors.serializationConflict } });
    await warehouse.put(log, nextDay, song);
    await warehouse.run();
    expect(servers.standIn.faults.pending).toBe(0);
    expect(await warehouse.star()).toEqual(starOf(log, nextDay, song));
  });

  test('begins again where the connection is lost under COPY', async () => {
    servers.standIn.faults.add({ matching: /^-- copy objects of/, outcome: { cut: 'after' } });
    await warehouse.put(log, nextDay, song);
    await warehouse.run();
    expect(await warehouse.star()).toEqual(starOf(log, nextDay, song));
  });
});

describe('a record that cannot be loaded directly', () => {
  test.each([
    ['no JSON', '{broken', 2, undefined, 1216],
    ['a value of another type', eventLine({ ts: 'S3CRET' }), 2, 'ts', 1207],
    ['a number with a fraction for an integer', eventLine({ sessionId: 4.7 }), 2, 'session_id', 1207],
    ['nothing where a value is required', eventLine({ level: null }), 2, 'level', 1213],
    ['a text that is too long', eventLine({ gender: 'S3CRET'.repeat(9) }), 2, 'gender', 1204],
    ['an integer beyond its type', eventLine({ status: 40_000 }), 2, 'status', 1222],
  ])('as it holds %s is named by object, line and column', async (_, line, at, column, errorCode) => {
    await warehouse.put(logOf(eventLine(), line), nextDay, song);
    const error = await warehouse.failed();
    expect(error).toMatchObject({
      code: 'RECORD_REFUSED',
      hint: expect.stringMatching(/^Leave copy=direct out of the target .*sys_load_error_detail/),
      details: { uri: `${warehouse.root}/${log.key}`, line: at, errorCode },
    });
    expect(error.message).toContain(`${warehouse.root}/${log.key}:${at}${column ? ` (column ${column})` : ''}: `);
    expect(JSON.stringify(error) + error.message).not.toContain('S3CRET');
    await confirmNothingDone();
  });

  test.each([
    ['ts', { ts: -1 }, 'out of range 0…253402300799999'],
    ['session_id', { sessionId: 2 ** 47 }, 'out of range 0…140737488355327'],
    ['item_in_session', { itemInSession: 65_536 }, 'out of range 0…65535'],
    ['user_id', { userId: '' }, 'required but missing'],
    ['song', { song: null }, 'required but missing'],
    ['artist', { artist: { S3CRET: 1 } }, 'an object or an array, or a text that looks like one'],
    ['location', { location: ['S3CRET'] }, 'an object or an array, or a text that looks like one'],
    ['first_name', { firstName: [] }, 'an object or an array, or a text that looks like one'],
  ])('as landing would not let pass its %s fails the run with rule and count', async (column, fields, reason) => {
    await warehouse.put(logOf(eventLine(), eventLine({ itemInSession: 1, ...fields })), nextDay, song);
    const error = await warehouse.failed();
    expect(error).toMatchObject({
      code: 'RECORD_REFUSED',
      message: expect.stringContaining(`staging_events that landing would reject:\n  - ${column}: ${reason}: 1 row`),
      hint: expect.stringContaining('Leave copy=direct out of the target'),
      details: { broken: [{ column, reason, rows: 1 }] },
    });
    expect(JSON.stringify(error) + error.message).not.toContain('S3CRET');
    await confirmNothingDone();
    await warehouse.land();
    expect(await warehouse.ask('select count(*)::int as rejects from etl.rejects')).toEqual([{ rejects: 1 }]);
  });

  test('as a number is none is seen, should COPY let that pass', async () => {
    await warehouse.put(log, song);
    await warehouse.run();
    const rules = directRules(stagingEvents);
    const broken = async () => {
      const session = await openTarget(warehouse.target, { mode: 'read' });
      const { rows } = await session.all(countBroken('staging_events', rules));
      await session.close();
      return rows[0] ?? [];
    };
    for (const length of ['NaN', 'Infinity', '-Infinity', '1e308']) {
      await warehouse.ask(`update staging_events set length = '${length}'::double precision where song is not null`);
      const rows = (await broken()).map(Number);
      const found = rules.flatMap(({ column, reason }, index) => (rows[index] ? [`${column}: ${reason}`] : []));
      expect(found).toEqual(length === '1e308' ? [] : ['length: not a finite number']);
    }
  });

  test('as COPY cannot be told its key is refused with the column', async () => {
    const paths = JSON.parse(jsonPaths()).map((path: string) => `$["${path === 'song' ? "the song's" : path}"]`);
    await warehouse.put({ key: 'log_json_path.json', content: JSON.stringify({ jsonpaths: paths }) }, log, song);
    expect(await warehouse.failed()).toMatchObject({
      code: 'JSONPATHS_INVALID',
      message: expect.stringContaining('fill song of staging_events'),
      hint: expect.stringContaining('Leave copy=direct out'),
    });
    await confirmNothingDone();
  });

  test('is told from text that only begins like an object or an array', async () => {
    const lines = ['[dunkelbunt]', '{curly}', '[', '{', 'a [1]', '["', '(nul)'].map((artist, itemInSession) =>
      eventLine({ artist: itemInSession === 5 ? 'x["' : artist, itemInSession }),
    );
    await warehouse.put(logOf(...lines), song);
    await warehouse.run();
    expect(await warehouse.star()).toEqual(starOf(logOf(...lines), song));
  });
});

describe('an object that is not the one that was listed when COPY reads it', () => {
  /** Something happens after the listing. */
  const meanwhile = (what: () => Promise<void>, options = {}) =>
    warehouse.run(options, {
      open: async (target, opening) => {
        await what();
        return openTarget(target, opening);
      },
    });

  test.each([
    ['was replaced', () => warehouse.put({ ...nextDay, content: eventLine({ sessionId: 9 }) })],
    ['was removed', () => warehouse.gone(nextDay.key)],
  ])('as it %s is left out, and the next run loads what there is', async (_, what) => {
    await warehouse.put(log, nextDay, song);
    const uri = `${warehouse.root}/${nextDay.key}`;
    expect(await meanwhile(what)).toMatchObject({
      outcome: 'loaded',
      unreadable: [{ source: 'events', uri, code: 'OBJECT_CHANGED', message: expect.stringContaining(`${uri} was `) }],
    });
    expect(await warehouse.star()).toEqual(starOf(log, song));
    await warehouse.run();
    const then = _ === 'was replaced' ? [{ ...nextDay, content: eventLine({ sessionId: 9 }) }] : [];
    expect(await warehouse.star()).toEqual(starOf(log, song, ...then));
  });

  test('is left out with others at once', async () => {
    const third = { ...nextDay, key: 'log_data/third.json', content: eventLine({ sessionId: 10 }) };
    await warehouse.put(log, nextDay, third, song);
    const report = await meanwhile(async () => {
      await warehouse.gone(nextDay.key);
      await warehouse.gone(third.key);
    });
    const uris = [nextDay, third].map(({ key }) => `${warehouse.root}/${key}`);
    expect(report.unreadable).toMatchObject(
      uris.map((uri) => ({ uri, message: expect.stringContaining(`${uri} was `) })),
    );
    expect(warehouse.copies()).toHaveLength(2);
    expect(await warehouse.star()).toEqual(starOf(log, song));
  });
});

test('a COPY that fails is told as it failed where the bucket cannot be listed after it', async () => {
  const { s3, standIn } = servers;
  await warehouse.put(log, { key: `${nextDay.key}.gz`, content: gzipSync(nextDay.content) }, song);
  standIn.faults.add({ matching: /^-- copy objects of/, outcome: { delayMs: 1_500 } });
  standIn.faults.add({ matching: /\ngzip\n/, outcome: { error: redshiftErrors.diskFull } });
  const failing = warehouse.failed();
  const keys = () => s3.list(warehouse.landing);
  await expect.poll(keys, { timeout: 10_000 }).toContainEqual(expect.stringMatching(/manifest-gzip.json$/));
  await s3.failNext({ method: 'LIST', times: 1, answer: { status: 403, code: 'AccessDenied' } });
  expect(await failing).toMatchObject({ code: 'STATEMENT_FAILED', message: expect.stringMatching(/^copy objects of/) });
});

describe('a bucket that the warehouse does not get at', () => {
  let apart: Servers;
  beforeAll(async () => {
    apart = await startServers({
      bucketRegions: { elsewhere: 'eu-west-1' },
      roles: [{ ...defaultRole, denies: (_, bucket, key) => bucket !== 'elsewhere' && key.includes('log_data/') }],
    });
    await apart.s3.createBucket('elsewhere');
  });
  afterAll(async () => {
    await apart.stop();
    // Theirs took the place of the others.
    for (const [name, value] of Object.entries(servers.s3.env)) vi.stubEnv(name, value);
  });

  test('as its role may not read it is told with the policy that mends it', async () => {
    const forbidden = await openDirect(apart);
    await forbidden.put(log, song);
    expect(await forbidden.failed()).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('the role of COPY may not read from the bucket'),
      hint: expect.stringContaining(`The policy of ${defaultRole.arn} must allow s3:GetObject on the objects`),
    });
    await forbidden.remove();
  });

  test('as it lies in another region is told with the ways there are', async () => {
    const far = await openDirect(apart);
    const bucket = openBucket({ ...apart.s3, bucket: 'elsewhere' });
    for (const { key, content } of [jsonPathsObject, log, song]) await bucket.put(key, content);
    bucket.close();
    expect(await far.failed({ root: 's3://elsewhere' })).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('in another region than the warehouse'),
      hint: expect.stringContaining('leave copy=direct out of the target'),
    });
    await far.land({ root: 's3://elsewhere' });
    expect(await far.star()).toEqual(starOf(log, song));
    await far.remove();
  });
});

describe('what is asked for and cannot be is refused before anything is done:', () => {
  const nothingAsked = async () => {
    expect(servers.standIn.counters().connections).toBe(0);
    expect(await servers.s3.list(warehouse.landing)).toEqual([]);
  };

  test('a root that is no bucket', async () => {
    const error = await warehouse.failed({ root: '/tmp' });
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('from S3 alone') });
    await nothingAsked();
  });

  test('a failure for drift, which nobody looks for', async () => {
    await warehouse.put(log, song);
    expect(await warehouse.failed({ onDrift: 'fail' })).toMatchObject({ code: 'USAGE' });
    await nothingAsked();
  });

  test('another way to copy', async () => {
    await warehouse.put(log, song);
    const error: SparkifyError = await warehouse.failed({ target: `${warehouse.target}&copy=both` });
    expect(error).toMatchObject({ code: 'TARGET_INVALID', hint: expect.stringContaining('copy=direct') });
    await nothingAsked();
  });
});

function jsonPaths(): string {
  return JSON.stringify([
    ...['artist', 'auth', 'firstName', 'gender', 'itemInSession', 'lastName', 'length', 'level', 'location', 'method'],
    ...['page', 'registration', 'sessionId', 'song', 'status', 'ts', 'userAgent', 'userId'],
  ]);
}
