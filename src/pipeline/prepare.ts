import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../engines/engine.ts';
import { messageOf } from '../errors.ts';
import {
  type Definition,
  forgetLanding,
  forgetUnknownRejects,
  readDefinitions,
  writeDefinitions,
} from '../ledger/ledger.ts';
import { confirmLoads, ensureMutex, holdMutex, ledgerMoved, readLoads, takeMutex } from '../ledger/mutex.ts';
import { createLedger } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Dialect } from '../sql/dialect.ts';
import {
  dropColumns,
  type Evolution,
  retypedStaging,
  whileAltered,
  widenTables,
  withLeftovers,
} from '../transform/evolve.ts';
import { createTables, createViews, createWarehouse } from '../transform/schema.ts';
import { definitionsOf, landingDefinition } from './fingerprints.ts';
import type { Known } from './known.ts';

/** What the ledger says of tables, and how many loads there were by then. */
type Noted = Pick<Known, 'definitions' | 'loads'>;

/** The same, with what is to be made anew. */
type Before = Noted & Pick<Known, 'isNew' | 'dropped' | 'altered' | 'emptied' | 'unfinished' | 'withoutDuplicates'>;

/**
 * Creates what is not there yet (ledger, tables, views) and gives tables whose declaration changed their new columns.
 * Idempotent, and before any load transaction. Gives how many loads there are by then: a change counts as one, so that
 * no plan that another run made before it is carried out.
 * @throws LEDGER_MOVED where another run has loaded or changed the target since the ledger was read
 */
export async function prepareTarget(session: Session, warehouse: Warehouse, known: Before): Promise<bigint> {
  const { dialect } = session;
  await session.define(createLedger(dialect));
  const widening = widenTables(evolutionOf(warehouse, known, dialect), dialect);
  const whole = createWarehouse(warehouse, dialect);
  // Tables that are not there come first, as duplicates are found in them.
  const altering = widening.length === 0 ? [] : [...createTables(warehouse, dialect), ...widening];
  let noted = known;
  const note = async () => {
    noted = await noteChange(session, warehouse, noted);
  };
  if (altering.some(({ alone }) => alone)) {
    // Views stand in the way of what cannot be in one transaction with them.
    await session.define(altering, note).catch(async (error: unknown) => {
      // What was noted last may be undone with the transaction that noted it.
      await bringViewsBack(session, warehouse, [known.loads, noted.loads]);
      throw error;
    });
    await session.define(whole, note);
  } else await session.define([...altering, ...whole], note);
  return noted.loads;
}

function evolutionOf(warehouse: Warehouse, known: Before, dialect: Dialect): Evolution {
  const today = definitionsOf(warehouse, dialect).filter(({ name }) => name !== landingDefinition);
  const { definitions, dropped, emptied, withoutDuplicates } = known;
  return { warehouse, today, definitions, dropped, emptied, withoutDuplicates };
}

/**
 * Comes first in the transaction that changes tables or views: notes what is altered, and that plans made before are void.
 * Gives what the ledger says then. Before anything is defined there is no plan to void, as first runs at once are to find
 * what one of them has made; nor where the same is noted already, by a run of this declaration that failed or that is at
 * the same: runs at once would void each other's plans for ever.
 */
async function noteChange(session: Session, warehouse: Warehouse, known: Before): Promise<Before> {
  const { definitions, loads } = known;
  const evolution = evolutionOf(warehouse, known, session.dialect);
  const noted = whileAltered(evolution);
  if (known.isNew) {
    await ensureMutex(session);
    await holdLoads(session, [loads]);
    // Of another first run that was faster, and may have been of another declaration.
    if ((await readDefinitions(session)).length > 0) throw ledgerMoved();
    await writeDefinitions(session, noted);
    return { ...known, isNew: false, emptied: [], definitions: noted };
  }
  const isEmptied = known.emptied.every((name) => known.unfinished.includes(name));
  if (isEmptied && isDeepStrictEqual(noted, definitions)) {
    await holdLoads(session, [loads]);
    return known;
  }
  await countChange(session, loads);
  await writeDefinitions(session, noted);
  await forgetUnknownRejects(session);
  const altered = warehouse.staging.filter(({ name }) => known.altered.includes(name));
  for (const { source } of [...altered, ...retypedStaging(evolution, session.dialect)])
    await forgetLanding(session, source.name);
  return { ...known, altered: [], emptied: [], definitions: noted, loads: loads + 1n };
}

/** Keeps loads out until the transaction ends. @throws LEDGER_MOVED unless there were as many as one of these */
async function holdLoads(session: Session, expected: readonly bigint[]): Promise<void> {
  await session.run(holdMutex);
  if (!expected.includes(await readLoads(session))) throw ledgerMoved();
}

/** @throws LEDGER_MOVED */
async function countChange(session: Session, loads: bigint): Promise<void> {
  await session.run(takeMutex);
  await confirmLoads(session, loads + 1n);
}

/** People read them: after a failure they come back as far as they can be made, where nobody else has come since. */
async function bringViewsBack(session: Session, warehouse: Warehouse, loads: readonly bigint[]): Promise<void> {
  for (const { name, create } of createViews(warehouse, session.dialect)) {
    const isThere = await session.all(`-- look for ${name}\nselect 1 from ${name} where 1 = 0`).then(
      () => true,
      () => false,
    );
    if (isThere) continue;
    const statements = [...createTables(warehouse, session.dialect), ...create];
    await session.define(statements, () => holdLoads(session, loads)).catch(() => {});
  }
}

/**
 * Takes columns away that are declared no more, once the tables are computed without them and there were so many loads:
 * each by itself, as what is in the way of one is in the way of no other. Gives what went wrong.
 */
export async function narrowTables(session: Session, warehouse: Warehouse, known: Noted): Promise<readonly string[]> {
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
