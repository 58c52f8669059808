import type { Session } from '../engines/engine.ts';
import { openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { type Definition, type LedgerObject, readDefinitions, readObjects, readRoots } from '../ledger/ledger.ts';
import { confirmLedger, hasLedger, readLoads } from '../ledger/mutex.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { missingTables } from '../quality/missing-tables.ts';
import { definitionsOf, landingDefinition } from './fingerprints.ts';

/**
 * A table, or view, of the model that is computed anew, and why: the target lacks it, or the ledger has another definition
 * of it than the model. That is so after a change of the model; after every run of another model that loads the same target.
 */
export interface OutdatedTable {
  readonly name: string;
  readonly why: 'missing' | 'other definition';
}

/** What the ledger of a target says before a run. */
export interface Known {
  readonly objects: readonly LedgerObject[];
  readonly roots: readonly string[];
  /** How many loads there were. When there are more by the time the mutex is taken, the plan is void. */
  readonly loads: bigint;
  /** Staging and star tables to compute anew. */
  readonly outdatedTables: readonly OutdatedTable[];
  /** What the tables there are were computed by. */
  readonly definitions: readonly Definition[];
}

const nothing: Known = { objects: [], roots: [], loads: 0n, outdatedTables: [], definitions: [] };

/**
 * What the ledger knows; nothing where the target has no ledger yet.
 * @throws TARGET_NEWER, TARGET_OLDER, TARGET_ELSEWHERE, MODEL_OLDER
 */
export async function readKnown(warehouse: Warehouse, session: Session): Promise<Known> {
  const missing = (await missingTables(warehouse, session)).map((name) => ({ name, why: 'missing' as const }));
  if (!(await hasLedger(session)) || !(await confirmLedger(session))) {
    return { ...nothing, outdatedTables: missing };
  }
  // First: what another run commits meanwhile is noticed when the mutex is taken.
  const loads = await readLoads(session);
  const objects = await readObjects(session);
  const definitions = await readDefinitions(session);
  // Before the first load there is nothing that could be.
  const changed = loads === 0n ? [] : outdated(definitions, definitionsOf(warehouse, session.dialect));
  return {
    objects,
    roots: await readRoots(session),
    loads,
    definitions,
    outdatedTables: [...missing, ...changed.filter((table) => missing.every(({ name }) => name !== table.name))],
  };
}

/** The same of a target that is opened for it and closed again; nothing where there is no target yet. Creates nothing. */
export async function knownIn(warehouse: Warehouse, target: string): Promise<Known> {
  const session = await openTarget(target, { mode: 'read' }).catch((error: unknown) => {
    if (error instanceof SparkifyError && error.code === 'TARGET_EMPTY') return undefined;
    throw error;
  });
  if (!session) return nothing;
  try {
    return await readKnown(warehouse, session);
  } finally {
    await session.close();
  }
}

function outdated(before: readonly Definition[], now: readonly Definition[]): OutdatedTable[] {
  const known = new Map(before.map((definition) => [definition.name, definition]));
  for (const { name, version } of now) refuseOlder(name, version, known.get(name));
  return now
    .filter(({ name }) => name !== landingDefinition)
    .filter(({ name, fingerprint }) => known.get(name)?.fingerprint !== fingerprint)
    .map(({ name }) => ({ name, why: 'other definition' }));
}

function refuseOlder(name: string, version: number, known: Definition | undefined): void {
  if (known === undefined || known.version <= version) return;
  if (name === landingDefinition) {
    throw new SparkifyError('TARGET_NEWER', 'The target was landed by rules that this version does not know.', {
      hint: 'Update sparkify-warehouse.',
    });
  }
  throw new SparkifyError(
    'MODEL_OLDER',
    `The target was loaded with version ${known.version} of the model; this is version ${version}.`,
    { hint: 'Use the newer declaration, or raise `version` in defineWarehouse where the change back is meant.' },
  );
}
