import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { openTarget } from '../../../src/engines/index.ts';
import { type RunOptions, run } from '../../../src/pipeline/run.ts';
import type { BucketObject } from '../../oracle/read-objects.ts';
import { failingAt } from '../../support/failing-session.ts';
import { removeFolder, type TestEngine, temporaryFolder } from '../../support/targets.ts';
import { openBucket } from './bucket.ts';
import { type Revision, revisions } from './revisions.ts';
import type { RunStep, Step } from './step.ts';

/** An object as a warehouse has observed it, and under which of its revisions, by place, it was landed last. */
export interface ObservedObject extends BucketObject {
  readonly landedUnder: number;
}

/** What a warehouse has observed in the end: for each key ever loaded its last content, and whether it is there. */
export interface Observed {
  readonly root: string;
  readonly target: string;
  /** Of the last run. */
  readonly options: RunOptions;
  /** The declarations that tables were computed by, one after the other. The last one is in force. */
  readonly revisions: readonly number[];
  readonly objects: readonly ObservedObject[];
  remove(): void;
}

const finalRun: RunStep = { kind: 'run', batchBytes: 1e9, failAt: 0 };

/** Lives through a history, ending with a run that gets through. */
export async function live(steps: readonly Step[], { create }: TestEngine): Promise<Observed> {
  const root = temporaryFolder();
  const { target, remove } = create();
  const bucket = openBucket(root);
  const observed = new Map<string, ObservedObject & { readonly landing: string }>();
  const inForce: number[] = [];
  let [revision, version] = [0, 1];
  const removeAll = () => {
    removeFolder(root);
    remove();
  };
  try {
    for (const step of steps) {
      if (step.kind === 'run') await look(step);
      else if (step.kind === 'revise') revise(step.revision);
      else bucket.change(step);
    }
    const options = await look(finalRun);
    confirmAllObserved();
    return { root, target, options, revisions: inForce, objects: [...observed.values()], remove: removeAll };
  } catch (error) {
    removeAll();
    throw error;
  }

  /** Every change is a newer version, also one back to what was before. */
  function revise(to: number): void {
    if (to === revision) return;
    [revision, version] = [to, version + 1];
    bucket.map(revisionOf(to).jsonPaths);
  }

  async function look({ batchBytes, asked, days, failAt }: RunStep): Promise<RunOptions> {
    const options: RunOptions = {
      warehouse: { ...revisionOf(revision).warehouse, version },
      root,
      target,
      toolVersion: 'test',
      maxConflicts: 1e6,
      allowShrink: true,
      yes: true,
      batchBytes,
      fullRefresh: asked === 'full refresh',
      forgetVanished: asked === 'forget vanished',
      // Lines that were kept of a vanished object are landed by today's rules, the others stay as they were.
      replay: asked === 'replay' && version === 1,
      period: days && { since: `2018-11-0${days[0]}`, until: `2018-11-0${days[1]}` },
    };
    const running = run(options, failAt === 0 ? {} : { open: failingAt(failAt) });
    await running.catch((error: unknown) => {
      const code = (error as { code?: string }).code;
      if (code === 'ROOT_EMPTY' || (failAt > 0 && (error as Error).message === 'injected')) return;
      throw error;
    });
    const ledger = await ledgerOf(target);
    if (ledger.version === version && inForce.at(-1) !== revision) inForce.push(revision);
    observe(ledger.objects, options);
    return options;
  }

  /** What the ledger says is loaded: of a run that failed the batches before. */
  function observe(ledger: ReadonlyMap<string, LedgerRow>, { forgetVanished }: RunOptions): void {
    for (const [uri, { hash, state, landing }] of ledger) {
      const key = uri.slice(root.length + 1);
      const content = bucket.present.get(key);
      const before = observed.get(key);
      const now = content !== undefined && hashOf(content) === hash ? stored(key, content) : before?.content;
      if (now === undefined) throw new Error(`${key} is loaded with a content that it never had`);
      // An empty fingerprint asks for landing it again, which an object that has vanished never is.
      const isAsBefore = before !== undefined && (landing === '' || landing === before.landing);
      const landed = isAsBefore ? before : { landing, landedUnder: inForce.length - 1 };
      const { landedUnder } = landed;
      observed.set(key, { key, content: now, vanished: state === 'vanished', landing: landed.landing, landedUnder });
    }
    for (const key of observed.keys()) {
      if (ledger.has(`${root}/${key}`)) continue;
      if (!forgetVanished || bucket.present.has(key)) throw new Error(`${key} is not in the ledger any more`);
      observed.delete(key);
    }
  }

  function confirmAllObserved(): void {
    for (const [key, content] of bucket.present) {
      const known = observed.get(key);
      const isCurrent =
        known !== undefined && !known.vanished && stored(key, content).equals(Buffer.from(known.content));
      if (!isCurrent) throw new Error(`${key} is there and was not loaded as it is`);
    }
  }
}

/** With the number that a history gives it. */
export function revisionOf(number: number): Revision {
  const revision = revisions[number];
  if (!revision) throw new RangeError(`there is no revision ${number}`);
  return revision;
}

interface LedgerRow {
  readonly hash: string;
  readonly state: string;
  /** Fingerprint of the rules by which it was landed. */
  readonly landing: string;
}

interface Ledger {
  readonly objects: ReadonlyMap<string, LedgerRow>;
  /** Of the declaration that the tables were computed by. */
  readonly version: number;
}

async function ledgerOf(target: string): Promise<Ledger> {
  const nothing = { rows: [] as unknown[][] };
  const session = await openTarget(target, { mode: 'read' }).catch(() => undefined);
  if (!session) return { objects: new Map(), version: 0 };
  try {
    const ask = (sql: string) => session.query(sql).catch(() => nothing);
    const objects = await ask('select uri, content_hash, state, fingerprint from etl.objects');
    const definitions = await ask("select version from etl.definitions where name = 'songs' and fingerprint <> ''");
    return {
      version: Number(definitions.rows[0]?.[0] ?? 0),
      objects: new Map(
        objects.rows.map(([uri, hash, state, landing]) => [
          String(uri),
          { hash: String(hash), state: String(state), landing: String(landing) },
        ]),
      ),
    };
  } finally {
    await session.close();
  }
}

function stored(key: string, content: Buffer): Buffer {
  return key.endsWith('.gz') ? gzipSync(content) : content;
}

const hashOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
