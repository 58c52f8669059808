import type { Session } from '../engines/engine.ts';
import { ensureMutex } from '../ledger/ledger.ts';
import { createLedger } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { comment } from '../sql/quote.ts';
import { createWarehouse } from '../transform/schema.ts';

/** Creates what is not there yet: ledger, tables, views. Idempotent, and before any load transaction. */
export async function prepareTarget(session: Session, warehouse: Warehouse): Promise<void> {
  for (const { title, sql } of createLedger(session.dialect)) await session.run(`${comment(title)}\n${sql}`);
  await ensureMutex(session);
  for (const { title, sql } of createWarehouse(warehouse, session.dialect))
    await session.run(`${comment(title)}\n${sql}`);
}
