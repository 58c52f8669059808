import type { Client } from 'pg';
import type { BucketAccessOptions } from './copy/bucket-access.ts';
import type { Faults } from './faults.ts';
import type { RedshiftUser } from './login.ts';
import type { Statement } from './sql/statement.ts';
import type { StatementLog } from './statement-log.ts';
import type { Backend } from './wire/backend.ts';

/** What all sessions of a stand-in share. */
export interface Shared {
  readonly postgres: { readonly host: string; readonly port: number };
  readonly users: readonly RedshiftUser[];
  /** Of the users, in PostgreSQL. */
  readonly backendPassword: string;
  readonly kind: 'serverless' | 'provisioned';
  readonly requireTls: boolean;
  readonly tls: { readonly key: string; readonly cert: string };
  readonly buckets: BucketAccessOptions;
  readonly faults: Faults;
  readonly log: StatementLog;
  /** By user: what GRANT and REVOKE ASSUMEROLE left. */
  readonly assumeRole: Map<string, boolean>;
  readonly openLog: (database: string) => Client;
  nextQueryId(): number;
}

/** A client that has logged in, and its connection to PostgreSQL. */
export interface Session {
  readonly shared: Shared;
  readonly user: RedshiftUser;
  readonly database: string;
  readonly backend: Backend;
  /** To the client. */
  readonly send: (bytes: Buffer) => void;
  /** Drops both connections. */
  readonly cut: () => void;
  /** Drops the client's alone. */
  readonly leave: () => void;
  /** Facts 1.12. */
  lastCopyCount: number;
  lastCopyId: number;
  /** enable_case_sensitive_identifier (facts 2.6). */
  caseSensitive: boolean;
  /** Prepared statements and portals by their names; an empty statement is undefined. */
  readonly prepared: Map<string, Prepared>;
  readonly portals: Map<string, Prepared>;
  /** After an error in the extended protocol, up to Sync. */
  skipping: boolean;
}

/** A statement of the extended protocol. */
export interface Prepared {
  readonly statement: Statement | undefined;
  readonly sql: string;
}

/** The client is gone. */
export class Disconnected extends Error {}
