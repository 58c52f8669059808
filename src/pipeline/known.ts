import type { Session } from '../engines/engine.ts';
import { openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { type Definition, type LedgerObject, readDefinitions, readObjects, readRoots } from '../ledger/ledger.ts';
import { confirmLedger, hasLedger, readLoads } from '../ledger/mutex.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { missingTables, withoutWinners } from '../quality/missing-tables.ts';
import { stagingShape, starShape, tableName } from '../sql/shapes.ts';
import { definitionsOf, landingDefinition } from './fingerprints.ts';

/**
 * A table, or view, of the model that is computed anew, and why: the target lacks it, or its duplicates; or the ledger has
 * another definition of it than the model. That is so after a change of the model; after every run of another model that
 * loads the same target.
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
  const dropped = await missingTables(warehouse, session);
  if (!(await hasLedger(session)) || !(await confirmLedger(session))) {
    return { ...nothing, outdatedTables: dropped.map(asMissing) };
  }
  // First: what another run commits meanwhile is noticed when the mutex is taken.
  const loads = await readLoads(session);
  const objects = (await readObjects(session)).map(landedByNothing(warehouse, dropped));
  const told = await readDefinitions(session);
  const definitions = told.length === 0 && loads > 0n ? await definitionsFound(warehouse, dropped, session) : told;
  const lacking = new Set([...dropped, ...(await withoutWinners(warehouse, session)).map(({ name }) => name)]);
  // Before the first load there is nothing that could be.
  const changed = loads === 0n ? [] : outdated(definitions, definitionsOf(warehouse, session.dialect));
  return {
    objects,
    roots: await readRoots(session),
    loads,
    definitions,
    outdatedTables: [...[...lacking].map(asMissing), ...changed.filter(({ name }) => !lacking.has(name))],
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

/** Says of objects whose staging table somebody has dropped that they were landed by nothing known. */
function landedByNothing({ staging }: Warehouse, dropped: readonly string[]): (object: LedgerObject) => LedgerObject {
  const emptied = staging.filter(({ name }) => dropped.includes(name)).map(({ source }) => source.name);
  return (object) => (emptied.includes(object.source) ? { ...object, fingerprint: '' } : object);
}

function asMissing(name: string): OutdatedTable {
  return { name, why: 'missing' };
}

/**
 * What is there of the tables declared, where the ledger does not tell, as it is of version 1: computed by nothing known.
 * Of their columns the types are taken to be the declared ones.
 */
async function definitionsFound(
  { staging, tables }: Warehouse,
  missing: readonly string[],
  session: Session,
): Promise<readonly Definition[]> {
  const found: Definition[] = [];
  for (const shape of [...staging.map(stagingShape), ...tables.map(starShape)]) {
    if (missing.includes(shape.name)) continue;
    const { columns: there } = await session.all(
      `-- look for the columns of ${shape.name}\nselect * from ${tableName(shape)} where 1 = 0`,
    );
    const columns = shape.columns
      .filter((column) => there.some(({ name }) => name === column.name))
      .map(({ name, type }) => [name, session.dialect.typeName(type)] as const);
    found.push({ name: shape.name, fingerprint: '', version: 0, columns });
  }
  return found;
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
