import { SparkifyError } from '../../errors.ts';
import { identifier } from '../../sql/quote.ts';
import type { OpenOptions } from '../engine.ts';
import { asText, namesIn } from '../wire-values.ts';
import type { Connection } from './client.ts';

/** What the server says of itself and of this connection. */
export interface Server {
  readonly version: string;
  readonly user: string;
  /** Where unqualified tables are created: the first of the search path that exists. */
  readonly schema: string;
  /** The search path, as far as it exists and may be used. */
  readonly searchPath: readonly string[];
  /** The process that serves this connection just now. */
  readonly backendPid: number;
}

const leastVersion = 15;

/**
 * Finds out what serves the connection. In a read-only transaction this takes the snapshot.
 * @throws TARGET_UNUSABLE where it cannot hold a warehouse
 */
export async function readServer({ client, shown }: Connection, mode: OpenOptions['mode']): Promise<Server> {
  // Asked alone, as what else is asked is not known to older servers.
  const version = await readRow(client, 'show server_version').then(([text = '']) => text);
  if (Number.parseInt(version, 10) < leastVersion) {
    throw unusable(shown, `runs PostgreSQL ${version}, and ${leastVersion} or later is needed`, 'Update the server.');
  }
  const [encoding, user = '', schema = '', searchPath = '', backendPid] = await readRow(
    client,
    `select current_setting('server_encoding'), current_user, current_schema(), current_schemas(false), pg_backend_pid()`,
  );
  if (encoding !== 'UTF8') {
    const hint = "Create one with UTF-8: create database NAME encoding 'UTF8' template template0";
    throw unusable(shown, `is a database with the encoding ${encoding}, which has not every character`, hint);
  }
  if (schema === '') throw await noSchema({ client, shown }, user, mode);
  if (mode === 'write') await confirmWritable({ client, shown });
  return { version, user, schema, searchPath: namesIn(searchPath), backendPid: Number(backendPid) };
}

async function noSchema(
  { client, shown }: Pick<Connection, 'client' | 'shown'>,
  user: string,
  mode: OpenOptions['mode'],
): Promise<SparkifyError> {
  const [closed] = await readRow(client, closedSchema);
  if (closed === undefined) {
    const hint = 'Create the first one that `show search_path` lists.';
    return unusable(shown, 'has no schema for this user to create tables in', hint);
  }
  const rights = mode === 'read' ? 'usage' : 'usage, create';
  const grant = `grant ${rights} on schema ${identifier(closed)} to ${identifier(user)}`;
  return unusable(shown, `has a schema ${closed} that ${user} may not use`, `An administrator grants it: ${grant}`);
}

/** The first schema of the search path that exists and may not be used. */
const closedSchema = String.raw`select nspname
from regexp_split_to_table(current_setting('search_path'), '\s*,\s*') with ordinality as listed (name, place)
join pg_namespace on nspname = case
  when name in ('$user', '"$user"') then current_user
  when name like '"%"' then replace(substr(name, 2, length(name) - 2), '""', '"')
  else lower(name)
end
where not has_schema_privilege(pg_namespace.oid, 'usage')
order by place
limit 1`;

/** Outside a transaction, where the setting says what the next one may do. @throws TARGET_UNUSABLE */
async function confirmWritable({ client, shown }: Pick<Connection, 'client' | 'shown'>): Promise<void> {
  const [isStandby, isReadOnly, user = '', database = ''] = await readRow(
    client,
    `select pg_is_in_recovery(), current_setting('transaction_read_only'), current_user, current_database()`,
  );
  if (isStandby === 't') {
    throw unusable(shown, 'is a standby, which can only be read', 'Name the primary server in --target.');
  }
  if (isReadOnly === 'on') {
    const hint = `An administrator allows it: alter role ${identifier(user)} in database ${identifier(database)} set default_transaction_read_only to off. Where PGOPTIONS or &options of --target sets it, leave it out there.`;
    throw unusable(shown, 'can only be read, as default_transaction_read_only is on', hint);
  }
}

/** The first row as text; a NULL is left out like a column that is not there. */
export async function readRow(client: Connection['client'], text: string): Promise<(string | undefined)[]> {
  const { rows } = await client.query<(string | null)[]>({ text, rowMode: 'array', types: asText });
  return (rows[0] ?? []).map((value) => value ?? undefined);
}

function unusable(shown: string, what: string, hint: string): SparkifyError {
  return new SparkifyError('TARGET_UNUSABLE', `${shown} ${what}.`, { hint, details: { target: shown } });
}
