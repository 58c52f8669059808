import { Client, DatabaseError, types } from 'pg';
import { inject } from 'vitest';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { defaultRole, type StandIn, type StandInOptions, startStandIn } from './stand-in.ts';

/** A stand-in with an S3 server beside it, and clients in databases of their own. */
export interface Scene {
  readonly s3: S3Server;
  readonly standIn: StandIn;
  /** A client in a new database, and that database. */
  newDatabase(user?: string): Promise<{ readonly client: Client; readonly database: string }>;
  /** Empties the system tables of COPY in the client's database. */
  forgetLoads(superuser: Client): Promise<void>;
  /** Another client; it is ended with the scene. */
  connect(database: string, user?: string): Promise<Client>;
  stop(): Promise<void>;
}

/** The role that a COPY of the tests names. */
export const role = `iam_role '${defaultRole.arn}'`;

// Timestamps as they are written, so that the time zone of the machine has no part in it.
types.setTypeParser(1114, (text) => text);

/** Starts both servers; end them with `stop`. */
export async function startScene(options: Omit<StandInOptions, 's3Endpoint'> = {}): Promise<Scene> {
  const s3 = await startS3Server();
  const standIn = await startStandIn({ s3Endpoint: s3.endpoint, postgresUrl: inject('postgresUrl'), ...options });
  const clients: Client[] = [];
  const connect = async (database: string, user?: string) => {
    const client = new Client({ connectionString: standIn.url(database, user) });
    // A connection that is cut says so to whoever waits; nobody else needs to know.
    client.on('error', () => {});
    clients.push(client);
    await client.connect();
    return client;
  };
  return {
    s3,
    standIn,
    connect,
    forgetLoads: async (superuser) => {
      for (const table of ['load_errors', 'load_files', 'load_history'])
        await superuser.query(`delete from redshift.${table}`);
    },
    newDatabase: async (user) => {
      const database = await standIn.createDatabase();
      return { client: await connect(database, user), database };
    },
    stop: async () => {
      await Promise.allSettled(clients.map((client) => client.end()));
      await standIn.stop();
      await s3.stop();
    },
  };
}

/** The rows of a query. */
export async function rowsOf(client: Client, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
  return (await client.query<Record<string, unknown>>(sql, values)).rows;
}

/** The error that the statement ends with. */
export async function errorOf(client: Client, sql: string, values?: unknown[]): Promise<DatabaseError> {
  try {
    await client.query(sql, values);
  } catch (cause) {
    if (cause instanceof DatabaseError) return cause;
    throw cause;
  }
  throw new Error(`there was no error: ${sql}`);
}
