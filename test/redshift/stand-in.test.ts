import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { errorOf, rowsOf } from './scene.ts';
import { defaultUser, type StandIn, startStandIn } from './stand-in.ts';

let postgres: PostgresServer;
let serverless: StandIn;
let provisioned: StandIn;

const reader = { name: 'reader', password: 'r' };

beforeAll(async () => {
  postgres = await startPostgres();
  const options = { s3Endpoint: 'http://127.0.0.1:1', users: [defaultUser, reader], postgresUrl: postgres.url };
  // At once, as the files of a test run do.
  [serverless, provisioned] = await Promise.all([
    startStandIn(options),
    startStandIn({ ...options, kind: 'provisioned', requireTls: true }),
  ]);
});
afterAll(() => postgres.stop());

test('several stand on one PostgreSQL, each with its kind of Redshift', async () => {
  const stl = 'select count(*) from stl_load_errors';
  const [here, there] = await Promise.all([serverless.createDatabase(), provisioned.createDatabase()]);
  const client = await connected({ connectionString: serverless.url(here, 'reader') });
  expect((await errorOf(client, stl)).code).toBe('42501');
  await client.end();
  const ssl = { ca: provisioned.ca, rejectUnauthorized: true };
  const other = await connected({ connectionString: provisioned.url(there, 'reader'), ssl });
  expect(await rowsOf(other, stl)).toEqual([{ count: '0' }]);
  await other.end();
  await expect(connected({ connectionString: provisioned.url(there) })).rejects.toThrow('SSL is required');
});

test('sessions live in UTC, wherever PostgreSQL lives', async () => {
  const client = await connected({ connectionString: serverless.url(await serverless.createDatabase()) });
  expect(await rowsOf(client, 'show timezone')).toEqual([{ TimeZone: 'UTC' }]);
  await client.end();
});

test('their databases go with them', async () => {
  await Promise.all([serverless.stop(), provisioned.stop()]);
  const client = await connected({ connectionString: postgres.url });
  expect(await rowsOf(client, "select datname from pg_database where datname like 'warehouse%'")).toEqual([]);
  await client.end();
});

async function connected(options: ConstructorParameters<typeof Client>[0]): Promise<Client> {
  const client = new Client(options);
  await client.connect();
  return client;
}
