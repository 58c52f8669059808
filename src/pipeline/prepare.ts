import type { Session } from '../engines/engine.ts';
import { messageOf } from '../errors.ts';
import { confirmLoads, type Definition, ensureMutex, forgetLanding, writeDefinitions } from '../ledger/ledger.ts';
import { createLedger } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { dropColumns, retypedStaging, whileAltered, widenTables } from '../transform/evolve.ts';
import { createTables, createViews, createWarehouse } from '../transform/schema.ts';
import type { DefiningStatement } from '../transform/statements.ts';
import { definitionsOf } from './fingerprints.ts';
import type { Known } from './known.ts';

/**
 * Creates what is not there yet (ledger, tables, views) and gives tables whose declaration changed their new columns.
 * Idempotent, and before any load transaction.
 * @throws LEDGER_MOVED where that is called for, and another run has loaded the target since the ledger was read
 */
export async function prepareTarget(session: Session, warehouse: Warehouse, known: KnownBefore): Promise<void> {
  const { dialect } = session;
  const { definitions } = known;
  await session.define(createLedger(dialect));
  await noteAltered(session, warehouse, known);
  const widening = widenTables(warehouse, definitions, dialect);
  const whole = createWarehouse(warehouse, dialect);
  if (widening.length > 0) {
    // What another run may be about to read is back in the same transaction, unless something has to come between.
    const after = widening.some(({ alone }) => alone) ? [] : whole;
    // A run that failed may have noted tables that it did not come to make.
    const statements = [...createTables(warehouse, dialect), ...widening, ...after];
    await alterTables(session, warehouse, statements, () => confirmLoads(session, known.loads));
  }
  await session.define(whole);
}

/**
 * Where it fails on an engine that cannot do all of it in one transaction, views that were dropped for it come back as
 * far as they can be made: people read them meanwhile.
 */
async function alterTables(
  session: Session,
  warehouse: Warehouse,
  statements: readonly DefiningStatement[],
  confirm: () => Promise<void>,
): Promise<void> {
  try {
    await session.define(statements, confirm);
  } catch (error) {
    for (const { name, create } of createViews(warehouse, session.dialect)) {
      const isThere = await session.all(`-- look for ${name}\nselect 1 from ${name} where 1 = 0`).then(
        () => true,
        () => false,
      );
      if (!isThere) await session.define([...createTables(warehouse, session.dialect), ...create]).catch(() => {});
    }
    throw error;
  }
}

type KnownBefore = Pick<Known, 'definitions' | 'loads'>;

/**
 * Before tables are made or altered, as nobody knows whether this run will come to its end. Of first runs at once each
 * comes here, as nothing is defined where nothing is; one of them finds no row of the mutex and puts it in.
 */
async function noteAltered(session: Session, warehouse: Warehouse, { definitions, loads }: KnownBefore): Promise<void> {
  const altered = whileAltered(warehouse, definitions, session.dialect);
  if (altered.length === 0) return;
  const others = definitions.filter(({ name }) => altered.every((definition) => definition.name !== name));
  await session.transaction(async () => {
    await ensureMutex(session);
    await confirmLoads(session, loads);
    await writeDefinitions(session, [...others, ...altered]);
    for (const { source } of retypedStaging(warehouse, definitions, session.dialect)) {
      await forgetLanding(session, source.name);
    }
  });
}

/** Takes columns away that are declared no more, once the tables are computed without them. Gives what went wrong. */
export async function narrowTables(
  session: Session,
  warehouse: Warehouse,
  definitions: readonly Definition[],
): Promise<readonly string[]> {
  const { dialect } = session;
  const drops = dropColumns(warehouse, definitions, dialect);
  if (drops.length === 0) return [];
  try {
    await session.define(drops);
    await session.transaction(() => writeDefinitions(session, definitionsOf(warehouse, dialect)));
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
