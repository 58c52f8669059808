import type { Warehouse } from '../model/warehouse.ts';
import { openRoot } from '../storage/open-root.ts';
import { knownIn } from './known.ts';
import { listSources } from './listing.ts';
import type { Period } from './period.ts';
import { makePlan, type Plan, withFullRefresh } from './plan.ts';

/** What a run would read, without changing anything; a target that is not there yet is an empty one. */
export async function showPlan({
  warehouse,
  root,
  target,
  fullRefresh = false,
  ...options
}: {
  warehouse: Warehouse;
  root: string;
  target: string;
  fullRefresh?: boolean;
  period?: Period | undefined;
  forgetVanished?: boolean;
}): Promise<Plan> {
  const store = await openRoot(root);
  try {
    const listings = await listSources(warehouse, store);
    const plan = await makePlan({ ...options, store, listings, known: await knownIn(warehouse, target) });
    return fullRefresh ? withFullRefresh(plan) : plan;
  } finally {
    store.close();
  }
}
