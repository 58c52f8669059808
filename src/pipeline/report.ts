import type { DuplicateCount } from '../quality/duplicates.ts';
import type { CheckResult } from '../quality/run-checks.ts';
import type { Plan, SourcePlan } from './plan.ts';

export const stages = ['plan', 'land', 'transform', 'verify', 'record'] as const;
export type Stage = (typeof stages)[number];

/** What a run tells while it goes on. */
export type RunEvent =
  | { readonly kind: 'started'; readonly stage: Stage; readonly detail: string }
  | { readonly kind: 'progress'; readonly stage: Stage; readonly detail: string; readonly share: number }
  | { readonly kind: 'finished'; readonly stage: Stage; readonly detail: string; readonly elapsedMs: number };

/** What a run does besides changing the target; each with a real default. */
export interface Effects {
  readonly observe: (event: RunEvent) => void;
  readonly now: () => Date;
}

export const quiet: Effects = { observe: () => {}, now: () => new Date() };

/** The balance of one source: linesRead = linesLoaded + linesRejected + linesBlank. */
export interface SourceReport {
  readonly source: string;
  readonly objects: number;
  readonly bytes: number;
  readonly linesRead: number;
  readonly linesLoaded: number;
  readonly linesRejected: number;
  readonly linesBlank: number;
}

export interface RunReport {
  /** 'nothing new': the run ended before it changed anything. */
  readonly outcome: 'loaded' | 'nothing new';
  readonly runId: string | undefined;
  readonly root: string;
  readonly elapsedMs: number;
  /** What this run read. */
  readonly sources: readonly SourceReport[];
  readonly objects: ObjectCounts;
  readonly tables: readonly { readonly table: string; readonly rows: bigint }[];
  readonly duplicates: readonly DuplicateCount[];
  readonly checks: readonly CheckResult[];
  /** What went wrong after the commit and is no failure of the run. */
  readonly warnings: readonly string[];
}

const groups = [
  'fresh',
  'changed',
  'unchanged',
  'touched',
  'vanished',
  'returned',
  'ignored',
] as const satisfies readonly (keyof SourcePlan)[];

/** How many objects a plan found in each state. */
export type ObjectCounts = Readonly<Record<(typeof groups)[number], number>>;

export function objectCounts({ sources }: Plan): ObjectCounts {
  const counts = groups.map((group) => [group, sources.reduce((sum, source) => sum + source[group].length, 0)]);
  return Object.fromEntries(counts) as ObjectCounts;
}
