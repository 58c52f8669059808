import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import { doctor } from '../../../src/pipeline/doctor.ts';
import { run } from '../../../src/pipeline/run.ts';
import { sparkify as warehouse } from '../../../src/sparkify/warehouse.ts';
import { sparkify, sparkifyError, sparkifyJson } from '../../cli/in-process.ts';
import { eventLine, logOf, songFile } from '../../oracle/build-bucket.ts';
import { writeBucket } from '../../support/bucket.ts';
import { createDatabase, execute, type TestDatabase } from '../../support/postgres-databases.ts';
import { removeFolder, temporaryFolder } from '../../support/targets.ts';

describe('doctor', () => {
  const role = `patient_${process.pid}`;
  let database: TestDatabase;
  let root: string;
  beforeAll(() => {
    root = temporaryFolder();
    writeBucket(root, [logOf(eventLine()), songFile()]);
    database = createDatabase();
    execute(`create role ${role} login password 'S3CRET'`);
  });
  afterAll(() => {
    database.drop();
    execute(`drop role ${role}`);
    removeFolder(root);
  });

  const asRole = () => Object.assign(new URL(database.url), { username: role, password: 'S3CRET' }).href;
  const targetOf = async (target: string) =>
    (await doctor({ warehouse, root, target })).find(({ name }) => name === 'target');
  const grantAll = async (finding: { readonly hint?: string } | undefined) => {
    const owner = await openTarget(database.url, { mode: 'write' });
    await owner.run(String(finding?.hint).replace('An administrator grants them: ', ''));
    await owner.close();
  };
  const tables = async () => {
    const session = await openTarget(database.url, { mode: 'read' });
    const { rows } = await session.all(
      "select count(*) from pg_class where relnamespace >= 2200 and relkind = 'r' and relnamespace not in (select oid from pg_namespace where nspname like 'pg_%' or nspname = 'information_schema')",
    );
    await session.close();
    return rows[0]?.[0];
  };

  test('names version and server, and leaves nothing behind', async () => {
    expect(await targetOf(database.url)).toEqual({
      name: 'target',
      ok: true,
      detail: expect.stringMatching(/^PostgreSQL \d+\.\d+.*, a run can create it$/),
    });
    expect(await tables()).toBe(0n);
  });

  test('lists every grant that is missing, and is content when they are given', async () => {
    execute(`revoke temporary on database ${database.name} from public`);
    const finding = await targetOf(asRole());
    expect(finding).toMatchObject({
      ok: false,
      detail: expect.stringContaining(`cannot be loaded with the rights of ${role}`),
      hint: `An administrator grants them: grant create on database ${database.name} to ${role}; grant temporary on database ${database.name} to ${role}; grant usage, create on schema public to ${role}`,
    });
    await grantAll(finding);
    expect(await targetOf(asRole())).toMatchObject({ ok: true });
  });

  test("asks for the rights on a warehouse that is another role's, which are what a run needs", async () => {
    await run({ warehouse, root, target: database.url, toolVersion: 'test' });
    expect(await targetOf(database.url)).toMatchObject({ ok: true, detail: expect.stringContaining('can be written') });
    expect(await targetOf(asRole())).toMatchObject({
      ok: false,
      hint: `An administrator grants them: ${[
        'grant usage, create on schema etl',
        'grant select, insert, update, delete on all tables in schema etl',
        'grant select, insert, update, delete on public.artists, public.songplays, public.songs, public.staging_events, public.staging_songs, public.time, public.users',
        'grant select on public.plays',
      ]
        .map((grant) => `${grant} to ${role}`)
        .join('; ')}`,
    });
    await grantAll(await targetOf(asRole()));
    expect(await targetOf(asRole())).toMatchObject({ ok: true });
    writeBucket(root, [songFile({ song_id: 'SO2' })]);
    expect(await run({ warehouse, root, target: asRole(), toolVersion: 'test' })).toMatchObject({ outcome: 'loaded' });
  });

  test('says that the target can only be read, as a run does, and what would change that', async () => {
    execute(`alter database ${database.name} set default_transaction_read_only to on`);
    const set = `alter role ${role} in database ${database.name} set default_transaction_read_only to off`;
    const finding = await targetOf(asRole());
    expect(finding).toMatchObject({
      ok: false,
      detail: expect.stringContaining('can only be read, as default_transaction_read_only is on'),
      hint: expect.stringContaining(set),
    });
    await expect(run({ warehouse, root, target: asRole(), toolVersion: 'other' })).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      hint: finding?.hint,
    });
    execute(set);
    expect(await targetOf(asRole())).toMatchObject({ ok: true });
    const inOptions = `${asRole()}?options=${encodeURIComponent('-c default_transaction_read_only=on')}`;
    expect(await targetOf(inOptions)).toMatchObject({ ok: false, hint: expect.stringContaining('&options') });
    execute(`alter database ${database.name} reset default_transaction_read_only`);
  });

  test('says when a run holds the target', async () => {
    const session = await openTarget(database.url, { mode: 'write' });
    expect(await targetOf(database.url)).toMatchObject({ ok: false, detail: expect.stringContaining('TARGET_IN_USE') });
    await session.close();
  });
});

describe('a role that only reads', () => {
  const role = `reader_${process.pid}`;
  let database: TestDatabase;
  let root: string;
  beforeAll(async () => {
    root = temporaryFolder();
    writeBucket(root, [logOf(eventLine()), songFile()]);
    database = createDatabase();
    execute(`create role ${role} login password 'S3CRET'`);
    await run({ warehouse, root, target: database.url, toolVersion: 'test' });
  });
  afterAll(() => {
    database.drop();
    execute(`drop role ${role}`);
    removeFolder(root);
  });

  const asReader = () => Object.assign(new URL(database.url), { username: role, password: 'S3CRET' }).href;
  const status = () => sparkifyError(['status', '--target', asReader()]);
  const grant = async (sql: string) => {
    const owner = await openTarget(database.url, { mode: 'write' });
    await owner.run(sql);
    await owner.close();
  };

  test('is told which grant it lacks, and never that there is no warehouse', async () => {
    const usage = `grant usage on schema etl to ${role}`;
    const select = `grant select on all tables in schema etl to ${role}`;
    expect(await status()).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining(`holds a warehouse that ${role} may not read`),
      hint: `An administrator grants it: ${usage}; ${select}`,
    });
    await grant(usage);
    expect(await status()).toMatchObject({ hint: `An administrator grants it: ${select}` });
    await grant(`grant select on etl.mutex to ${role}`);
    expect(await status()).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('permission denied'),
      hint: `An administrator grants it: grant select on all tables in schema public to ${role}; the same for schema etl`,
    });
  });

  test('is told which grant it lacks for what it asks, and nothing of grants where that is not it', async () => {
    await grant(`grant usage on schema etl to ${role}; grant select on etl.mutex to ${role}`);
    const asked = (sql: string) => sparkifyError(['query', '--sql', sql, '--target', asReader()]);
    const select = `An administrator grants it: grant select on all tables in schema public to ${role}`;
    expect(await asked('select * from plays')).toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringContaining('permission denied for view plays'),
      hint: expect.stringContaining(select),
    });
    expect(await asked('explain select * from songplays')).toMatchObject({ hint: expect.stringContaining(select) });
    await grant('create schema secret; create table secret.numbers (number int)');
    expect(await asked('select * from secret.numbers')).toMatchObject({
      hint: `An administrator grants it: grant usage on schema secret to ${role}`,
    });
    expect(await asked("select pg_read_file('/etc/passwd')")).toMatchObject({
      message: expect.stringContaining('permission denied for function'),
      hint: expect.stringContaining('Only reading is allowed'),
    });
  });

  test('is told that it may not use a schema that is there, and not to create it', async () => {
    await grant('revoke usage on schema public from public; create schema "Odd ""one"""');
    const told = (search = '') => sparkifyError(['query', 'top_songs', '--target', `${asReader()}${search}`]);
    expect(await told()).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining(`has a schema public that ${role} may not use`),
      hint: `An administrator grants it: grant usage on schema public to ${role}`,
    });
    const path = (text: string) => `?options=${encodeURIComponent(`-c search_path=${text}`)}`;
    expect(await told(path('nowhere,"Odd\\ ""one""",public'))).toMatchObject({
      hint: `An administrator grants it: grant usage on schema "Odd ""one""" to ${role}`,
    });
    expect(await told(path('nowhere'))).toMatchObject({ hint: expect.stringContaining('Create the first one') });
    const writing = await openTarget(asReader(), { mode: 'write' }).catch((error: unknown) => error);
    expect(writing).toMatchObject({
      hint: `An administrator grants it: grant usage, create on schema public to ${role}`,
    });
    await grant('grant usage on schema public to public');
  });

  test('is not told that tables are missing where it may not read them', async () => {
    await grant(`grant usage on schema etl to ${role}; grant select on all tables in schema etl to ${role}`);
    expect(await sparkifyError(['verify', '--target', asReader()])).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('permission denied'),
      hint: expect.stringContaining(`grant select on all tables in schema public to ${role}`),
    });
  });
});

describe('the command line, given a target with a password', () => {
  let database: TestDatabase;
  let root: string;
  beforeAll(() => {
    root = temporaryFolder();
    writeBucket(root, [logOf(eventLine(), '{broken'), songFile()]);
    database = createDatabase();
  });
  afterAll(() => {
    database.drop();
    removeFolder(root);
  });

  test('repeats a target that has no warehouse as a shell takes it', async () => {
    const empty = createDatabase();
    const told = await sparkifyError(['status', '--target', `${empty.url}?sslmode=prefer&connect_timeout=9`]);
    expect(told).toMatchObject({
      code: 'TARGET_EMPTY',
      hint: expect.stringMatching(/--target 'postgres:[^']*\?sslmode=prefer&connect_timeout=9'$/),
    });
    empty.drop();
    expect(await sparkifyError(['status', '--target', "duckdb:/tmp/no one's.duckdb"])).toMatchObject({
      code: 'TARGET_EMPTY',
      hint: String.raw`Load one first: sparkify run --from ROOT --target 'duckdb:/tmp/no one'\''s.duckdb'`,
    });
  });

  test('never shows it, whether a command succeeds or fails', async () => {
    const target = ['--target', database.url];
    const told = [
      await sparkify(['status', ...target]),
      await sparkify(['run', '--from', root, ...target]),
      await sparkify(['run', '--from', root, ...target]),
      await sparkify(['plan', '--from', root, ...target]),
      await sparkify(['verify', ...target]),
      await sparkify(['query', 'top_songs', ...target]),
      await sparkify(['query', '--sql', 'select wrong', ...target]),
      await sparkify(['query', '--sql', 'delete from users', ...target]),
      await sparkify(['rejects', ...target]),
      await sparkify(['status', ...target]),
      await sparkify(['doctor', '--from', root, ...target]),
      await sparkifyJson(['status', ...target]),
      await sparkify(['status', '--target', Object.assign(new URL(database.url), { password: 'S3CRET-wrong' }).href]),
      await sparkify(['run', '--from', root, '--target', `${database.url}?sslmode=S3CRET`]),
    ];
    expect(told.map((answer) => ('code' in answer ? answer.code : 0))).toEqual([
      1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 2,
    ]);
    expect(JSON.stringify(told)).not.toContain('S3CRET');
  });
});
