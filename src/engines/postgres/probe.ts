import type { Client } from 'pg';
import { textLiteral } from '../../sql/quote.ts';
import { ledgerSchema } from '../../sql/shapes.ts';
import type { TargetProbe } from '../engine.ts';
import { confirmRights, type Rights } from '../rights.ts';
import { connect } from './client.ts';
import { takeLock } from './lock.ts';
import { readRow, readServer } from './server.ts';

/** Connects as a run would, takes the lock and lets go of it, and asks for every right a run needs. Changes nothing. */
export async function probePostgres(target: string, names: readonly string[]): Promise<TargetProbe> {
  const connection = await connect(target);
  try {
    const server = await readServer(connection, 'write');
    await takeLock(connection, server);
    const { database, ...rights } = await rightsOf(connection.client, names);
    confirmRights({ ...server, shown: connection.shown, database }, rights);
    const [exists] = await readRow(connection.client, `select to_regnamespace('${ledgerSchema}') is not null`);
    return { version: server.version, exists: exists === 't', schema: server.schema };
  } finally {
    await connection.client.end();
  }
}

async function rightsOf(client: Client, names: readonly string[]): Promise<Rights & { readonly database: string }> {
  const etl = `to_regnamespace('${ledgerSchema}')`;
  const [database = '', ...has] = await readRow(
    client,
    `select current_database(),
  has_database_privilege(current_database(), 'create') or ${etl} is not null,
  has_database_privilege(current_database(), 'temporary'),
  has_schema_privilege(current_schema(), 'create') and has_schema_privilege(current_schema(), 'usage'),
  ${etl} is null or has_schema_privilege(${etl}, 'create') and has_schema_privilege(${etl}, 'usage'),
  not exists (select from pg_class where relnamespace = ${etl} and (${isClosedTable} or ${isClosedView}))`,
  );
  const [createSchema = false, temporary = false, schema = false, ledger = false, ledgerTables = false] = has.map(
    (right) => right === 't',
  );
  const closed = await closedOf(client, names);
  return { database, createSchema, temporary, schema, ledger, ledgerTables, closed };
}

const isClosedTable = `relkind in ('r', 'p') and not (${['select', 'insert', 'update', 'delete']
  .map((right) => `has_table_privilege(oid, '${right}')`)
  .join(' and ')})`;
const isClosedView = "relkind = 'v' and not has_table_privilege(oid, 'select')";

async function closedOf(client: Client, names: readonly string[]): Promise<Rights['closed']> {
  const [tables = null, views = null] = await readRow(
    client,
    `select string_agg(relname, ' ' order by relname) filter (where ${isClosedTable}),
  string_agg(relname, ' ' order by relname) filter (where ${isClosedView})
from pg_class
where relnamespace = to_regnamespace(quote_ident(current_schema())) and relname in (${names.map((name) => textLiteral(name)).join(', ')})`,
  );
  return { tables: tables?.split(' ') ?? [], views: views?.split(' ') ?? [] };
}
