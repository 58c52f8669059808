import type { StatementKind } from './sql/statement.ts';

/** A statement that a client sent, refused ones too. */
export interface LoggedStatement {
  readonly database: string;
  readonly user: string;
  readonly processId: number;
  readonly kind: StatementKind;
  readonly sql: string;
  /** The SQLSTATE of the error it ended with; undefined if it was run, or is still running. */
  error: string | undefined;
}

/** What has happened since the last `reset`. */
export interface Counters {
  readonly connections: number;
  readonly statements: number;
  readonly byKind: Readonly<Record<StatementKind, number>>;
  /** COPYs, failed ones too. */
  readonly copies: number;
  /** Objects of S3 that COPYs loaded; manifests and JSONPaths files are not counted. */
  readonly objectsRead: number;
  /** Transactions opened by BEGIN. */
  readonly transactions: number;
  readonly commits: number;
  readonly rollbacks: number;
}

/** Keeps every statement of every client, for tests to look at. */
export class StatementLog {
  statements: LoggedStatement[] = [];
  connections = 0;
  objectsRead = 0;

  add(statement: Omit<LoggedStatement, 'error'>): LoggedStatement {
    const entry = { ...statement, error: undefined };
    this.statements.push(entry);
    return entry;
  }

  counters(): Counters {
    const byKind: Record<StatementKind, number> = {};
    for (const { kind } of this.statements) byKind[kind] = (byKind[kind] ?? 0) + 1;
    const count = (kind: string) => byKind[kind] ?? 0;
    return {
      connections: this.connections,
      statements: this.statements.length,
      byKind,
      copies: count('copy'),
      objectsRead: this.objectsRead,
      transactions: count('begin'),
      commits: count('commit'),
      rollbacks: count('rollback'),
    };
  }

  reset(): void {
    this.statements = [];
    this.connections = 0;
    this.objectsRead = 0;
  }
}
