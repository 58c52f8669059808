import type { Session } from '../engines/engine.ts';
import { openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import {
  type DefinedColumn,
  type Definition,
  type LedgerObject,
  readDefinitions,
  readObjects,
  readRoots,
} from '../ledger/ledger.ts';
import { confirmLedger, type FoundLedger, readLoads } from '../ledger/mutex.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { findTables } from '../quality/found-tables.ts';
import { isOnTheWay } from '../transform/evolve.ts';
import { definitionsOf, landingDefinition } from './fingerprints.ts';
import { alteredTables, definitionsFound, emptiedStaging } from './found.ts';

/**
 * A table, or view, of the model that is computed anew, and why: the target lacks it; somebody has altered it, or it has
 * other lines than the ledger tells of; the target lacks its duplicates or winners; or the ledger has another definition of
 * it than the model. That is so after a change of the model; after every run of another model that loads the same target.
 */
export interface OutdatedTable {
  readonly name: string;
  readonly why: 'missing' | 'altered' | 'without duplicates' | 'other definition';
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
  /** Of each table the columns of its key, as far as the ledger tells. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** Staging tables that a run was at making anew, or altering, and did not end. */
  readonly unfinished: readonly string[];
  /** Whether the ledger tells nothing yet. */
  readonly isNew: boolean;
  /** Tables and views that are not there. */
  readonly dropped: readonly string[];
  /** Staging tables that somebody has altered. */
  readonly altered: readonly string[];
  /** Staging tables that have not the lines that the ledger tells of: their objects are not among `objects`. */
  readonly emptied: readonly string[];
  /** Those objects, and those some of whose values may be lost as their staging table was altered. */
  readonly lost: readonly LedgerObject[];
  /** Staging tables whose duplicates are not there, or have other columns than are declared. */
  readonly withoutDuplicates: readonly string[];
}

/** The staging tables that have lost lines or values, or may have: of them all that the root holds lands again. */
export function landedAnew({ emptied, altered, unfinished }: Known): readonly string[] {
  return [...new Set([...emptied, ...altered, ...unfinished])];
}

/** What is known of a target that is not there. */
export const nothingKnown: Known = {
  objects: [],
  roots: [],
  loads: 0n,
  outdatedTables: [],
  definitions: [],
  keys: new Map(),
  unfinished: [],
  isNew: true,
  dropped: [],
  altered: [],
  emptied: [],
  lost: [],
  withoutDuplicates: [],
};

/**
 * What the ledger knows, and what of it the target has; where there is no ledger yet, what is there all the same.
 * @param ledger where it has just been looked for
 * @throws TARGET_NEWER, TARGET_OLDER, TARGET_ELSEWHERE, TARGET_UNUSABLE, MODEL_OLDER
 */
export async function readKnown(warehouse: Warehouse, session: Session, ledger?: FoundLedger): Promise<Known> {
  const told = await readLedger(session, ledger);
  const found = await findTables(warehouse, session);
  const { missing } = found;
  const definitions = definitionsFound(told.definitions, found, warehouse, session.dialect);
  const alteredByHand = alteredTables(told.definitions, definitions);
  const altered = warehouse.staging.filter(({ name }) => alteredByHand.includes(name));
  const unfinished = unfinishedIn(warehouse, told);
  const emptied = await emptiedStaging(warehouse, { ...told, unfinished }, found, session);
  // Where the lock is of a transaction, another run may have come since the ledger was read.
  if (emptied.length + altered.length > 0 && (await hasMoved(session, told))) return readKnown(warehouse, session);
  const withoutDuplicates = told.isNew ? [] : found.withoutDuplicates;
  const isOf = (tables: readonly Staging[], { source }: LedgerObject) =>
    tables.some((table) => table.source.name === source);
  const underWay = warehouse.staging.filter(({ name }) => unfinished.includes(name));
  const isLost = (object: LedgerObject) =>
    isOf([...emptied, ...altered], object) || (object.fingerprint === '' && isOf(underWay, object));
  return {
    ...told,
    definitions,
    objects: told.objects
      .filter((object) => !isOf(emptied, object))
      .map((object) => (isOf(altered, object) ? { ...object, fingerprint: '' } : object)),
    lost: told.objects.filter(isLost),
    keys: new Map(told.definitions.map(({ name, columns }) => [name, keyOf(columns)])),
    unfinished,
    dropped: missing,
    altered: altered.map(({ name }) => name),
    emptied: emptied.map(({ name }) => name),
    withoutDuplicates,
    outdatedTables: outdated([
      ['missing', missing],
      ['altered', [...emptied.map(({ name }) => name), ...alteredByHand]],
      ['other definition', changedTables(warehouse, { ...told, definitions }, session)],
      ['without duplicates', withoutDuplicates],
    ]),
  };
}

/** What the ledger says. */
type Told = Pick<Known, 'objects' | 'roots' | 'loads' | 'definitions' | 'isNew'>;

async function readLedger(session: Session, ledger?: FoundLedger): Promise<Told> {
  if (!(await confirmLedger(session, ledger))) return nothingTold;
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

const nothingTold: Told = { objects: [], roots: [], loads: 0n, definitions: [], isNew: true };

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

async function hasMoved(session: Session, { loads, isNew }: Told): Promise<boolean> {
  const now = await readLedger(session);
  return now.loads !== loads || now.isNew !== isNew;
}

/** Each with the first reason that it is named for. */
function outdated(named: readonly (readonly [OutdatedTable['why'], readonly string[]])[]): OutdatedTable[] {
  const whys = new Map<string, OutdatedTable['why']>();
  for (const [why, names] of named) for (const name of names) if (!whys.has(name)) whys.set(name, why);
  return [...whys].map(([name, why]) => ({ name, why }));
}

function keyOf(columns: readonly DefinedColumn[]): readonly string[] {
  return columns.filter(([, , of]) => of === 'key').map(([name]) => name);
}

/** Only where something was loaded before: what a first run did not end has nothing behind it. */
function unfinishedIn({ staging }: Warehouse, { definitions, objects }: Told): readonly string[] {
  const sources = new Set(objects.map(({ source }) => source));
  const underWay = new Set(definitions.filter(({ fingerprint }) => isOnTheWay(fingerprint)).map(({ name }) => name));
  return staging.filter(({ name, source }) => underWay.has(name) && sources.has(source.name)).map(({ name }) => name);
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
