import type { Client, QueryArrayResult } from 'pg';
import { textLiteral } from '../../sql/quote.ts';
import { asText, namesIn } from '../wire-values.ts';
import type { Address } from './address.ts';
import { connect, shownPlace } from './client.ts';
import { openFailure } from './open-failure.ts';
import type { Place } from './place.ts';

export type Answer = QueryArrayResult<(string | null)[]>;

/** A connection to a warehouse with its settings made. */
export interface Connection {
  readonly address: Address;
  /** Where it leads, as the warehouse has told. */
  readonly place: Place & {
    readonly user: string;
    readonly schema: string;
    readonly searchPath: readonly string[];
    readonly version: string;
  };
  /** The session's number, by which it can be ended; another one after it was lost. */
  backendPid(): number;
  /** Of the session that was lost before, which the warehouse may not have noticed. */
  lostPid(): number | undefined;
  /** Sends one statement, as two in one leave open what a transaction is (facts 3.9, 8.11). Values come as texts. */
  ask(text: string, options?: { readonly queryMode?: 'extended' }): Promise<Answer>;
  /** Opens it anew where it does not answer; outside a transaction. */
  reopen(): Promise<void>;
  end(): Promise<void>;
}

/** A value of each setting, by name. */
export type SessionSettings = Readonly<Record<string, string | number>>;

/** @throws TARGET_INVALID, TARGET_UNUSABLE */
export async function openConnection(address: Address, settings: SessionSettings): Promise<Connection> {
  let { client, server } = await settled(address, settings);
  let lostPid: number | undefined;
  const ask: Connection['ask'] = (text, options = {}) => askClient(client, text, options);
  return {
    address,
    place: { shown: shownPlace(address), ...server },
    backendPid: () => server.pid,
    lostPid: () => lostPid,
    ask,
    reopen: async () => {
      const answers = await ask('select 1').then(
        () => true,
        () => false,
      );
      if (answers) return;
      const again = await settled(address, settings);
      lostPid = server.pid;
      ({ client, server } = again);
    },
    end: () => client.end(),
  };
}

function askClient(client: Client, text: string, options: { readonly queryMode?: string }): Promise<Answer> {
  return client.query<(string | null)[]>({ ...options, text, rowMode: 'array', types: asText });
}

/** What a session needs to be the same whatever the warehouse, the database and the user have set. */
async function settled(address: Address, settings: SessionSettings) {
  const client = await connect(address);
  try {
    for (const [name, value] of Object.entries({ ...common, ...settings })) {
      await client.query(`set ${name} to ${typeof value === 'number' ? value : textLiteral(value)}`);
    }
    return { client, server: await serverOf(client) };
  } catch (error) {
    await client.end();
    throw openFailure({ shown: shownPlace(address) }, error);
  }
}

/** Times as UTC in ISO's form, doubles with all their digits (17 in the protocol's 8.0, where 2 is the most). */
const common: SessionSettings = { timezone: 'UTC', datestyle: 'ISO, YMD', extra_float_digits: 2 };

async function serverOf(client: Client) {
  const { rows } = await askClient(
    client,
    'select current_user, current_schema(), current_schemas(false), pg_backend_pid(), version()',
    {},
  );
  const [user = '', schema = '', searchPath, pid, version = ''] = rows[0] ?? [];
  return {
    user: user ?? '',
    schema: schema ?? '',
    searchPath: namesIn(searchPath ?? ''),
    pid: Number(pid),
    version: /Redshift ([\d.]+)/.exec(version ?? '')?.[1] ?? version ?? '',
  };
}
