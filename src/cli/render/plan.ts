import type { SparkifyError } from '../../errors.ts';
import type { OutdatedTable } from '../../pipeline/known.ts';
import type { Period } from '../../pipeline/period.ts';
import { renderAnew } from './anew.ts';
import { renderFailure } from './failure.ts';
import { renderList } from './list.ts';
import { bytes, count, counted } from './numbers.ts';
import { printable } from './printable.ts';
import { type Paint, plain } from './style.ts';
import { renderTable } from './table.ts';
import { hasEmptied, renderEmptied } from './vanished.ts';

export const planStates = [
  'fresh',
  'grown',
  'changed',
  'outdated',
  'touched',
  'unchanged',
  'returned',
  'vanished',
  'forgotten',
  'ignored',
] as const;
export type PlanState = (typeof planStates)[number];

/** A plan as plain data. */
export interface PlanReport {
  readonly root: string;
  readonly fullRefresh: boolean;
  /** The days that were asked for. */
  readonly period: Period | undefined;
  /** Tables that would be computed anew, each with the reason. */
  readonly outdatedTables: readonly OutdatedTable[];
  /** What a run would read. */
  readonly read: { readonly objects: number; readonly bytes: number };
  readonly sources: readonly SourcePlanReport[];
  /** What a run would refuse unless it is asked for. */
  readonly refusals: readonly Pick<SparkifyError, 'code' | 'message' | 'hint'>[];
}

export interface SourcePlanReport {
  readonly source: string;
  /** Bytes as stored; unknown, thus undefined, for vanished objects. */
  readonly states: Readonly<Record<PlanState, { readonly objects: number; readonly bytes: number | undefined }>>;
  /** Rows of staging that would go: of objects that are replaced or forgotten. */
  readonly rowsGoing: number;
  readonly changedObjects: readonly string[];
  readonly vanishedObjects: readonly string[];
  /** Not in this root or period, and staging has lost lines or values of them. */
  readonly lostObjects: readonly string[];
}

const words: Readonly<Record<PlanState, readonly [state: string, consequence: string, again: string]>> = {
  fresh: ['new', 'read', 'read'],
  grown: ['grown', 'read what was added', 'read again'],
  changed: ['changed', 'read again', 'read again'],
  outdated: ['landed by other rules', 'read again', 'read again'],
  touched: ['touched', 'kept: same content', 'read again'],
  unchanged: ['unchanged', 'kept', 'read again'],
  returned: ['returned', 'kept: same content as before', 'read again'],
  vanished: ['vanished', 'rows stay', 'rows stay'],
  forgotten: ['vanished', 'rows go', 'rows go'],
  ignored: ['ignored', 'no data by its name', 'no data by its name'],
};

/** What a run would read, by source and state; then the objects that changed or vanished, the first ten of each. */
export function renderPlan(plan: PlanReport, paint: Paint = plain): string {
  const parts = [
    verdict(plan, paint),
    renderStates(plan, paint),
    ...renderGoing(plan),
    ...renderObjects(
      'with other content than when loaded',
      plan.sources.flatMap(({ changedObjects }) => changedObjects),
    ),
    ...renderObjects(
      'vanished from the root',
      plan.sources.flatMap(({ vanishedObjects }) => vanishedObjects),
    ),
    ...renderObjects(
      'of which lines or values are lost that the run does not bring back',
      plan.sources.flatMap(({ lostObjects }) => lostObjects),
    ),
    ...renderRefusals(plan, paint),
  ];
  return parts.join('\n\n');
}

function verdict({ root, period, read, sources }: PlanReport, paint: Paint): string {
  const objects = countStates(sources);
  if (period === undefined && hasEmptied(objects)) return renderEmptied(root, objects, paint);
  const where = `${root}${period === undefined ? '' : `, ${daysOf(period)}`}`;
  if (read.objects === 0) return `${paint.green('✔')} Nothing to read in ${where}.`;
  return `${paint.green('✔')} A run would read ${counted(read.objects, 'object')} (${bytes(read.bytes)}) from ${where}.`;
}

function daysOf({ since, until }: Period): string {
  if (since === undefined) return `up to ${until}`;
  return until === undefined ? `${since} and later` : `${since} to ${until}`;
}

function renderGoing({ sources, outdatedTables }: PlanReport): string[] {
  const going = sources
    .filter(({ rowsGoing }) => rowsGoing > 0)
    .map(({ source, rowsGoing }) => `${counted(rowsGoing, 'row')} of ${source} would go or be replaced.`);
  const lines = [...going, ...renderAnew(outdatedTables)];
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function renderObjects(what: string, uris: readonly string[]): string[] {
  return renderList(`${counted(uris.length, 'object')} ${what}`, uris.map(printable));
}

function renderRefusals({ refusals }: PlanReport, paint: Paint): string[] {
  if (refusals.length === 0) return [];
  const told = refusals.map((refusal) => renderFailure(refusal, paint));
  return [['A run without more flags would refuse:', ...told].join('\n')];
}

function countStates(sources: readonly SourcePlanReport[]): Readonly<Record<PlanState, number>> {
  const counts = planStates.map((state) => [
    state,
    sources.reduce((sum, { states }) => sum + states[state].objects, 0),
  ]);
  return Object.fromEntries(counts) as Record<PlanState, number>;
}

function renderStates({ sources, fullRefresh }: PlanReport, paint: Paint): string {
  const rows = sources.flatMap(({ source, states }) =>
    planStates
      .filter((state) => states[state].objects > 0)
      .map((state) => {
        const { objects, bytes: size } = states[state];
        const [name, consequence, again] = words[state];
        return [source, name, count(objects), size === undefined ? '' : bytes(size), fullRefresh ? again : consequence];
      }),
  );
  const columns = [
    { head: 'source' },
    { head: 'state' },
    { head: 'objects', align: 'right' },
    { head: 'size', align: 'right' },
    { head: 'what becomes of them' },
  ] as const;
  return renderTable(columns, rows, { paint });
}
