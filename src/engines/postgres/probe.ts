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
    await takeLock(connection, server, 0);
    const missing = await missingGrants(connection.client, server);
    if (missing.length > 0) throw lacksRights(connection.shown, server, missing);
    const [exists] = await readRow(connection.client, `select to_regclass('${ledgerSchema}.mutex') is not null`);
    return { version: server.version, exists: exists === 't' };
  } finally {
    await connection.client.end();
  }
}

/** The statements that would give this role what it lacks. */
async function missingGrants(client: Client, { user, schema }: Server): Promise<readonly string[]> {
  const role = identifier(user);
  const [database = '', mayCreateSchema, mayUseTemporary, mayCreateHere, ledgerIsThere, ledgerIsOpen] = await readRow(
    client,
    `select current_database(),
      has_database_privilege(current_database(), 'create'),
      has_database_privilege(current_database(), 'temporary'),
      has_schema_privilege(current_schema(), 'create'),
      to_regnamespace('${ledgerSchema}') is not null,
      coalesce(has_schema_privilege(to_regnamespace('${ledgerSchema}'), 'create') and has_schema_privilege(to_regnamespace('${ledgerSchema}'), 'usage'), true)`,
  );
  const rights: readonly (readonly [boolean, string])[] = [
    [ledgerIsThere === 't' || mayCreateSchema === 't', `grant create on database ${identifier(database)} to ${role}`],
    [mayUseTemporary === 't', `grant temporary on database ${identifier(database)} to ${role}`],
    [mayCreateHere === 't', `grant usage, create on schema ${identifier(schema)} to ${role}`],
    [ledgerIsOpen === 't', `grant usage, create on schema ${ledgerSchema} to ${role}`],
  ];
  const owners = await ownersOfLedger(client);
  return [
    ...rights.filter(([granted]) => !granted).map(([, grant]) => grant),
    ...owners.map((owner) => `grant ${identifier(owner)} to ${role}`),
  ];
}

/** Indexes and views are for the owner of a table alone: the roles whose tables these are and who do not include this one. */
async function ownersOfLedger(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<[string]>({
    text: `select distinct pg_get_userbyid(relowner)
      from pg_class
      where relnamespace = to_regnamespace('${ledgerSchema}') and relkind in ('r', 'v', 'p') and not pg_has_role(relowner, 'usage')`,
    rowMode: 'array',
  });
  return rows.map(([owner]) => owner);
}

function lacksRights(shown: string, { user }: Server, missing: readonly string[]): SparkifyError {
  return new SparkifyError('TARGET_UNUSABLE', `${shown} cannot be loaded with the rights of ${user}.`, {
    hint: `An administrator grants them: ${missing.join('; ')}`,
    details: { target: shown, missing },
  });
}
