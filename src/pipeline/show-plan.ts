import { engineOf } from '../engines/index.ts';
import type { SparkifyError } from '../errors.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { openRoot } from '../storage/open-root.ts';
import { refusalsOf, refuseWrongTarget, refuseWrongUse } from './confirm.ts';
import { knownIn } from './known.ts';
import { listSources } from './listing.ts';
import type { Period } from './period.ts';
import { hasWork, makePlan, type Plan, withFullRefresh } from './plan.ts';

/** A plan, and what a run would refuse to do of it unless it is asked for. */
export interface ShownPlan extends Plan {
  /** As the objects compare with those loaded, also where all of them would be read again. */
  readonly compared: Plan['sources'];
  readonly refusals: readonly SparkifyError[];
}

/**
 * What a run would read, without changing anything; a target that is not there yet is an empty one. Where there is
 * something to read, the next run asks the target whatever is remembered of it.
 * @throws USAGE for options that exclude each other; what listing and reading the ledger throw
 */
export async function showPlan(options: {
  warehouse: Warehouse;
  root: string;
  target: string;
  fullRefresh?: boolean;
  period?: Period | undefined;
  forgetVanished?: boolean;
  addRoot?: boolean;
  yes?: boolean;
}): Promise<ShownPlan> {
  refuseWrongUse(options);
  refuseWrongTarget(options);
  const { warehouse, root, target, fullRefresh = false } = options;
  const store = await openRoot(root);
  try {
    const listings = await listSources(warehouse, store);
    const found = await knownIn(warehouse, target);
    // What a first load creates is no news.
    const known = found.loads === 0n ? { ...found, outdatedTables: [] } : found;
    const changes = await makePlan({ ...options, store, listings, known });
    if (hasWork(changes)) await engineOf(target).forget(target);
    const plan = fullRefresh ? withFullRefresh(changes) : changes;
    return { ...plan, compared: changes.sources, refusals: refusalsOf(warehouse, plan, known, options) };
  } finally {
    store.close();
  }
}
