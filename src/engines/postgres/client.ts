import pg, { type Client } from 'pg';
import { messageOf } from '../../errors.ts';
import { type Address, parseAddress } from './address.ts';
import { openFailure } from './failures.ts';

/** An open connection, with nothing set. */
export interface Connection {
  readonly client: Client;
  readonly address: Address;
  /** `host:port/database`: all that messages tell of it. */
  readonly shown: string;
}

/** @throws TARGET_INVALID, TARGET_UNUSABLE */
export function connect(target: string): Promise<Connection> {
  return connectTo(parseAddress(target));
}

/** @throws TARGET_UNUSABLE */
export async function connectTo(address: Address): Promise<Connection> {
  const client = new pg.Client({ ...address.config, application_name: 'sparkify' });
  const shown = shownPlace(client);
  // Without a listener a connection lost between statements would end the process; the next statement tells of it.
  client.on('error', () => {});
  try {
    await client.connect();
    return { client, address, shown };
  } catch (error) {
    if (address.mayBePlain && /does not support SSL/.test(messageOf(error))) {
      return connectTo({ ...address, mayBePlain: false, config: { ...address.config, ssl: false } });
    }
    throw openFailure({ shown, user: client.user, database: client.database }, firstOf(error));
  }
}

function shownPlace({ host, port, database }: Client): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return host.startsWith('/') ? `${host}/${database}` : `${name}:${port}/${database}`;
}

/** A host with several addresses fails with an error for each. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}
