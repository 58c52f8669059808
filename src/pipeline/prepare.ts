import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../engines/engine.ts';
import { messageOf, SparkifyError } from '../errors.ts';
import { confirmLoads, ensureMutex, forgetLanding, takeMutex, writeDefinitions } from '../ledger/ledger.ts';
import { createLedger } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { dropColumns, retypedStaging, whileAltered, widenTables } from '../transform/evolve.ts';
import { createTables, createViews, createWarehouse } from '../transform/schema.ts';
import { brokenOff } from './begin-again.ts';
import { definitionsOf } from './fingerprints.ts';
import type { Known } from './known.ts';

/**
 * Creates what is not there yet (ledger, tables, views) and gives tables whose declaration changed their new columns.
 * Idempotent, and before any load transaction. Gives how many loads there are by now: what alters tables counts as one,
 * so that no plan made before it is carried out.
 * @throws LEDGER_MOVED where another run has loaded or altered the target since the ledger was read; TRANSACTION_BROKEN
 */
export async function prepareTarget(session: Session, warehouse: Warehouse, known: KnownBefore): Promise<bigint> {
  try {
    await session.define(createLedger(session.dialect));
    const loads = await noteAltered(session, warehouse, known);
    await alterTables({ session, warehouse, known, confirm: () => confirmLoads(session, loads) });
    return loads;
  } catch (error) {
    // What was done of it is found again.
    throw error instanceof SparkifyError && error.code === 'COMMIT_UNKNOWN' ? brokenOff(error) : error;
  }
}

type KnownBefore = Pick<Known, 'definitions' | 'loads'>;

/**
 * Before tables are made or altered, as nobody knows whether this run will come to its end. Of first runs at once each
 * comes here, as nothing is defined where nothing is; one of them finds no row of the mutex and puts it in. Where the
 * same is noted already, by a run that failed or that is at the same, nothing is: else runs at once would void each
 * other's plans for ever. Gives how many loads there are by then.
 */
async function noteAltered(
  session: Session,
  warehouse: Warehouse,
  { definitions, loads }: KnownBefore,
): Promise<bigint> {
  const altered = whileAltered(warehouse, definitions, session.dialect);
  const noted = definitions.map((known) => altered.find(({ name }) => name === known.name) ?? known);
  const others = altered.filter(({ name }) => definitions.every((known) => known.name !== name));
  if (others.length === 0 && isDeepStrictEqual(noted, definitions)) return loads;
  const isFirst = definitions.length === 0;
  await session.transaction(async () => {
    await ensureMutex(session);
    if (!isFirst) await session.run(takeMutex);
    await confirmLoads(session, isFirst ? loads : loads + 1n);
    await writeDefinitions(session, [...noted, ...others]);
    for (const { source } of retypedStaging(warehouse, definitions, session.dialect)) {
      await forgetLanding(session, source.name);
    }
  });
  return isFirst ? loads : loads + 1n;
}

interface AlterTables {
  readonly session: Session;
  readonly warehouse: Warehouse;
  readonly known: KnownBefore;
  readonly confirm: () => Promise<void>;
}

/**
 * One step where the engine can do all of it in one transaction. Else the views come after it, and where it fails those
 * that were dropped for it come back as far as they can be made: people read them meanwhile.
 */
async function alterTables({ session, warehouse, known, confirm }: AlterTables): Promise<void> {
  const { dialect } = session;
  const widening = widenTables(warehouse, known.definitions, dialect);
  const whole = createWarehouse(warehouse, dialect);
  // A run that failed may have noted tables that it did not come to make.
  const altering = widening.length === 0 ? [] : [...createTables(warehouse, dialect), ...widening];
  if (!altering.some(({ alone }) => alone)) return session.define([...altering, ...whole], confirm);
  try {
    await session.define(altering, confirm);
  } catch (error) {
    await bringViewsBack({ session, warehouse, confirm });
    throw error;
  }
  await session.define(whole, confirm);
}

async function bringViewsBack({ session, warehouse, confirm }: Omit<AlterTables, 'known'>): Promise<void> {
  for (const { name, create } of createViews(warehouse, session.dialect)) {
    const isThere = await session.all(`-- look for ${name}\nselect 1 from ${name} where 1 = 0`).then(
      () => true,
      () => false,
    );
    if (isThere) continue;
    await session.define([...createTables(warehouse, session.dialect), ...create], confirm).catch(() => {});
  }
}

/**
 * Takes columns away that are declared no more, once the tables are computed without them and there were so many loads.
 * Gives what went wrong.
 */
export async function narrowTables(
  session: Session,
  warehouse: Warehouse,
  { definitions, loads }: KnownBefore,
): Promise<readonly string[]> {
  const { dialect } = session;
  const drops = dropColumns(warehouse, definitions, dialect);
  if (drops.length === 0) return [];
  const confirm = () => confirmLoads(session, loads);
  const warnings: string[] = [];
  const warn = (error: unknown) => void warnings.push(messageOf(error));
  // Each by itself: what is in the way of one column is in the way of no other.
  for (const drop of drops) await session.define([drop], confirm).catch(warn);
  if (warnings.length > 0) return warnings;
  const note = async () => {
    await confirm();
    await writeDefinitions(session, definitionsOf(warehouse, dialect));
  };
  await session.transaction(note).catch(warn);
  return warnings;
}
