import type { LoadError } from './copy/load-error.ts';
import type { StatementKind } from './sql/statement.ts';

/** What goes wrong, and when. Each fault hits once, then it is spent. */
export interface Fault {
  /** Only statements of this kind count; a connection being made is of the kind `connect`. Default: all statements. */
  readonly kind?: StatementKind;
  /** Only statements whose text matches. */
  readonly matching?: RegExp;
  /** The fault hits the n-th of them from now, from 1. Default 1. */
  readonly nth?: number;
  readonly outcome: FaultOutcome;
}

export type FaultOutcome =
  /** The statement is not run and answers this error; the transaction is aborted, at COMMIT rolled back. */
  | { readonly error: FaultError }
  /**
   * The connection is lost before the statement is run, or when it has been and before its answer; `unnoticed` by the
   * warehouse, whose session lives on with its transaction and its locks.
   */
  | { readonly cut: 'before' | 'after' | 'unnoticed' }
  /** The statement takes so much longer, inside the database: its timeout runs. */
  | { readonly delayMs: number }
  /** A COPY fails with this error in its data, after so much time by the clock of the sessions that begin later. */
  | { readonly loadError: LoadError; readonly tookMs?: number };

export interface FaultError {
  readonly sqlState: string;
  readonly message: string;
  readonly detail?: string;
}

/** Errors as Redshift words them. */
export const redshiftErrors = {
  /** Facts 3.7. */
  serializationConflict: {
    sqlState: 'XX000',
    message: '1023',
    detail:
      'Serializable isolation violation on table - 100167, transactions forming the cycle are: 5570, 5575 (pid:16606)',
  },
  /** Facts 3.7. */
  concurrentTransaction: {
    sqlState: 'XX000',
    message: 'could not complete because of conflict with concurrent transaction',
  },
  /** Facts 3.7. */
  deadlock: { sqlState: '40P01', message: 'deadlock detected' },
  /** Facts 3.7: a table that was made after the snapshot. */
  relationGone: { sqlState: 'XX000', message: '1018', detail: 'Relation does not exist.' },
  diskFull: { sqlState: 'XX000', message: 'Disk Full', detail: 'error:  Disk Full\n  code:      1016' },
  /** dg:cm-c-wlm-query-monitoring-rules, action abort; the words are not documented. */
  endedByRule: {
    sqlState: '57014',
    message: 'Query (7) cancelled by WLM abort action of Query Monitoring Rule "long".',
  },
  shutdown: { sqlState: '57P01', message: 'terminating connection due to administrator command' },
} as const satisfies Readonly<Record<string, FaultError>>;

/** The faults that wait for their statement. */
export class Faults {
  /** How much later than the COPY its errors can be read (facts 1.13: up to 12 s). */
  loadErrorLagMs = 0;
  /** Snapshots are as old as BEGIN, not as the first statement behind it; the documentation leaves it open (8.4). */
  snapshotAtBegin = false;
  /** How far the clock of new sessions is ahead of this machine's. */
  clockAheadMs = 0;
  #waiting: { readonly fault: Fault; seen: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, seen: 0 });
  }

  /** Takes back what has not hit, and the settings above. */
  clear(): void {
    this.#waiting = [];
    this.loadErrorLagMs = 0;
    this.snapshotAtBegin = false;
    this.clockAheadMs = 0;
  }

  /** How many have not hit yet. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** The fault that hits this statement, which is spent with it. */
  take(kind: StatementKind, sql: string): FaultOutcome | undefined {
    let hit: FaultOutcome | undefined;
    for (const waiting of [...this.#waiting]) {
      const { fault } = waiting;
      const counts = fault.kind === undefined ? kind !== 'connect' : fault.kind === kind;
      if (!counts || fault.matching?.test(sql) === false) continue;
      waiting.seen += 1;
      if (waiting.seen < (fault.nth ?? 1) || hit !== undefined) continue;
      hit = fault.outcome;
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
    }
    return hit;
  }
}
