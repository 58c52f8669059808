import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../engines/engine.ts';
import { messageOf } from '../errors.ts';
import { type Definition, forgetLanding, readDefinitions, writeDefinitions } from '../ledger/ledger.ts';
import { confirmLoads, ensureMutex, ledgerMoved, takeMutex } from '../ledger/mutex.ts';
import { createLedger } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { dropColumns, retypedStaging, whileAltered, widenTables, withLeftovers } from '../transform/evolve.ts';
import { createTables, createViews, createWarehouse } from '../transform/schema.ts';
import { definitionsOf } from './fingerprints.ts';
import type { Known } from './known.ts';

type KnownBefore = Pick<Known, 'definitions' | 'loads'>;

/**
 * Creates what is not there yet (ledger, tables, views) and gives tables whose declaration changed their new columns.
 * Idempotent, and before any load transaction. Gives how many loads there are by then: a change counts as one, so that
 * no plan that another run made before it is carried out.
 * @throws LEDGER_MOVED where another run has loaded or changed the target since the ledger was read
 */
export async function prepareTarget(session: Session, warehouse: Warehouse, known: KnownBefore): Promise<bigint> {
  const { dialect } = session;
  await session.define(createLedger(dialect));
  const widening = widenTables(warehouse, known.definitions, dialect);
  const whole = createWarehouse(warehouse, dialect);
  // A run that failed may have noted tables that it did not come to make.
  const altering = widening.length === 0 ? [] : [...createTables(warehouse, dialect), ...widening];
  let noted = known;
  const note = async () => {
    noted = await noteChange(session, warehouse, noted);
  };
  if (altering.some(({ alone }) => alone)) {
    // Views stand in the way of what cannot be in one transaction with them.
    await session.define(altering, note).catch(async (error: unknown) => {
      await bringViewsBack(session, warehouse, note);
      throw error;
    });
    await session.define(whole, note);
  } else await session.define([...altering, ...whole], note);
  return noted.loads;
}

/**
 * Comes first in the transaction that changes tables or views: notes what is altered, and that plans made before are void.
 * Gives what the ledger says then. Before anything is defined there is no plan to void, as first runs at once are to find
 * what one of them has made; nor where the same is noted already, by a run that failed or that is at the same: runs at
 * once would void each other's plans for ever.
 */
async function noteChange(
  session: Session,
  warehouse: Warehouse,
  { definitions, loads }: KnownBefore,
): Promise<KnownBefore> {
  const { dialect } = session;
  const altered = whileAltered(warehouse, definitions, dialect);
  const noted = [
    ...definitions.map((known) => altered.find(({ name }) => name === known.name) ?? known),
    ...altered.filter(({ name }) => definitions.every((known) => known.name !== name)),
  ];
  if (definitions.length === 0) {
    await ensureMutex(session);
    await confirmLoads(session, loads);
    await noteFirst(session, noted);
    return { definitions: noted, loads };
  }
  const isSame = isDeepStrictEqual(noted, definitions);
  // Where a session keeps the others out for as long as it lives, nobody else has a plan.
  const isShared = dialect.writerLock.take.length > 0;
  if (isSame && (altered.length > 0 || !isShared)) {
    await confirmLoads(session, loads);
    return { definitions, loads };
  }
  await countChange(session, loads);
  if (!isSame) await writeDefinitions(session, noted);
  for (const { source } of retypedStaging(warehouse, definitions, dialect)) await forgetLanding(session, source.name);
  return { definitions: noted, loads: loads + 1n };
}

/** @throws LEDGER_MOVED where another first run was faster, of another declaration */
async function noteFirst(session: Session, definitions: readonly Definition[]): Promise<void> {
  const there = await readDefinitions(session);
  if (there.length === 0) return writeDefinitions(session, definitions);
  const isSame = ({ name, columns }: Definition) =>
    isDeepStrictEqual(there.find((one) => one.name === name)?.columns, columns);
  if (there.length !== definitions.length || !definitions.every(isSame)) throw ledgerMoved();
}

/** @throws LEDGER_MOVED */
async function countChange(session: Session, loads: bigint): Promise<void> {
  await session.run(takeMutex);
  await confirmLoads(session, loads + 1n);
}

/** People read them: after a failure they come back as far as they can be made. */
async function bringViewsBack(session: Session, warehouse: Warehouse, note: () => Promise<void>): Promise<void> {
  for (const { name, create } of createViews(warehouse, session.dialect)) {
    const isThere = await session.all(`-- look for ${name}\nselect 1 from ${name} where 1 = 0`).then(
      () => true,
      () => false,
    );
    if (isThere) continue;
    await session.define([...createTables(warehouse, session.dialect), ...create], note).catch(() => {});
  }
}

/**
 * Takes columns away that are declared no more, once the tables are computed without them and there were so many loads:
 * each by itself, as what is in the way of one is in the way of no other. Gives what went wrong.
 */
export async function narrowTables(
  session: Session,
  warehouse: Warehouse,
  known: KnownBefore,
): Promise<readonly string[]> {
  const { dialect } = session;
  let definitions = withLeftovers(definitionsOf(warehouse, dialect), known.definitions);
  let { loads } = known;
  const warnings: string[] = [];
  for (const { table, column, statements } of dropColumns(warehouse, definitions, dialect)) {
    const fewer = without(definitions, table, column);
    let isNoted = false;
    const note = async () => {
      await countChange(session, loads);
      await writeDefinitions(session, fewer);
      isNoted = true;
    };
    try {
      await session.define(statements, note);
      // Somebody has dropped it by hand.
      if (!isNoted) await session.transaction(note);
      definitions = fewer;
      loads += 1n;
    } catch (error) {
      warnings.push(messageOf(error));
    }
  }
  return warnings;
}

function without(definitions: readonly Definition[], table: string, column: string): readonly Definition[] {
  return definitions.map((definition) => ({
    ...definition,
    columns: definition.columns.filter(([name]) => definition.name !== table || name !== column),
  }));
}
