import type { Session } from '../engines/engine.ts';
import { messageOf } from '../errors.ts';
import { type Definition, ensureMutex } from '../ledger/ledger.ts';
import { createLedger } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { comment } from '../sql/quote.ts';
import { dropColumns, widenTables } from '../transform/evolve.ts';
import { createWarehouse } from '../transform/schema.ts';

/**
 * Creates what is not there yet (ledger, tables, views) and gives tables whose declaration changed their new columns.
 * Idempotent, and before any load transaction.
 */
export async function prepareTarget(
  session: Session,
  warehouse: Warehouse,
  definitions: readonly Definition[],
): Promise<void> {
  const { dialect } = session;
  // Each commit has to reach the disk, and these are many statements.
  await session.transaction(() => runAll(session, createLedger(dialect)));
  await ensureMutex(session);
  await runAll(session, widenTables(warehouse, definitions, dialect));
  await session.transaction(() => runAll(session, createWarehouse(warehouse, dialect)));
}

/** Takes columns away that are declared no more, once the tables are computed without them. Gives what went wrong. */
export async function narrowTables(
  session: Session,
  warehouse: Warehouse,
  definitions: readonly Definition[],
): Promise<readonly string[]> {
  try {
    await runAll(session, dropColumns(warehouse, definitions, session.dialect));
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

async function runAll(
  session: Session,
  statements: readonly { readonly title: string; readonly sql: string }[],
): Promise<void> {
  for (const { title, sql } of statements) await session.run(`${comment(title)}\n${sql}`);
}
