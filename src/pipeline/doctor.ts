import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { ObjectToTry, TargetProbe } from '../engines/engine.ts';
import { engineOf, openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { readMapping } from '../land/mapping.ts';
import { confirmLedger, findLedger } from '../ledger/mutex.ts';
import { confirmStarSchema } from '../ledger/star-schema.ts';
import { ledgerVersion } from '../ledger/tables.ts';
import type { Source } from '../model/source.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';
import { openRoot } from '../storage/open-root.ts';
import { refuseWrongTarget } from './confirm.ts';
import { count } from './count.ts';
import { isData } from './listing.ts';

/** One thing that a run needs, and whether it is as it must be. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do, where it is not ok. */
  readonly hint?: string;
}

export interface Examine {
  readonly warehouse: Warehouse;
  /** undefined where none is set, which is a finding itself. */
  readonly root: string | undefined;
  readonly target: string;
  /** Default: this process'. */
  readonly nodeVersion?: string;
  /** Where temporary files go. Default: the system's. */
  readonly temporaryFolder?: string;
}

/** Below this a run may end for want of space. */
const leastFreeBytes = 1_000_000_000;
const leastNode = [20, 19] as const;

/** Looks at everything a run needs and changes nothing; throws only what is a bug. */
export async function doctor(examine: Examine): Promise<readonly Finding[]> {
  const { warehouse, root, target, nodeVersion = process.versions.node, temporaryFolder = tmpdir() } = examine;
  const { findings, objects } = await examineRoot(warehouse, root);
  return [
    examineNode(nodeVersion),
    ...findings,
    await examineTarget({ warehouse, target, root, objects }),
    await examineSpace(temporaryFolder),
  ];
}

function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  const hint = `Install Node.js ${leastNode.join('.')} or later.`;
  return { name: 'Node.js', ok, detail: version, ...(!ok && { hint }) };
}

interface Examined {
  readonly findings: readonly Finding[];
  /** One of each source whose objects a target may be told to read by itself. */
  readonly objects: readonly ObjectToTry[];
}

async function examineRoot(warehouse: Warehouse, root: string | undefined): Promise<Examined> {
  if (root === undefined) {
    const hint = 'Give --from ROOT (a folder or s3://bucket/prefix) or set SPARKIFY_FROM.';
    return { findings: [{ name: 'root', ok: false, detail: 'none is given', hint }], objects: [] };
  }
  const { finding, value: store } = await attempt(
    'root',
    () => openRoot(root),
    (opened) => opened.root,
  );
  if (!store) return { findings: [finding], objects: [] };
  try {
    const sources: Examined[] = [];
    for (const staging of warehouse.staging) sources.push(await examineSource(staging, store));
    return {
      findings: withoutRepeats(sources.flatMap(({ findings }) => findings)),
      objects: sources.flatMap(({ objects }) => objects),
    };
  } finally {
    store.close();
  }
}

/** A bucket that cannot be reached fails for every source in the same words. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  return findings.filter(
    ({ ok, detail }, index) => ok || findings.findIndex((other) => other.detail === detail) === index,
  );
}

async function examineSource(staging: Staging, store: ObjectStore): Promise<Examined> {
  const { name, folder, jsonPaths, framing } = staging.source;
  const listing = await attempt(
    `${name}: list`,
    () => store.list(folder),
    (objects) => `${count(objects.length)} objects in ${folder}/`,
  );
  if (!listing.value) return { findings: [listing.finding], objects: [] };
  const objects = listing.value.filter((object) => isData(object, staging.source));
  const [smallest] = objects.toSorted((left, right) => left.sizeBytes - right.sizeBytes);
  if (!smallest) return { findings: [noObjects(staging.source, store)], objects: [] };
  const reading = await attempt(
    `${name}: read`,
    () => readBeginning(store, smallest),
    () => smallest.uri,
  );
  const mapping = await attempt(
    `${name}: JSONPaths`,
    () => readMapping({ source: staging.source, staging, store }),
    () => jsonPaths ?? '',
  );
  const mapped = jsonPaths === undefined ? [] : [mapping.finding];
  const toTry = mapping.value && framing === 'line' ? [{ staging, paths: mapping.value.paths, object: smallest }] : [];
  return { findings: [listing.finding, reading.finding, ...mapped], objects: toTry };
}

function noObjects({ name, folder }: Source, store: ObjectStore): Finding {
  const hint = `Objects ending in .json, .jsonl or .ndjson (also with .gz) are looked for in ${store.root}/${folder}/.`;
  return { name: `${name}: list`, ok: false, detail: `there is no object in ${folder}/`, hint };
}

/** Objects can be large: the first chunk proves the right to read. */
async function readBeginning(store: ObjectStore, object: StoredObject): Promise<void> {
  for await (const _ of store.open(object)) break;
}

interface ExamineTarget extends Pick<Examine, 'warehouse' | 'target' | 'root'> {
  readonly objects: readonly ObjectToTry[];
}

async function examineTarget({ warehouse, target, root, objects }: ExamineTarget): Promise<Finding> {
  const names = [...warehouse.staging, ...warehouse.tables, ...warehouse.views].map(({ name }) => name);
  const probed = await attempt(
    'target',
    async () => {
      const engine = engineOf(target);
      if (root !== undefined) refuseWrongTarget({ target, root, warehouse });
      const probed = await engine.probe(target, { names, objects: engine.copiesObjects(target) ? objects : [] });
      if (probed.exists) await confirmSchema(target, probed);
      return { title: engine.title, ...probed };
    },
    ({ title, version, exists }) => `${title} ${version}, ${exists ? 'can be written' : 'a run can create it'}`,
  );
  return probed.finding;
}

/** As a run looks for the star in the first schema alone, and a reader in all. */
async function confirmSchema(target: string, { schema }: TargetProbe): Promise<void> {
  const session = await openTarget(target, { mode: 'read' });
  try {
    const ledger = await findLedger(session);
    const { version = ledgerVersion, starSchema = '' } = ledger.head ?? {};
    confirmStarSchema(starSchema, [schema]);
    // An older one is brought to this version by the next run.
    if (version >= ledgerVersion) await confirmLedger(session, ledger);
  } finally {
    await session.close();
  }
}

async function examineSpace(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free in ${folder}`;
  const hint = 'Free some space there, or name another folder in TMPDIR.';
  return { name: 'temporary files', ok: free >= leastFreeBytes, detail, ...(free < leastFreeBytes && { hint }) };
}

interface Attempted<T> {
  readonly finding: Finding;
  /** undefined where it failed */
  readonly value: T | undefined;
}

async function attempt<T>(name: string, work: () => Promise<T>, describe: (value: T) => string): Promise<Attempted<T>> {
  try {
    const value = await work();
    return { finding: { name, ok: true, detail: describe(value) }, value };
  } catch (error) {
    if (!(error instanceof SparkifyError)) throw error;
    const { code, message, hint } = error;
    return {
      finding: { name, ok: false, detail: `${code} ${message}`, ...(hint !== undefined && { hint }) },
      value: undefined,
    };
  }
}
