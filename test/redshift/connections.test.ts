import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, rowsOf, type Scene, startScene } from './scene.ts';
import { defaultUser } from './stand-in.ts';

let scene: Scene;
let client: Client;
let database: string;

beforeAll(async () => {
  scene = await startScene({
    users: [
      defaultUser,
      { name: 'reader', password: 'r' },
      { name: 'watcher', password: 'w', seesAll: true },
      { name: 'islander', password: 'i', timezone: 'Pacific/Kiritimati' },
      { name: 'expired', password: 'e', validUntil: new Date(0) },
    ],
  });
});
afterAll(() => scene.stop());
beforeEach(async () => {
  ({ client, database } = await scene.newDatabase());
});

describe('connections', () => {
  test.each([
    ['awsuser', 'wrong'],
    ['nobody', 'x'],
    ['expired', 'e'],
  ])('%s with the password %s is turned away', async (user, password) => {
    const stranger = new Client({ host: '127.0.0.1', port: scene.standIn.port, database, user, password });
    await expect(stranger.connect()).rejects.toMatchObject({
      code: '28000',
      message: `password authentication failed for user "${user}"`,
    });
  });

  test('a database that is not there, settings Redshift does not know', async () => {
    await expect(new Client({ connectionString: scene.standIn.url('nowhere') }).connect()).rejects.toMatchObject({
      code: '3D000',
    });
    const options = { connectionString: scene.standIn.url(database), lock_timeout: 5 };
    await expect(new Client(options).connect()).rejects.toThrow('unrecognized configuration parameter "lock_timeout"');
  });

  test('TLS with a certificate that can be verified', async () => {
    const { port, ca } = scene.standIn;
    const { name: user, password } = defaultUser;
    const options = { host: 'localhost', port, user, password, database };
    const encrypted = new Client({ ...options, ssl: { ca, rejectUnauthorized: true } });
    await encrypted.connect();
    expect(await rowsOf(encrypted, 'select 1 as x')).toEqual([{ x: 1 }]);
    await encrypted.end();
    await expect(new Client({ ...options, ssl: { rejectUnauthorized: true } }).connect()).rejects.toThrow(
      'self-signed certificate',
    );
  });

  test('say they are PostgreSQL 8.0.2', async () => {
    const seen = new Map<string, string>();
    const listener = new Client({ connectionString: scene.standIn.url(database) });
    (listener as unknown as { connection: NodeJS.EventEmitter }).connection.on(
      'parameterStatus',
      ({ parameterName, parameterValue }) => seen.set(parameterName, parameterValue),
    );
    await listener.connect();
    await listener.end();
    expect(Object.fromEntries(seen)).toMatchObject({ server_version: '8.0.2', client_encoding: 'UNICODE' });
    expect(seen.has('standard_conforming_strings')).toBe(false);
    expect((await rowsOf(client, 'select version()'))[0]?.version).toMatch(/^PostgreSQL 8\.0\.2 .*Redshift 1\.0/);
  });

  test('a session is ended by its process id, which rolls its transaction back', async () => {
    await client.query('create table a (k int)');
    const other = await scene.connect(database);
    const [mine] = await rowsOf(other, 'select pg_backend_pid() as pid');
    await other.query('begin');
    await other.query('insert into a values (1)');
    expect(await rowsOf(client, 'select count(*) from stv_sessions where process = $1', [mine?.pid])).toEqual([
      { count: '1' },
    ]);
    expect(
      await rowsOf(client, "select distinct pid from svv_transactions where lock_mode = 'ShareRowExclusiveLock'"),
    ).toEqual([mine]);
    const gone = new Promise<void>((resolve) => other.on('end', () => resolve()));
    expect(await rowsOf(client, 'select pg_terminate_backend($1) as ended', [mine?.pid])).toEqual([{ ended: 1 }]);
    await gone;
    await client.query('begin');
    await client.query('lock a');
    expect(await rowsOf(client, 'select k from a')).toEqual([]);
  });

  test('a session that is ended in a statement says so', async () => {
    await client.query('create table a (k int)');
    await client.query('begin');
    await client.query('lock a');
    const other = await scene.connect(database);
    const [mine] = await rowsOf(other, 'select pg_backend_pid() as pid');
    const waiting = errorOf(other, 'insert into a values (1)');
    await expect.poll(() => rowsOf(client, 'select pid from svv_transactions where not granted')).toEqual([mine]);
    await client.query('select pg_terminate_backend($1)', [mine?.pid]);
    expect((await waiting).code).toBe('57P01');
  });

  test('a regular user sees the loads of others no more than their tables', async () => {
    await client.query('create table a (k int)');
    const reader = await scene.connect(database, 'reader');
    expect((await errorOf(reader, 'select k from a')).code).toBe('42501');
    expect((await errorOf(reader, 'select * from stl_load_errors')).code).toBe('42501');
    expect(await rowsOf(reader, 'select query_id from sys_load_history')).toEqual([]);
  });

  test('a regular user sees no locks of others, save with SYSLOG ACCESS UNRESTRICTED, and ends its own sessions alone', async () => {
    await client.query('create table a (k int)');
    await client.query('begin');
    await client.query('lock a');
    const [holder] = await rowsOf(client, 'select pg_backend_pid() as pid');
    const locks = "select pid from svv_transactions where lock_mode = 'AccessExclusiveLock'";
    expect(await rowsOf(client, locks)).toEqual([holder]);
    const [reader, watcher] = [await scene.connect(database, 'reader'), await scene.connect(database, 'watcher')];
    expect(await rowsOf(reader, locks)).toEqual([]);
    expect(await rowsOf(watcher, locks)).toEqual([holder]);
    expect((await errorOf(watcher, 'select pg_terminate_backend($1)', [holder?.pid])).code).toBe('42501');
    const [own] = await rowsOf(reader, 'select pg_backend_pid() as pid');
    await reader.query('begin');
    expect(await rowsOf(reader, 'select distinct pid from svv_transactions')).toEqual([own]);
  });

  test('GETDATE and SYSDATE tell the time in the time zone of the session, which is that of its user', async () => {
    const hoursAhead =
      'select datediff(hour, $1::timestamp, getdate()) as a, datediff(hour, $1::timestamp, sysdate) as b';
    const now = `${new Date().toISOString().slice(0, 14)}00`;
    expect(await rowsOf(client, hoursAhead, [now])).toEqual([{ a: '0', b: '0' }]);
    const islander = await scene.connect(database, 'islander');
    expect(await rowsOf(islander, hoursAhead, [now])).toEqual([{ a: '14', b: '14' }]);
    await islander.query("set timezone to 'UTC'");
    expect(await rowsOf(islander, hoursAhead, [now])).toEqual([{ a: '0', b: '0' }]);
  });

  test('settings of Redshift are kept', async () => {
    await client.query("set query_group to 'run 7'");
    expect(await rowsOf(client, 'show query_group')).toEqual([{ query_group: 'run 7' }]);
    await client.query('reset query_group');
    expect(await rowsOf(client, 'show query_group')).toEqual([{ query_group: 'default' }]);
    expect(await rowsOf(client, 'show server_version')).toEqual([{ server_version: '8.0.2' }]);
    await client.query('set extra_float_digits to 2');
  });
});
