import type { KnownObject } from '../../pipeline/compare-object.ts';
import type { SourcePlan } from '../../pipeline/plan.ts';
import type { ShownPlan } from '../../pipeline/show-plan.ts';
import { lookOf, withRequests, withSettings } from '../options.ts';
import type { PlanReport, SourcePlanReport } from '../render/plan.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const plan: Verb = {
  name: 'plan',
  summary: 'show what a run would read, changing nothing',
  examples: ['sparkify plan --from ./data', 'sparkify plan --from ./data --forget-vanished'],
  declare: (command) => withRequests(withSettings(command, ['from', 'target', 'warehouse'])),
  answer: (call) => answerPlan(call),
};

/** Also what `run --dry-run` does. */
export async function answerPlan({ effects, flags }: Call): Promise<Answer> {
  const [{ readSettings, rootOf }, { requestsOf }, { loadWarehouse }, { showPlan }] = await Promise.all([
    import('../settings.ts'),
    import('../requests.ts'),
    import('../load-warehouse.ts'),
    import('../../pipeline/show-plan.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const asked = requestsOf(flags);
  const root = rootOf(settings);
  const warehouse = await loadWarehouse(settings.warehouse, effects.folder);
  const shown = await showPlan({ ...asked, warehouse, root, target: settings.target });
  const report = planReport(shown, asked.period);
  return {
    data: report,
    text: async () => (await import('../render/plan.ts')).renderPlan(report, lookOf(effects.output).paint),
  };
}

/** The plan as plain data, with the states that objects are in whether all of them are read again or not. */
function planReport(
  { root, compared, isFullRefresh: fullRefresh, outdatedTables, refusals }: ShownPlan,
  period: PlanReport['period'],
): PlanReport {
  const reports = compared.map((source) => sourceReport(source, fullRefresh));
  const states = fullRefresh
    ? (['fresh', 'grown', 'changed', 'outdated', 'touched', 'unchanged', 'returned'] as const)
    : (['fresh', 'grown', 'changed', 'outdated'] as const);
  const read = reports.flatMap((source) => states.map((state) => source.states[state]));
  return {
    root,
    fullRefresh,
    period,
    outdatedTables,
    read: {
      objects: read.reduce((sum, { objects }) => sum + objects, 0),
      bytes: read.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    },
    sources: reports,
    refusals: refusals.map(({ code, message, hint }) => ({ code, message, hint })),
  };
}

function sourceReport(
  {
    staging,
    mapping: _,
    fresh,
    ignored,
    vanished,
    forgotten,
    lost,
    absentCopied: __,
    copies,
    lostOutside,
    emptied: ___,
    replays: ____,
    ...known
  }: SourcePlan,
  fullRefresh: boolean,
): SourcePlanReport {
  const sizes = (objects: readonly { readonly sizeBytes: number }[]) => ({
    objects: objects.length,
    bytes: objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  });
  const sizesOf = (objects: readonly KnownObject[]) => sizes(objects.map(({ object }) => object));
  const added = known.grown.reduce((sum, { object, addedFrom = 0 }) => sum + object.sizeBytes - addedFrom, 0);
  const replaced = fullRefresh ? Object.values(known).flat() : [...known.changed, ...known.outdated];
  const going = [...replaced.map((object) => object.known), ...forgotten, ...(fullRefresh ? copies : [])];
  return {
    source: staging.source.name,
    states: {
      fresh: sizes(fresh),
      grown: { objects: known.grown.length, bytes: added },
      changed: sizesOf(known.changed),
      outdated: sizesOf(known.outdated),
      touched: sizesOf(known.touched),
      unchanged: sizesOf(known.unchanged),
      returned: sizesOf(known.returned),
      vanished: { objects: vanished.length, bytes: undefined },
      forgotten: { objects: forgotten.length, bytes: undefined },
      ignored: sizes(ignored),
    },
    rowsGoing: going.reduce((sum, { linesLoaded }) => sum + linesLoaded, 0),
    changedObjects: known.changed.map(({ object }) => object.uri),
    vanishedObjects: [...vanished, ...forgotten].map(({ uri }) => uri),
    lostObjects: [...lost, ...lostOutside].map(({ uri }) => uri),
  };
}
