import type { DuckDBConnection } from '@duckdb/node-api';
import type { EngineName } from '../model/expression.ts';
import type { Staging } from '../model/staging.ts';
import type { Dialect, TableShape, TitledDdl } from '../sql/dialect.ts';
import type { StoredObject } from '../storage/object-store.ts';

/** A value as every engine gives it: integers lossless, timestamps as `YYYY-MM-DD HH:MM:SS.mmm` in UTC. */
export type Value = null | boolean | number | bigint | string;

export type ValueKind = 'integer' | 'double' | 'decimal' | 'text' | 'timestamp' | 'date' | 'boolean' | 'other';

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly kind: ValueKind }[];
  readonly rows: readonly (readonly Value[])[];
}

/**
 * Where landing writes typed rows: a table with the columns of the staging table and `object_id`, without NOT NULL
 * constraints, on a connection of the embedded parser.
 */
export interface LandingTable {
  readonly connection: DuckDBConnection;
  /** Quoted, ready for SQL. */
  readonly name: string;
  /** Creates another one beside it, where it would cost much to take rows back out of this one. */
  readonly openAside?: () => Promise<AsideTable>;
}

/**
 * An empty table with the columns of a landing table, from which that can be filled. Its own connection commits every
 * statement; the memory it takes is given back when it is closed and the transaction of the landing table has ended.
 */
export interface AsideTable extends Pick<LandingTable, 'connection' | 'name'> {
  close(): Promise<void>;
}

/** Objects whose lines come into staging straight from where they lie, past landing. */
export interface ObjectsToCopy {
  readonly staging: Staging;
  /** By column, all columns in the order of the table: the keys that lead to its value, outermost first. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  readonly objects: readonly StoredObject[];
  /** What their rows carry, all of them, as nothing tells which came from which object. */
  readonly objectId: bigint;
}

/** One object, to try whether the target can read it: its rows go nowhere. */
export type ObjectToTry = Omit<ObjectsToCopy, 'objects' | 'objectId'> & { readonly object: StoredObject };

/** What came of it. */
export interface CopiedObjects {
  /** Names what the engine was told to read; nothing else has this name. */
  readonly uri: string;
  /** As many came into staging. */
  readonly rows: number;
}

/** An open connection to a target. One statement at a time. */
export interface Session {
  readonly dialect: Dialect;
  /** Where tables are found that are named without a schema: of a writer the one in which it makes them, of a reader all. */
  readonly schemas: readonly string[];
  /**
   * Runs a statement of the tool and gives the number of rows it inserted, updated or deleted.
   * @throws STATEMENT_FAILED naming the statement's leading comment; TRANSACTION_BROKEN where the engine broke it off and
   * another attempt may succeed
   */
  run(sql: string): Promise<number>;
  /** As `run`, giving the rows. */
  all(sql: string): Promise<QueryResult>;
  /** Runs a statement that a person wrote. @throws QUERY_FAILED with the engine's own words */
  query(sql: string): Promise<QueryResult>;
  /**
   * Brings schemas, tables and views to their declarations, in order, with other writers kept out; outside a transaction.
   * Where there is something to do, `before` comes first in the same transaction; else it may be left out.
   * @throws TARGET_IN_USE where the lock is taken by the transaction; what `before` throws
   */
  define(statements: readonly TitledDdl[], before?: () => Promise<void>): Promise<void>;
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws.
   * @throws COMMIT_UNKNOWN where the connection is lost at the commit
   */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Adds rows, values in the order of the table's columns; made for thousands at a time. */
  insertRows(table: TableShape, rows: readonly (readonly Value[])[]): Promise<void>;
  /** Where to land rows for this staging table, inside the open transaction. */
  landingTable(staging: Staging): Promise<LandingTable>;
  /**
   * About how much content to land before it is loaded, in bytes: what comes next lands in another table meanwhile.
   * Infinity where everything is to be loaded at once.
   */
  readonly landingBytes: number;
  /** Brings what was landed into the staging table, where it is not there already. */
  loadLanded(staging: Staging, landing: LandingTable): Promise<void>;
  /** Has what was loaded into the staging table known to whoever plans the statements that follow. */
  describeLoaded(staging: Staging): Promise<void>;
  /**
   * Has the target read objects by itself, inside the open transaction: all of their lines, or none where one does not
   * fit. undefined unless the target asks for that.
   * @throws RECORD_REFUSED; JSONPATHS_INVALID for a key that the target cannot be told
   */
  readonly copyObjects: ((objects: ObjectsToCopy) => Promise<CopiedObjects>) | undefined;
  /**
   * After a failure, outside a transaction: opens the connection anew where it was lost, and takes the lock again where
   * it went with it. Temporary tables are gone then.
   * @throws TARGET_UNUSABLE, TARGET_IN_USE
   */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** 'read' is enforced by the engine: nothing in the target, and no file beside it, can be written or read. */
  readonly mode: 'read' | 'write';
  /** How long to wait for another process to let go of the target, in milliseconds. Default 5,000 to read, 0 to write. */
  readonly waitMs?: number;
  /** Named in the engine's own log of statements, where it keeps one. Default: a name made up. */
  readonly runId?: string;
  /** Ends the session of a run that died with its host and holds the target still. Default false. */
  readonly takeOver?: boolean;
  /** Ends the waiting, with INTERRUPTED. */
  readonly signal?: AbortSignal | undefined;
}

/** What a target is tried with. */
export interface ProbeOptions {
  /** Of the tables and views that a run writes and makes outside the ledger. */
  readonly names: readonly string[];
  /** One of each source whose objects the target is told to read by itself. */
  readonly objects: readonly ObjectToTry[];
}

/** What there is at a target that a run could write to. */
export interface TargetProbe {
  /** Of the engine, e.g. `v1.5.6`. */
  readonly version: string;
  /** False where the run would create it. */
  readonly exists: boolean;
  /** Where the run would create staging and star. */
  readonly schema: string;
}

/** What `remember` was told. */
export interface Remembered {
  readonly text: string;
  /** When; undefined where nothing can have touched the target since. */
  readonly at: Date | undefined;
}

/** Everything there is to say of one engine; every field is filled by every engine. */
export interface Engine {
  readonly name: EngineName;
  readonly title: string;
  /** How its targets are written, for messages: `duckdb:PATH`. */
  readonly targetForm: string;
  readonly dialect: Dialect;
  /** While a writer has the target open no reader can open it: a reader that sees a run going on sees one that died. */
  readonly excludesReaders: boolean;
  /** A target as it may be shown and repeated: without a password. */
  shown(target: string): string;
  /** Whether the text names a target of this engine. */
  accepts(target: string): boolean;
  /** Whether a session that writes there has `copyObjects`. */
  copiesObjects(target: string): boolean;
  /** Where a run puts objects of its own: `s3://bucket/prefix`; undefined where there is no such place. */
  landingOf(target: string): string | undefined;
  /** @throws TARGET_INVALID, TARGET_IN_USE, TARGET_UNUSABLE; TARGET_EMPTY in 'read' mode when there is none */
  open(target: string, options: OpenOptions): Promise<Session>;
  /**
   * Finds out whether a run could write there, and leaves nothing behind.
   * @throws TARGET_INVALID, TARGET_IN_USE, TARGET_UNUSABLE; JSONPATHS_INVALID for a key that the target cannot be told
   */
  probe(target: string, options: ProbeOptions): Promise<TargetProbe>;
  /**
   * What `remember` was told last, if that is less than a day ago and nothing of ours has touched the target since; else
   * undefined. Does not open the target: waking one costs time or money. A hint only, the ledger is the authority.
   */
  recall(target: string): Promise<Remembered | undefined>;
  /** Keeps a text beside the target as long as the target stays as it is now. Called with the target closed. */
  remember(target: string, text: string): Promise<void>;
  /** Drops what was kept, as the target was found to be otherwise. Where that cannot be done it is left. */
  forget(target: string): Promise<void>;
}
