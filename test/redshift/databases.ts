import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { RedshiftUser } from './login.ts';

/** Where the server is, and its superuser. */
export interface Postgres {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** From an address like `postgres://user:password@host:port/database`. */
export function parsePostgresUrl(text: string): Postgres {
  const { hostname: host, port, username, password } = new URL(text);
  return { host, port: Number(port), user: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/**
 * Makes the database that others are copied from, unless it is there: text is ordered by its bytes, and the schema
 * `redshift` holds what the stand-in adds. Gives its name.
 */
export async function createTemplate(postgres: Postgres): Promise<string> {
  const sql = templateSql();
  const name = templateName();
  await withClient(postgres, 'postgres', async (client) => {
    // Several stand-ins may start at once on the same server.
    await client.query('select pg_advisory_lock(815)');
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount !== 0) return;
    await client.query(
      `create database ${name} template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'`,
    );
    await withClient(postgres, name, async (inside) => {
      await inside.query(`begin; create schema redshift; ${sql}; grant create on schema public to public; commit`);
    });
  });
  return name;
}

/** Of the database that the others are copied from: another one for other contents. */
export function templateName(): string {
  return `stand_in_${createHash('md5').update(templateSql()).digest('hex').slice(0, 12)}`;
}

function templateSql(): string {
  return ['functions', 'layouts', 'views'].map(readSql).join('\n');
}

/** Makes the users in PostgreSQL, where they are missing; all with the same password. */
export async function ensureUsers(postgres: Postgres, users: readonly RedshiftUser[], password: string): Promise<void> {
  await withClient(postgres, 'postgres', async (client) => {
    await client.query('select pg_advisory_lock(815)');
    for (const { name, superuser, seesAll } of users) {
      const role = client.escapeIdentifier(name);
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
      if (rowCount === 0) await client.query(`create role ${role}`);
      const rights = superuser === true ? 'superuser' : 'nosuperuser';
      await client.query(`alter role ${role} login ${rights} password ${client.escapeLiteral(password)}`);
      await client.query(
        seesAll === true ? `grant pg_read_all_stats to ${role}` : `revoke pg_read_all_stats from ${role}`,
      );
    }
  });
}

/** An empty database that belongs to the user. */
export async function newDatabase(postgres: Postgres, template: string, owner: string): Promise<string> {
  const name = `warehouse_${randomBytes(6).toString('hex')}`;
  await withClient(postgres, 'postgres', async (client) => {
    await client.query(`create database ${name} template ${template} owner ${client.escapeIdentifier(owner)}`);
  });
  return name;
}

/** Drops databases, with whoever is in them. */
export async function dropDatabases(postgres: Postgres, names: readonly string[]): Promise<void> {
  await withClient(postgres, 'postgres', async (client) => {
    for (const name of names) await client.query(`drop database if exists ${name} with (force)`);
  });
}

function readSql(name: string): string {
  return readFileSync(new URL(`./catalogue/${name}.sql`, import.meta.url), 'utf8');
}

async function withClient(
  postgres: Postgres,
  database: string,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const { host, port, user, password } = postgres;
  const client = new Client({ host, port, user, password, database, application_name: 'stand-in' });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
