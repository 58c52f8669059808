import { textLiteral } from '../../sql/quote.ts';
import { ledgerSchema } from '../../sql/shapes.ts';
import type { ProbeOptions, TargetProbe } from '../engine.ts';
import { confirmRights, type Rights } from '../rights.ts';
import { parseAddress, roleOf } from './address.ts';
import { relations } from './catalogue.ts';
import { type Connection, openConnection } from './connection.ts';
import { send } from './run-copy.ts';
import { tryCopy } from './try-copy.ts';

/**
 * Connects as a run would, asks for the rights that it needs, and has one row brought by COPY, by way of the landing
 * prefix, into a table of this session; the objects it would read by itself too.
 */
export async function probeRedshift(target: string, { names, objects }: ProbeOptions): Promise<TargetProbe> {
  const address = parseAddress(target);
  const iamRole = roleOf(address);
  const connection = await openConnection(address, {});
  try {
    const exists = await holds(
      connection,
      'look for the ledger',
      `select count(*) > 0 from pg_namespace where ${ofLedger}`,
    );
    const rights = await rightsIn(connection, exists);
    const beside = exists ? await rightsBeside(connection) : { ledger: true, ledgerTables: true };
    // Without the right to use a schema nothing can be asked of its tables.
    const closed = rights.schema ? await closedOf(connection, names) : { tables: [], views: [] };
    confirmRights({ ...connection.place, database: address.database }, { ...rights, ...beside, closed });
    await tryCopy({ connection, iamRole, objects });
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
  const tables = `select count(*) = 0 from ${relations} where n.${ofLedger} and ${isClosed}`;
  return { ledger, ledgerTables: !ledger || (await holds(connection, 'ask for the rights on its tables', tables)) };
}

function mayUse(schema: string): string {
  return `has_schema_privilege(${schema}, 'create') and has_schema_privilege(${schema}, 'usage')`;
}

const lacks = (right: string) => `not has_table_privilege(n.nspname || '.' || c.relname, '${right}')`;

/** That the table `c` may not be read and changed, or the view `c` not read. */
const isClosed = `(c.relkind = 'r' and (${['select', 'insert', 'update', 'delete'].map(lacks).join(' or ')}) or c.relkind = 'v' and ${lacks('select')})`;

async function closedOf(connection: Connection, names: readonly string[]): Promise<Rights['closed']> {
  const listed = names.map((name) => textLiteral(name)).join(', ');
  const { rows } = await send(
    connection,
    'ask for the rights on the tables',
    `select c.relname, c.relkind from ${relations} where n.nspname = current_schema() and c.relname in (${listed}) and ${isClosed} order by c.relname`,
  );
  const ofKind = (wanted: string) => rows.flatMap(([name, kind]) => (kind === wanted ? [name ?? ''] : []));
  return { tables: ofKind('r'), views: ofKind('v') };
}

/** Whether a query gives true. */
async function holds(connection: Connection, title: string, sql: string): Promise<boolean> {
  const { rows } = await send(connection, title, sql);
  return rows[0]?.[0] === 't';
}
