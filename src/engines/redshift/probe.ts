import { randomUUID } from 'node:crypto';
import { textLiteral } from '../../sql/quote.ts';
import { ledgerSchema } from '../../sql/shapes.ts';
import type { TargetProbe } from '../engine.ts';
import { confirmRights, type Rights } from '../rights.ts';
import { type Address, parseAddress, roleOf } from './address.ts';
import { relations } from './catalogue.ts';
import { type Connection, openConnection } from './connection.ts';
import { statementFailure } from './failures.ts';
import { openLandingFolder } from './landing-folder.ts';

/**
 * Connects as a run would, asks for the rights that it needs, and puts an object below the landing prefix that is read
 * and removed. Whether COPY may take on its role, and what that may read, is seen by a load alone.
 */
export async function probeRedshift(target: string): Promise<TargetProbe> {
  const address = parseAddress(target);
  roleOf(address);
  const connection = await openConnection(address, {});
  try {
    const exists = await holds(
      connection,
      'look for the ledger',
      `select count(*) > 0 from pg_namespace where ${ofLedger}`,
    );
    const rights = exists ? await rightsBeside(connection) : { ledger: true, ledgerTables: true };
    confirmRights(
      { ...connection.place, database: address.database },
      { ...(await rightsIn(connection, exists)), ...rights },
    );
    await tryLandingPrefix(address);
    return { version: connection.place.version, exists, schema: connection.place.schema };
  } finally {
    await connection.end();
  }
}

const ofLedger = `nspname = ${textLiteral(ledgerSchema)}`;

async function rightsIn(
  connection: Connection,
  hasLedger: boolean,
): Promise<Pick<Rights, 'createSchema' | 'temporary' | 'schema'>> {
  const may = (right: string) => `select has_database_privilege(current_database(), '${right}')`;
  return {
    createSchema: hasLedger || (await holds(connection, 'ask for the right to create schemas', may('create'))),
    temporary: await holds(connection, 'ask for the right to temporary tables', may('temporary')),
    schema: await holds(connection, 'ask for the rights on the schema', `select ${mayUse('current_schema()')}`),
  };
}

async function rightsBeside(connection: Connection): Promise<Pick<Rights, 'ledger' | 'ledgerTables'>> {
  const ledger = await holds(
    connection,
    'ask for the rights on the ledger',
    `select ${mayUse(textLiteral(ledgerSchema))}`,
  );
  // Without the right to use a schema nothing can be asked of its tables.
  const lacks = ['select', 'insert', 'update', 'delete'].map(
    (right) => `not has_table_privilege(n.nspname || '.' || c.relname, '${right}')`,
  );
  const tables = `select count(*) = 0 from ${relations} where n.${ofLedger} and c.relkind = 'r' and (${lacks.join(' or ')})`;
  return { ledger, ledgerTables: !ledger || (await holds(connection, 'ask for the rights on its tables', tables)) };
}

function mayUse(schema: string): string {
  return `has_schema_privilege(${schema}, 'create') and has_schema_privilege(${schema}, 'usage')`;
}

/** Whether a query gives true. */
async function holds(connection: Connection, title: string, sql: string): Promise<boolean> {
  const heading = `-- ${title}`;
  const { rows } = await connection.ask(`${heading}\n${sql}`).catch((error: unknown) => {
    throw statementFailure(heading, error, connection.place);
  });
  return rows[0]?.[0] === 't';
}

/** By a name that no run uses. */
async function tryLandingPrefix(address: Address): Promise<void> {
  const folder = await openLandingFolder(address);
  const key = `probe-${randomUUID()}`;
  try {
    await folder.put(key, '');
    await folder.list(key);
    await folder.get(key);
    await folder.remove([key]);
  } finally {
    folder.close();
  }
}
