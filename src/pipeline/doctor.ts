import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { TargetProbe } from '../engines/engine.ts';
import { engineOf, openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { readMapping } from '../land/mapping.ts';
import { hasLedger, readLedgerHead } from '../ledger/ledger.ts';
import { confirmStarSchema } from '../ledger/star-schema.ts';
import type { Source } from '../model/source.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';
import { openRoot } from '../storage/open-root.ts';
import { refuseWrongCopy } from './confirm.ts';
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
  return [
    examineNode(nodeVersion),
    ...(await examineRoot(warehouse, root)),
    await examineTarget(warehouse, target, root),
    await examineSpace(temporaryFolder),
  ];
}

function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  const hint = `Install Node.js ${leastNode.join('.')} or later.`;
  return { name: 'Node.js', ok, detail: version, ...(!ok && { hint }) };
}

async function examineRoot(warehouse: Warehouse, root: string | undefined): Promise<Finding[]> {
  if (root === undefined) {
    const hint = 'Give --from ROOT (a folder or s3://bucket/prefix) or set SPARKIFY_FROM.';
    return [{ name: 'root', ok: false, detail: 'none is given', hint }];
  }
  const { finding, value: store } = await attempt(
    'root',
    () => openRoot(root),
    (opened) => opened.root,
  );
  if (!store) return [finding];
  try {
    const findings: Finding[] = [];
    for (const staging of warehouse.staging) findings.push(...(await examineSource(staging, store)));
    return withoutRepeats(findings);
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

async function examineSource(staging: Staging, store: ObjectStore): Promise<Finding[]> {
  const { name, folder, jsonPaths } = staging.source;
  const listing = await attempt(
    `${name}: list`,
    () => store.list(folder),
    (objects) => `${count(objects.length)} objects in ${folder}/`,
  );
  if (!listing.value) return [listing.finding];
  const objects = listing.value.filter((object) => isData(object, staging.source));
  const [smallest] = objects.toSorted((left, right) => left.sizeBytes - right.sizeBytes);
  if (!smallest) return [noObjects(staging.source, store)];
  const findings = [
    listing.finding,
    (
      await attempt(
        `${name}: read`,
        () => readBeginning(store, smallest),
        () => smallest.uri,
      )
    ).finding,
  ];
  if (jsonPaths === undefined) return findings;
  const mapping = await attempt(
    `${name}: JSONPaths`,
    () => readMapping({ source: staging.source, staging, store }),
    () => jsonPaths,
  );
  return [...findings, mapping.finding];
}

function noObjects({ name, folder }: Source, store: ObjectStore): Finding {
  const hint = `Objects ending in .json, .jsonl or .ndjson (also with .gz) are looked for in ${store.root}/${folder}/.`;
  return { name: `${name}: list`, ok: false, detail: `there is no object in ${folder}/`, hint };
}

/** Objects can be large: the first chunk proves the right to read. */
async function readBeginning(store: ObjectStore, object: StoredObject): Promise<void> {
  for await (const _ of store.open(object)) break;
}

async function examineTarget(warehouse: Warehouse, target: string, root: string | undefined): Promise<Finding> {
  const names = [...warehouse.staging, ...warehouse.tables, ...warehouse.views].map(({ name }) => name);
  const probed = await attempt(
    'target',
    async () => {
      const engine = engineOf(target);
      if (root !== undefined) refuseWrongCopy({ target, root });
      const probed = await engine.probe(target, names);
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
    const head = (await hasLedger(session)) ? await readLedgerHead(session) : undefined;
    if (head) confirmStarSchema(head.starSchema, [schema]);
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
