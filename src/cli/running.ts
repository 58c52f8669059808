import { type RunEvent, type RunReport, stages } from '../pipeline/report.ts';
import { type RunOptions, run } from '../pipeline/run.ts';
import type { Effects } from './effects.ts';
import { loadWarehouse } from './load-warehouse.ts';
import type { Observe } from './progress/stage-event.ts';
import { watching } from './progress/watching.ts';
import { rootOf, type Settings } from './settings.ts';
import { toolVersion } from './version.ts';

/** What every run takes from the settings. @throws USAGE where no root is set; what loading the warehouse throws */
export async function runOptions(settings: Settings, { folder }: Effects): Promise<RunOptions> {
  const { target, maxConflicts, maxRejects, onDrift, batchBytes, waitMs } = settings;
  return {
    warehouse: await loadWarehouse(settings.warehouse, folder),
    root: rootOf(settings),
    target,
    toolVersion: toolVersion(),
    maxConflicts,
    maxRejects,
    onDrift,
    batchBytes,
    waitMs,
  };
}

/** Runs, shows how it goes on, and asks the run to stop at the first SIGINT or SIGTERM. */
export async function runWatched(options: RunOptions, effects: Effects, json: boolean): Promise<RunReport> {
  return watching({ effects, json, stages }, async (observe) => {
    let last: RunEvent | undefined;
    const stop = new AbortController();
    const release = effects.onStop(() => {
      tellStop({ effects, json, observe, last });
      stop.abort();
    });
    const observed = (event: RunEvent) => {
      last = event;
      observe(event);
    };
    try {
      return await run({ ...options, signal: stop.signal }, { observe: observed, now: effects.now });
    } finally {
      release();
    }
  });
}

interface Stopping {
  readonly effects: Effects;
  readonly json: boolean;
  readonly observe: Observe;
  /** What the run told last. */
  readonly last: RunEvent | undefined;
}

/** What draws on a terminal holds back whatever else is written meanwhile: there the stage says it. */
function tellStop({ effects: { output }, json, observe, last }: Stopping): void {
  if (json || !output.isTerminal || !last) output.writeError(`${stopping}\n`);
  else
    observe({
      kind: 'progress',
      stage: last.stage,
      detail: stopping,
      share: last.kind === 'progress' ? last.share : 0,
    });
}

const stopping = 'stopping: what is not being committed yet is rolled back; a second signal ends at once';

/** Whether a run did all it was to do: it read every object and was not asked to stop. */
export function isWhole({ unreadable, interrupted }: RunReport): boolean {
  return unreadable.length === 0 && !interrupted;
}
