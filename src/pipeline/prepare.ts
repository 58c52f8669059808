import type { Session } from '../engines/engine.ts';
import { messageOf } from '../errors.ts';
import { type Definition, ensureMutex } from '../ledger/ledger.ts';
import { createLedger } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
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
  await session.define(createLedger(dialect));
  await ensureMutex(session);
  await session.define(widenTables(warehouse, definitions, dialect));
  await session.define(createWarehouse(warehouse, dialect));
}

/** Takes columns away that are declared no more, once the tables are computed without them. Gives what went wrong. */
export async function narrowTables(
  session: Session,
  warehouse: Warehouse,
  definitions: readonly Definition[],
): Promise<readonly string[]> {
  try {
    await session.define(dropColumns(warehouse, definitions, session.dialect));
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
