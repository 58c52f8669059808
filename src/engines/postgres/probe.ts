import type { Client } from 'pg';
import { SparkifyError } from '../../errors.ts';
import { identifier } from '../../sql/quote.ts';
import { ledgerSchema } from '../../sql/shapes.ts';
import type { TargetProbe } from '../engine.ts';
import { connect } from './client.ts';
import { takeLock } from './lock.ts';
import { readRow, readServer, type Server } from './server.ts';

/** Connects as a run would, takes the lock and lets go of it, and asks for every right a run needs. Changes nothing. */
export async function probePostgres(target: string): Promise<TargetProbe> {
  const connection = await connect(target);
  try {
    const server = await readServer(connection, 'write');
    await takeLock(connection, server);
    const missing = await missingGrants(connection.client, server);
    if (missing.length > 0) throw lacksRights(connection.shown, server, missing);
    const [exists] = await readRow(connection.client, `select to_regclass('${ledgerSchema}.mutex') is not null`);
    return { version: server.version, exists: exists === 't' };
  } finally {
    await connection.client.end();
  }
}

/** The statements that would give this role what it lacks. Which tables the star has is not known here. */
async function missingGrants(client: Client, { user, schema }: Server): Promise<readonly string[]> {
  const [etl, role] = [ledgerSchema, identifier(user)];
  const [database = '', ...granted] = await readRow(
    client,
    `select current_database(),
  has_database_privilege(current_database(), 'create') or to_regnamespace('${etl}') is not null,
  has_database_privilege(current_database(), 'temporary'),
  has_schema_privilege(current_schema(), 'create'),
  to_regnamespace('${etl}') is null
    or has_schema_privilege(to_regnamespace('${etl}'), 'create') and has_schema_privilege(to_regnamespace('${etl}'), 'usage'),
  not exists (
    select
    from pg_class, unnest(array['select', 'insert', 'update', 'delete']) as needed
    where relnamespace = to_regnamespace('${etl}') and relkind = 'r' and not has_table_privilege(pg_class.oid, needed)
  )`,
  );
  const grants = [
    `grant create on database ${identifier(database)} to ${role}`,
    `grant temporary on database ${identifier(database)} to ${role}`,
    `grant usage, create on schema ${identifier(schema)} to ${role}`,
    `grant usage, create on schema ${etl} to ${role}`,
    `grant select, insert, update, delete on all tables in schema ${etl} to ${role}`,
  ];
  return grants.filter((_, index) => granted[index] !== 't');
}

function lacksRights(shown: string, { user }: Server, missing: readonly string[]): SparkifyError {
  return new SparkifyError('TARGET_UNUSABLE', `${shown} cannot be loaded with the rights of ${user}.`, {
    hint: `An administrator grants them: ${missing.join('; ')}`,
    details: { target: shown, missing },
  });
}
