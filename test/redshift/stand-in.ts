import { createServer, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { startPostgres } from '../support/postgres-server.ts';
import { makeCertificate } from './certificate.ts';
import type { IamRole } from './copy/bucket-access.ts';
import {
  createTemplate,
  dropDatabases,
  ensureUsers,
  newDatabase,
  type Postgres,
  parsePostgresUrl,
} from './databases.ts';
import { Faults } from './faults.ts';
import type { RedshiftUser } from './login.ts';
import { serveClient } from './serve-client.ts';
import type { Shared } from './session.ts';
import { type Counters, type LoggedStatement, StatementLog } from './statement-log.ts';

export interface StandInOptions {
  /** Of the S3 server that COPY reads from. */
  readonly s3Endpoint: string;
  readonly users?: readonly RedshiftUser[];
  /** Default: one role that may do everything. */
  readonly roles?: readonly IamRole[];
  /** Buckets that do not lie in us-east-1, where the warehouse is. */
  readonly bucketRegions?: Readonly<Record<string, string>>;
  /** Default 'serverless', where STL and STV tables are hidden from regular users. */
  readonly kind?: 'serverless' | 'provisioned';
  /** Refuses connections without TLS; what new warehouses do is left open (facts 8.8). Default false. */
  readonly requireTls?: boolean;
  /** Of the superuser of a PostgreSQL (17 or later) to use; default: a server of its own. */
  readonly postgresUrl?: string;
}

/** A Redshift for tests: what it takes and refuses is in docs/redshift.md. */
export interface StandIn {
  readonly port: number;
  /** The authority of its certificate, which names localhost and 127.0.0.1. */
  readonly ca: string;
  readonly faults: Faults;
  counters(): Counters;
  statements(): readonly LoggedStatement[];
  /** Forgets statements and counts. */
  reset(): void;
  /** An empty database; gives its name. */
  createDatabase(): Promise<string>;
  /** For node-postgres: `postgres://user:password@127.0.0.1:port/database`, of the first user or the one named. */
  url(database: string, user?: string): string;
  /** Ends the server; databases go too. */
  stop(): Promise<void>;
}

/** The user, and the role of COPY, where none are given. */
export const defaultUser: RedshiftUser = { name: 'awsuser', password: 'Passw0rd', superuser: true };
export const defaultRole: IamRole = { arn: 'arn:aws:iam::123456789012:role/redshift-copy', isDefault: true };

/** Starts the stand-in on a free port of 127.0.0.1, with a PostgreSQL behind it. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const own = options.postgresUrl === undefined ? await startPostgres() : undefined;
  const postgres = parsePostgresUrl(options.postgresUrl ?? own?.url ?? '');
  const { ca, ...tls } = await makeCertificate();
  const shared = sharedOf(options, postgres, tls);
  await ensureUsers(postgres, shared.users, shared.backendPassword);
  const template = await createTemplate(postgres);
  const databases: string[] = [];
  const { server, port, sockets } = await listen(shared);
  return {
    port,
    ca,
    faults: shared.faults,
    counters: () => shared.log.counters(),
    statements: () => shared.log.statements,
    reset: () => shared.log.reset(),
    createDatabase: async () => {
      const name = await newDatabase(postgres, template, shared.users[0]?.name ?? '');
      databases.push(name);
      return name;
    },
    url: (database, user) => urlOf(shared, port, database, user),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      if (own === undefined) await dropDatabases(postgres, databases);
      await own?.stop();
    },
  };
}

function sharedOf(options: StandInOptions, postgres: Postgres, tls: Shared['tls']): Shared {
  const { host, port, user, password } = postgres;
  let queryId = 1000;
  return {
    postgres: { host, port },
    users: options.users ?? [defaultUser],
    backendPassword: 'stand-in',
    kind: options.kind ?? 'serverless',
    requireTls: options.requireTls ?? false,
    tls,
    buckets: {
      endpoint: options.s3Endpoint,
      // The keys that s3rver knows.
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
      roles: options.roles ?? [defaultRole],
      region: 'us-east-1',
      bucketRegions: options.bucketRegions ?? {},
    },
    faults: new Faults(),
    log: new StatementLog(),
    assumeRole: new Map(),
    openLog: (database) => new Client({ host, port, user, password, database, application_name: 'stand-in' }),
    nextQueryId: () => {
      queryId += 1;
      return queryId;
    },
  };
}

async function listen(shared: Shared): Promise<{ server: Server; port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    void serveClient(socket, shared);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, port: address.port, sockets };
}

function urlOf({ users }: Shared, port: number, database: string, name = users[0]?.name): string {
  const user = users.find((one) => one.name === name);
  if (user === undefined) throw new Error(`there is no user ${name}`);
  return `postgres://${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@127.0.0.1:${port}/${database}`;
}
