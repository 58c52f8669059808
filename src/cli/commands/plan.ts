import type { Plan, SourcePlan } from '../../pipeline/plan.ts';
import { lookOf, withSettings } from '../options.ts';
import type { PlanReport, SourcePlanReport } from '../render/plan.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const plan: Verb = {
  name: 'plan',
  summary: 'show what a run would read, changing nothing',
  examples: ['sparkify plan --from ./data'],
  declare: (command) =>
    withSettings(command, ['from', 'target', 'warehouse']).option(
      '--full-refresh',
      'plan a run that reads every object again',
    ),
  answer: (call) => answerPlan(call),
};

/** Also what `run --dry-run` does. */
export async function answerPlan({ effects, flags }: Call): Promise<Answer> {
  const [{ readSettings, rootOf }, { loadWarehouse }, { showPlan }] = await Promise.all([
    import('../settings.ts'),
    import('../load-warehouse.ts'),
    import('../../pipeline/show-plan.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const root = rootOf(settings);
  const warehouse = await loadWarehouse(settings.warehouse, effects.folder);
  const report = planReport(await showPlan({ warehouse, root, target: settings.target }), flags.fullRefresh === true);
  return {
    data: report,
    text: async () => (await import('../render/plan.ts')).renderPlan(report, lookOf(effects.output).paint),
  };
}

/** The plan as plain data; `fullRefresh` says that whatever exists is read. */
function planReport({ root, sources }: Plan, fullRefresh: boolean): PlanReport {
  const reports = sources.map(sourceReport);
  const states = fullRefresh
    ? (['fresh', 'changed', 'touched', 'unchanged', 'returned'] as const)
    : (['fresh'] as const);
  const read = reports.flatMap((source) => states.map((state) => source.states[state]));
  return {
    root,
    fullRefresh,
    wouldRefuse: !fullRefresh && reports.some(({ changedObjects }) => changedObjects.length > 0),
    read: {
      objects: read.reduce((sum, { objects }) => sum + objects, 0),
      bytes: read.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    },
    sources: reports,
  };
}

function sourceReport({ staging, fresh, ignored, vanished, ...known }: SourcePlan): SourcePlanReport {
  const sizes = (objects: readonly { readonly sizeBytes: number }[]) => ({
    objects: objects.length,
    bytes: objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  });
  return {
    source: staging.source.name,
    states: {
      fresh: sizes(fresh),
      changed: sizes(known.changed.map(({ object }) => object)),
      touched: sizes(known.touched.map(({ object }) => object)),
      unchanged: sizes(known.unchanged.map(({ object }) => object)),
      returned: sizes(known.returned.map(({ object }) => object)),
      vanished: { objects: vanished.length, bytes: undefined },
      ignored: sizes(ignored),
    },
    changedObjects: known.changed.map(({ object }) => object.uri),
    vanishedObjects: vanished.map(({ uri }) => uri),
  };
}
