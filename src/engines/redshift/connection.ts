import { setTimeout as wait } from 'node:timers/promises';
import type { Client, QueryArrayResult } from 'pg';
import { textLiteral } from '../../sql/quote.ts';
import { asText } from '../wire-values.ts';
import type { Address } from './address.ts';
import { connect, shownPlace } from './client.ts';
import { isConnectionLost } from './failures.ts';
import type { Place } from './place.ts';

export type Answer = QueryArrayResult<(string | null)[]>;

export interface AskOptions {
  readonly queryMode?: 'extended';
  /** Should the warehouse not have answered by then, the connection is given up: the last resort where it has a timeout of its own. */
  readonly withinMs?: number;
}

/** A connection to a warehouse with its settings made, opened anew where it was lost between transactions. */
export interface Connection {
  readonly address: Address;
  /** Where it leads, as the warehouse has told. */
  readonly place: Place & { readonly user: string; readonly schema: string; readonly version: string };
  /** The session's number, by which it can be ended; another one after it was lost. */
  backendPid(): number;
  /** Sends one statement, as two in one leave open what a transaction is (facts 3.9, 8.11). Values come as texts. */
  ask(text: string, options?: AskOptions): Promise<Answer>;
  /** Whether statements belong to a transaction: lost within one, the connection is not opened anew under it. */
  setInside(inside: boolean): void;
  end(): Promise<void>;
}

/** A value of each setting, by name. */
export type SessionSettings = Readonly<Record<string, string | number>>;

/** @throws TARGET_INVALID, TARGET_UNUSABLE */
export async function openConnection(address: Address, settings: SessionSettings): Promise<Connection> {
  let client = await settled(address, settings);
  let isLost = false;
  let isInside = false;
  const watch = () => {
    isLost = false;
    const current = client;
    current.on('end', () => {
      isLost ||= current === client;
    });
  };
  const server = await serverOf(client);
  let pid = server.pid;
  watch();

  async function reopen(): Promise<void> {
    client = await settled(address, settings);
    watch();
    pid = (await serverOf(client)).pid;
  }

  return {
    address,
    place: { shown: shownPlace(address), ...server },
    backendPid: () => pid,
    ask: async (text, options = {}) => {
      if (isLost && !isInside) await reopen();
      try {
        return await within(client, options.withinMs, askClient(client, text, options));
      } catch (error) {
        isLost ||= isConnectionLost(error);
        throw error;
      }
    },
    setInside: (inside) => {
      isInside = inside;
    },
    end: () => client.end(),
  };
}

function askClient(client: Client, text: string, { queryMode }: AskOptions): Promise<Answer> {
  const query = { text, rowMode: 'array' as const, types: asText, ...(queryMode && { queryMode }) };
  return client.query<(string | null)[]>(query);
}

async function within(client: Client, limitMs: number | undefined, answer: Promise<Answer>): Promise<Answer> {
  if (limitMs === undefined) return answer;
  const late = new AbortController();
  const giveUp = wait(limitMs, undefined, { signal: late.signal }).then(() => {
    // With a statement under way pg drops the connection at once.
    client.end().catch(() => {});
    return answer;
  });
  try {
    return await Promise.race([answer, giveUp]);
  } finally {
    late.abort();
    giveUp.catch(() => {});
  }
}

/** What a session needs to be the same whatever the warehouse, the database and the user have set. */
async function settled(address: Address, settings: SessionSettings): Promise<Client> {
  const client = await connect(address);
  try {
    for (const [name, value] of Object.entries({ ...common, ...settings })) {
      await client.query(`set ${name} to ${typeof value === 'number' ? value : textLiteral(value)}`);
    }
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Times as UTC in ISO's form, doubles with all their digits (17 in the protocol's 8.0, where 2 is the most). */
const common: SessionSettings = { timezone: 'UTC', datestyle: 'ISO, YMD', extra_float_digits: 2 };

async function serverOf(client: Client) {
  const { rows } = await askClient(client, 'select current_user, current_schema(), pg_backend_pid(), version()', {});
  const [user = '', schema = '', pid, version = ''] = rows[0] ?? [];
  return {
    user: user ?? '',
    schema: schema ?? '',
    pid: Number(pid),
    version: /Redshift ([\d.]+)/.exec(version ?? '')?.[1] ?? version ?? '',
  };
}
