import { randomBytes } from 'node:crypto';
import type { Session } from '../engines/engine.ts';
import { openTarget } from '../engines/index.ts';
import { SparkifyError } from '../errors.ts';
import { setObjectVersion } from '../ledger/ledger.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { openRoot } from '../storage/open-root.ts';
import { loadPlan } from './load-plan.ts';
import { hasWork, knownObjects, makePlan, type Plan, withFullRefresh } from './plan.ts';
import { type Effects, objectCounts, quiet, type RunReport } from './report.ts';
import { watchStages } from './watch-stages.ts';

export interface RunOptions {
  readonly warehouse: Warehouse;
  readonly root: string;
  readonly target: string;
  readonly toolVersion: string;
  /** Read every object of the root again. Default false. */
  readonly fullRefresh?: boolean;
  /** How many natural keys may have lines that contradict each other, inclusive. Default 0. */
  readonly maxConflicts?: number;
  /** How long to wait for another process to let go of the target, in milliseconds. Default 0. */
  readonly waitMs?: number;
}

/**
 * plan → land → transform → verify → record: brings the target to what the root holds, in one transaction. A run that
 * fails leaves staging and star as they were, and in the ledger its checks and rejects, marked as not loaded.
 * @throws SparkifyError; of note OBJECT_CHANGED_SINCE_LOAD, BALANCE, CHECK_FAILED, CONFLICTS
 */
export async function run(options: RunOptions, effects: Effects = quiet): Promise<RunReport> {
  const startedAt = effects.now();
  const store = await openRoot(options.root);
  try {
    const session = await openTarget(options.target, { mode: 'write', waitMs: options.waitMs ?? 0 });
    try {
      const report = await runOn(options, store, session, startedAt, effects);
      return { ...report, elapsedMs: effects.now().getTime() - startedAt.getTime() };
    } finally {
      await session.close();
    }
  } finally {
    store.close();
  }
}

async function runOn(options: RunOptions, store: ObjectStore, session: Session, startedAt: Date, effects: Effects) {
  const { warehouse, fullRefresh = false, maxConflicts = 0, toolVersion } = options;
  const watch = watchStages(effects);
  const plan = await watch(
    'plan',
    `list ${store.root}`,
    async () => makePlan(warehouse, store, await knownObjects(session)),
    describePlan,
  );
  const base = { root: store.root, objects: objectCounts(plan) };
  if (!fullRefresh) {
    refuseChanged(plan);
    if (!hasWork(plan)) return nothingNew(session, plan, base);
  }
  const runId = newRunId(startedAt);
  const work = fullRefresh ? withFullRefresh(plan) : plan;
  const loaded = await loadPlan({
    warehouse,
    store,
    session,
    plan: work,
    runId,
    startedAt,
    toolVersion,
    maxConflicts,
    watch,
    now: effects.now,
  });
  return { outcome: 'loaded' as const, runId, ...base, ...loaded };
}

/** Sorts by time, and is unique however many start in one second. */
function newRunId(startedAt: Date): string {
  return `${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
}

function describePlan(plan: Plan): string {
  const { fresh, changed, vanished, unchanged } = objectCounts(plan);
  const words = [
    `${fresh} new`,
    changed && `${changed} changed`,
    vanished && `${vanished} vanished`,
    `${unchanged} unchanged`,
  ];
  return `${words.filter(Boolean).join(', ')} objects`;
}

/** @throws OBJECT_CHANGED_SINCE_LOAD naming the objects */
function refuseChanged({ sources }: Plan): void {
  const changed = sources.flatMap((source) => source.changed.map(({ object }) => object.uri));
  if (changed.length === 0) return;
  const shown = changed
    .slice(0, 10)
    .map((uri) => `\n  - ${uri}`)
    .join('');
  throw new SparkifyError(
    'OBJECT_CHANGED_SINCE_LOAD',
    `${changed.length} objects have other content than when they were loaded:${shown}`,
    {
      hint: 'Load everything again with --full-refresh; the warehouse stays as it is until that has succeeded.',
      details: { objects: changed },
    },
  );
}

/** Only notes the new versions of objects whose content is the same, so that they need not be read again next time. */
async function nothingNew(session: Session, plan: Plan, base: Pick<RunReport, 'root' | 'objects'>) {
  const touched = plan.sources.flatMap((source) => source.touched);
  if (touched.length > 0) {
    await session.transaction(async () => {
      for (const { object, known } of touched) await setObjectVersion(session, known.objectId, object.version);
    });
  }
  return {
    outcome: 'nothing new' as const,
    runId: undefined,
    ...base,
    sources: [],
    tables: [],
    duplicates: [],
    checks: [],
  };
}
