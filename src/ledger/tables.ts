import { bigintType, booleanType, type ColumnType, integerType, timestampType } from '../model/column-type.ts';
import type { Ddl, Dialect, TableShape, TitledDdl } from '../sql/dialect.ts';
import { ledgerSchema } from '../sql/shapes.ts';

/** The shape of the ledger. A target with a greater number was written by a newer version of this tool. */
export const ledgerVersion = 3;

const text = (bytes: number): ColumnType => ({ kind: 'text', bytes });

function ledgerTable(
  name: string,
  types: Readonly<Record<string, ColumnType>>,
  nullable: readonly string[] = [],
): TableShape {
  const columns = Object.entries(types).map(([column, type]) => ({
    name: column,
    type,
    notNull: !nullable.includes(column),
  }));
  return { schema: ledgerSchema, name, columns };
}

/** The one row that says which shape the ledger has and where the star is, and which a writer updates first. */
export const mutex = ledgerTable(
  'mutex',
  {
    id: integerType,
    loads: bigintType,
    ledger_version: integerType,
    /** Of staging and star. */
    star_schema: text(128),
  },
  // A column that is added to a table cannot be otherwise.
  ['star_schema'],
);

/** One row per run that found something to do; opened and closed in transactions of its own. */
export const runs = ledgerTable(
  'runs',
  {
    run_id: text(64),
    root: text(4096),
    state: text(16),
    started_at: timestampType,
    finished_at: timestampType,
    tool_version: text(32),
    error_code: text(64),
    error_message: text(4096),
  },
  ['finished_at', 'error_code', 'error_message'],
);

/**
 * One row per object that is loaded, with what became of its lines: read = loaded + rejected + blank. The lines of objects
 * that came by COPY are those of the row in state 'copy' with their run_id and source.
 */
export const objects = ledgerTable('objects', {
  object_id: bigintType,
  source: text(64),
  uri: text(4096),
  version: text(256),
  content_hash: text(64),
  /** Of the rules by which it was landed. */
  fingerprint: text(64),
  size_bytes: bigintType,
  content_bytes: bigintType,
  state: text(16),
  run_id: text(64),
  lines_read: bigintType,
  lines_loaded: bigintType,
  lines_rejected: bigintType,
  lines_blank: bigintType,
});

/** One row per line that did not fit. `state` is 'kept', or 'not_loaded' where the run that read it failed. */
export const rejects = ledgerTable(
  'rejects',
  {
    run_id: text(64),
    object_id: bigintType,
    source: text(64),
    uri: text(4096),
    line: bigintType,
    column_name: text(128),
    reason: text(256),
    raw_text: text(65_000),
    state: text(16),
  },
  ['column_name'],
);

/** What each check of each run found. */
export const checks = ledgerTable('checks', {
  run_id: text(64),
  name: text(256),
  kind: text(32),
  table_name: text(128),
  severity: text(16),
  passed: booleanType,
  failures: bigintType,
});

/** The roots whose objects the warehouse holds. */
export const roots = ledgerTable('roots', { root: text(4096), run_id: text(64) });

/** What staging and star were computed by: a table whose definition has another fingerprint now is computed anew. */
export const definitions = ledgerTable('definitions', {
  name: text(128),
  fingerprint: text(64),
  /** The version of the model, or of the landing rules. */
  version: integerType,
  /** Its columns with their types, as JSON. */
  columns: text(65_000),
});

/** Objects that a run could not read; they are tried again by the next one. */
export const unreadable = ledgerTable('unreadable', {
  run_id: text(64),
  source: text(64),
  uri: text(4096),
  error_code: text(64),
  error_message: text(4096),
});

/** The keys that each source's lines have, as far as they are sampled. */
export const keys = ledgerTable('keys', {
  source: text(64),
  /** The path, as people write it. */
  key: text(1024),
  /** The JSON types of its values, separated by commas. */
  types: text(64),
  /** Sampled lines that had it, of so many since it was seen first. */
  lines: bigintType,
  sampled_lines: bigintType,
  /** The last run that saw it. */
  run_id: text(64),
});

/** How the lines of a run differed from those seen before. Rows of a run that failed tell why. */
export const drift = ledgerTable('drift', {
  run_id: text(64),
  source: text(64),
  key: text(1024),
  kind: text(16),
  detail: text(4096),
});

/** Every table of the ledger, in the order in which they are created. */
export const ledgerTables = [
  mutex,
  roots,
  definitions,
  runs,
  objects,
  rejects,
  checks,
  unreadable,
  keys,
  drift,
] as const satisfies readonly TableShape[];

/** The DDL of the ledger, idempotent, in order. */
export function createLedger(dialect: Dialect): readonly TitledDdl[] {
  const create = (name: string, statements: readonly Ddl[]) =>
    statements.map((statement) => ({ title: `create ${name}`, ...statement }));
  return [
    ...create(`schema ${ledgerSchema}`, dialect.createSchema(ledgerSchema)),
    ...dialect.writerLock.create,
    ...ledgerTables.flatMap((shape) => create(`${ledgerSchema}.${shape.name}`, dialect.createTable(shape))),
  ];
}
