import { bigintType, booleanType, type ColumnType, integerType, timestampType } from '../model/column-type.ts';
import type { Dialect, TableShape } from '../sql/dialect.ts';
import { ledgerSchema } from '../sql/shapes.ts';

/** The shape of the ledger. A target with a greater number was written by a newer version of this tool. */
export const ledgerVersion = 1;

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

/** The one row that says which shape the ledger has and which a writer updates first. */
export const mutex = ledgerTable('mutex', { id: integerType, loads: bigintType, ledger_version: integerType });

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

/** One row per object that is loaded, with what became of its lines: read = loaded + rejected + blank. */
export const objects = ledgerTable('objects', {
  object_id: bigintType,
  source: text(64),
  uri: text(4096),
  version: text(256),
  content_hash: text(64),
  mapping_hash: text(64),
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

/** The DDL of the ledger, idempotent, in order. */
export function createLedger(dialect: Dialect): readonly { readonly title: string; readonly sql: string }[] {
  return [
    { title: `create schema ${ledgerSchema}`, sql: dialect.createSchema(ledgerSchema) },
    ...[mutex, runs, objects, rejects, checks].map((shape) => ({
      title: `create ${ledgerSchema}.${shape.name}`,
      sql: dialect.createTable(shape),
    })),
  ];
}
