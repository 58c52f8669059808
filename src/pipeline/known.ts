import type { Session } from '../engines/engine.ts';
import { openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { type Definition, type LedgerObject, readDefinitions, readObjects, readRoots } from '../ledger/ledger.ts';
import { confirmLedger, hasLedger, readLoads } from '../ledger/mutex.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { findTables } from '../quality/found-tables.ts';
import { definitionsOf, landingDefinition } from './fingerprints.ts';
import { alteredStaging, definitionsFound, emptiedStaging } from './found.ts';

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
  /**
   * What the tables and views there are were computed by, with the columns that tables have; of another fingerprint where
   * somebody has altered them.
   */
  readonly definitions: readonly Definition[];
  /** Whether the ledger tells nothing yet. */
  readonly isNew: boolean;
  /** Tables and views that are not there. */
  readonly dropped: readonly string[];
  /** Staging tables that somebody has altered. */
  readonly altered: readonly string[];
  /** Staging tables that have not the lines that the ledger tells of: their objects are not among `objects`. */
  readonly emptied: readonly string[];
  /** Those objects. */
  readonly lost: readonly LedgerObject[];
  /** Staging tables whose duplicates are not there, or have other columns than are declared. */
  readonly withoutDuplicates: readonly string[];
}

/** What is known of a target that is not there. */
export const nothingKnown: Known = {
  objects: [],
  roots: [],
  loads: 0n,
  outdatedTables: [],
  definitions: [],
  isNew: true,
  dropped: [],
  altered: [],
  emptied: [],
  lost: [],
  withoutDuplicates: [],
};

/**
 * What the ledger knows, and what of it the target has; where there is no ledger yet, what is there all the same.
 * @throws TARGET_NEWER, TARGET_OLDER, TARGET_ELSEWHERE, MODEL_OLDER
 */
export async function readKnown(warehouse: Warehouse, session: Session): Promise<Known> {
  const told = await readLedger(session);
  const found = await findTables(warehouse, session);
  const { missing } = found;
  const definitions = definitionsFound(told.definitions, found, warehouse, session.dialect);
  const altered = alteredStaging(warehouse, told.definitions, definitions);
  const emptied = await emptiedStaging(warehouse, told, found, session);
  // Where the lock is of a transaction, another first run may have loaded since the ledger was looked for.
  if (told.isNew && emptied.length > 0 && !(await readLedger(session)).isNew) return readKnown(warehouse, session);
  const withoutDuplicates = told.isNew ? [] : found.withoutDuplicates;
  const isOf = (tables: readonly Staging[], { source }: LedgerObject) =>
    tables.some((table) => table.source.name === source);
  return {
    ...told,
    definitions,
    objects: told.objects
      .filter((object) => !isOf(emptied, object))
      .map((object) => (isOf(altered, object) ? { ...object, fingerprint: '' } : object)),
    lost: told.objects.filter((object) => isOf(emptied, object)),
    dropped: missing,
    altered: altered.map(({ name }) => name),
    emptied: emptied.map(({ name }) => name),
    withoutDuplicates,
    outdatedTables: outdated(
      [...missing, ...withoutDuplicates],
      [...changedTables(warehouse, { ...told, definitions }, session), ...emptied.map(({ name }) => name)],
    ),
  };
}

/** What the ledger says. */
type Told = Pick<Known, 'objects' | 'roots' | 'loads' | 'definitions' | 'isNew'>;

async function readLedger(session: Session): Promise<Told> {
  if (!(await hasLedger(session)) || !(await confirmLedger(session))) return nothingKnown;
  // First: what another run commits meanwhile is noticed when the mutex is taken.
  const loads = await readLoads(session);
  const objects = await readObjects(session);
  const definitions = await readDefinitions(session);
  return {
    objects,
    roots: await readRoots(session),
    loads,
    definitions,
    isNew: loads === 0n && definitions.length === 0,
  };
}

/** The same of a target that is opened for it and closed again; nothing where there is no target yet. Creates nothing. */
export async function knownIn(warehouse: Warehouse, target: string): Promise<Known> {
  const session = await openTarget(target, { mode: 'read' }).catch((error: unknown) => {
    if (error instanceof SparkifyError && error.code === 'TARGET_EMPTY') return undefined;
    throw error;
  });
  if (!session) return nothingKnown;
  try {
    return await readKnown(warehouse, session);
  } finally {
    await session.close();
  }
}

function outdated(missing: readonly string[], changed: readonly string[]): OutdatedTable[] {
  const others = changed.filter((name) => !missing.includes(name));
  return [
    ...[...new Set(missing)].map((name) => ({ name, why: 'missing' as const })),
    ...[...new Set(others)].map((name) => ({ name, why: 'other definition' as const })),
  ];
}

/** Before the first load there are none. */
function changedTables(
  warehouse: Warehouse,
  { loads, definitions }: Pick<Known, 'loads' | 'definitions'>,
  { dialect }: Session,
): readonly string[] {
  if (loads === 0n) return [];
  const known = new Map(definitions.map((definition) => [definition.name, definition]));
  const now = definitionsOf(warehouse, dialect);
  for (const { name, version } of now) refuseOlder(name, version, known.get(name));
  return now
    .filter(({ name, fingerprint }) => name !== landingDefinition && known.get(name)?.fingerprint !== fingerprint)
    .map(({ name }) => name);
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
