import type { Warehouse } from '../model/warehouse.ts';
import { openRoot } from '../storage/open-root.ts';
import { listSources } from './listing.ts';
import { knownIn, makePlan, type Plan, withFullRefresh } from './plan.ts';

/** What a run would read, without changing anything; a target that is not there yet is an empty one. */
export async function showPlan({
  warehouse,
  root,
  target,
  fullRefresh = false,
}: {
  warehouse: Warehouse;
  root: string;
  target: string;
  fullRefresh?: boolean;
}): Promise<Plan> {
  const store = await openRoot(root);
  try {
    const plan = await makePlan(store, await listSources(warehouse, store), await knownIn(target));
    return fullRefresh ? withFullRefresh(plan) : plan;
  } finally {
    store.close();
  }
}
