import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import type { SparkifyError } from '../../../src/errors.ts';
import { songFile } from '../../oracle/build-bucket.ts';
import { redshiftErrors } from '../../redshift/faults.ts';
import { defaultUser } from '../../redshift/stand-in.ts';
import {
  firstObjects,
  laterObjects,
  openLoadedWarehouse,
  openWarehouse,
  type Servers,
  starOf,
  startServers,
  type TestWarehouse,
} from './warehouse.ts';

let servers: Servers;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers({
    users: [defaultUser, { ...defaultUser, name: 'islander', timezone: 'Pacific/Kiritimati' }],
  });
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
const failed = (target?: string) =>
  warehouse.run(target === undefined ? {} : { target }).then(
    () => expect.fail('the run went through'),
    (error: unknown) => error as SparkifyError,
  );

/** What every failure comes to: nothing is half loaded, nothing is left in the bucket, and the next run loads. */
async function confirmNothingDone(): Promise<void> {
  expect(await warehouse.star()).toEqual(before);
  expect(await servers.s3.list(`${warehouse.landing}`)).toEqual([expect.stringMatching(/\/writer\.json$/)]);
  servers.standIn.faults.clear();
  expect(await warehouse.run()).toMatchObject({ outcome: 'loaded' });
  expect(await warehouse.star()).toEqual(after);
}

/** All of facts 1.13. */
const codes: readonly (readonly [number, RegExp])[] = [
  [1200, /cannot be parsed/],
  [1201, /delimiter is missing/],
  [1202, /more values than/],
  [1203, /fewer values than/],
  [1204, /longer than its column, or out of the range/],
  [1205, /no date/],
  [1206, /no timestamp/],
  [1207, /no integer/],
  [1208, /no floating-point/],
  [1209, /no decimal/],
  [1210, /no boolean/],
  [1211, /holds no data/],
  [1212, /not there any more/],
  [1213, /value is missing/],
  [1214, /delimiter is missing/],
  [1215, /characters of several bytes/],
  [1216, /line cannot be read/],
  [1217, /numbers itself/],
  [1218, /mark for NULL/],
  [1219, /no UTF-8/],
  [1220, /no UTF-8/],
  [1221, /another encoding/],
  [1222, /out of the range/],
  [1223, /another type/],
  [1224, /no valid JSON/],
  [8001, /cannot be read, or the manifest is none/],
  [9005, /key of the encryption/],
  [9999, /does not fit/],
];

describe('a record that COPY refuses', () => {
  const file = 's3://test-bucket/landing/part-0001.parquet';
  const loadError = { reason: 'said', file, line: 17, column: 'title', rawLine: '{"S3CRET"}', rawValue: 'S3CRET' };

  test.each(codes)('with %i is told by object, line, column and meaning, without its value', async (code, meaning) => {
    servers.standIn.faults.add({ kind: 'copy', outcome: { loadError: { ...loadError, code } } });
    const error = await failed();
    expect(error).toMatchObject({
      code: 'RECORD_REFUSED',
      message: expect.stringMatching(
        new RegExp(
          `^load what landed into staging_\\w+ failed at ${file}:17 \\(column title\\): .*\\(code ${code}\\)\\.$`,
        ),
      ),
      hint: expect.stringContaining('sys_load_error_detail'),
      details: { uri: file, line: 17, column: 'title', errorCode: code },
    });
    expect(error.message).toMatch(meaning);
    expect(JSON.stringify(error) + error.message + error.hint).not.toContain('S3CRET');
    expect(await warehouse.star()).toEqual(before);
  });

  test('is found though the warehouse tells of it late', async () => {
    servers.standIn.faults.loadErrorLagMs = 1_500;
    servers.standIn.faults.add({ kind: 'copy', outcome: { loadError: { ...loadError, code: 1204 } } });
    expect(await failed()).toMatchObject({ code: 'RECORD_REFUSED', details: { line: 17 } });
    await confirmNothingDone();
  });

  test.each([
    ['after hours', 'awsuser', 4 * 3_600_000],
    ['where the user has another time zone', 'islander', 0],
  ])('is found %s', async (_, user, tookMs) => {
    servers.standIn.faults.add({ kind: 'copy', outcome: { loadError: { ...loadError, code: 1204 }, tookMs } });
    expect(await failed(warehouse.target.replace('//awsuser:', `//${user}:`))).toMatchObject({
      code: 'RECORD_REFUSED',
      details: { line: 17 },
    });
  });

  test('because a column was made shorter by hand meanwhile is told to be that, and the next run puts it right', async () => {
    const long = songFile({ song_id: 'SO3', title: 'S3CRET and longer than twenty' });
    warehouse.put(long);
    let isAltered = false;
    const open: typeof openTarget = async (target, options) => {
      const session = await openTarget(target, options);
      const transaction: typeof session.transaction = async (work) => {
        if (!isAltered) await alter('alter table staging_songs alter column title type varchar(20)');
        isAltered = true;
        return session.transaction(work);
      };
      return { ...session, transaction };
    };
    const error = await warehouse.run({}, { open }).then(
      () => expect.fail('the run went through'),
      (thrown: unknown) => thrown as SparkifyError,
    );
    expect(error).toMatchObject({
      code: 'RECORD_REFUSED',
      message: expect.stringMatching(
        /^load what landed into staging_songs failed at s3:.*part-0001.parquet.*: a part does not fit the table/,
      ),
    });
    expect(JSON.stringify(error) + error.message).not.toContain('S3CRET');
    await warehouse.run();
    expect(await warehouse.star()).toEqual(starOf(...firstObjects, ...laterObjects, long));
  });
});

/** A view stands in the way, which the next run makes again. */
async function alter(sql: string): Promise<void> {
  await warehouse.ask('drop view etl.staging_songs_winners');
  await warehouse.ask(sql);
}

describe('the landing prefix', () => {
  const parts = () => `${warehouse.landing}`;

  test('from which something else deletes a part under way is named as the cause', async () => {
    servers.standIn.faults.add({ kind: 'copy', outcome: { delayMs: 1_500 } });
    const running = failed();
    const key = await expect
      .poll(async () => (await servers.s3.list(parts())).find((name) => name.endsWith('.parquet')), { timeout: 10_000 })
      .toBeDefined()
      .then(async () => (await servers.s3.list(parts())).find((name) => name.endsWith('.parquet')));
    await servers.s3.remove(key ?? '');
    expect(await running).toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringContaining('a part is not there any more'),
      hint: expect.stringContaining('deletes below the landing prefix'),
      retryable: true,
    });
    await confirmNothingDone();
  });

  test('into which a run that is dead writes late loads none of it, and is cleared by the next run', async () => {
    await warehouse.run();
    const [folder = ''] = (await servers.s3.list(parts())).map((key) => key.replace(/[^/]+$/, ''));
    const late = `${folder}parts/20180101T000000Z-abcdef-0123456789abcdef/1-staging_songs/part-0001.parquet`;
    servers.standIn.faults.add({ kind: 'copy', outcome: { delayMs: 800 } });
    warehouse.put(songFile({ song_id: 'SO4', title: 'Fourth' }));
    const running = warehouse.run();
    await wait(300);
    await servers.s3.put(late, 'what a zombie has written');
    expect(await running).toMatchObject({ outcome: 'loaded', sources: expect.anything() });
    expect(await warehouse.ask('select count(*)::int as songs from songs')).toEqual([{ songs: 3 }]);
    await servers.s3.put(late, 'later still');
    warehouse.put(songFile({ song_id: 'SO5', title: 'Fifth' }));
    await warehouse.run();
    expect(await servers.s3.list(`${folder}parts/`)).toEqual([]);
  });

  test('may be shared by two warehouses, of which neither touches what is the other one`s', async () => {
    const other = openWarehouse(servers);
    other.put(...firstObjects);
    const shared = (target: string) => target.replace(/&landing=[^&]+/, `&landing=s3://${servers.s3.bucket}/shared`);
    await other.run({ target: shared(other.target) });
    await warehouse.run({ target: shared(warehouse.target) });
    const folders = new Set((await servers.s3.list('shared/')).map((key) => key.split('/')[1]));
    expect(folders.size).toBe(2);
    const theirs = `shared/${[...folders].find((folder) => other.target.includes(`/${folder?.slice(0, -9)}?`))}/parts/x/y`;
    await servers.s3.put(theirs, 'under way');
    warehouse.put(songFile({ song_id: 'SO4', title: 'Fourth' }));
    await warehouse.run({ target: shared(warehouse.target) });
    expect(await servers.s3.list('shared/')).toContain(theirs);
    other.put(...laterObjects);
    await other.run({ target: shared(other.target) });
    expect(await servers.s3.list('shared/')).not.toContain(theirs);
    expect(await other.star()).toEqual(after);
    await other.remove();
  });

  test.each([
    ['may not be written', { status: 403, code: 'AccessDenied' }, 'STORAGE_DENIED', /must allow s3:PutObject on arn:/],
    [
      'is out of reach of credentials that expired',
      { status: 400, code: 'ExpiredToken' },
      'STORAGE_DENIED',
      /Sign in again/,
    ],
    [
      'lies in another region',
      { status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'eu-west-1' } },
      'STORAGE_DENIED',
      /region of the warehouse alone/,
    ],
  ] as const)('that %s is told with what mends it', async (_, answer, code, hint) => {
    await servers.s3.failNext({ method: 'PUT', beginning: `${warehouse.landing}`, times: 1, answer });
    expect(await failed()).toMatchObject({
      code,
      message: expect.stringMatching(/^The landing prefix: /),
      hint: expect.stringMatching(hint),
    });
    expect(await warehouse.star()).toEqual(before);
    await warehouse.run();
    expect(await warehouse.star()).toEqual(after);
  });
});

describe('a load that the warehouse stops', () => {
  test.each([
    ['at a statement', { matching: /into songplays/ }, /^\S.*songplays.* failed: Disk Full/],
    ['in COPY', { kind: 'copy' }, /^load what landed into staging_\w+ failed: Disk Full/],
  ] as const)('as its disk is full, %s, says so', async (_, where, message) => {
    servers.standIn.faults.add({ ...where, outcome: { error: redshiftErrors.diskFull } });
    expect(await failed()).toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/Free some space in the warehouse, or resize it/),
      retryable: true,
    });
    await confirmNothingDone();
  });

  test.each([
    ['at a statement', { matching: /into songplays/ }],
    ['in COPY', { kind: 'copy' }],
  ] as const)('as it takes too long, %s, names the setting', async (_, where) => {
    servers.standIn.faults.add({ ...where, outcome: { delayMs: 10_000 } });
    expect(await failed(`${warehouse.target}&statement_timeout=500ms`)).toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringContaining('it took longer than the statement_timeout'),
      hint: expect.stringContaining('&statement_timeout=0'),
    });
    await confirmNothingDone();
  });

  test.each([
    ['at a statement', /into songplays/],
    ['as it takes the lock', /lock etl/],
  ])('as a rule of its workload management ends it %s, names that', async (_, matching) => {
    servers.standIn.faults.add({ matching, outcome: { error: redshiftErrors.endedByRule } });
    expect(await failed()).toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringContaining('failed: a rule of the workload management ended it'),
      hint: expect.stringContaining('a queue without such a rule'),
    });
  });
});
