import type { OpenOptions, Session } from '../engines/engine.ts';
import { openTarget } from '../engines/index.ts';
import { pause } from '../engines/pause.ts';
import type { Drift } from '../quality/drift.ts';
import type { DuplicateCount } from '../quality/duplicates.ts';
import type { CheckResult } from '../quality/run-checks.ts';
import type { Pause } from './begin-again.ts';
import type { OutdatedTable } from './known.ts';
import type { UnreadableObject } from './land-source.ts';
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
  /** Waits before something is attempted again. */
  readonly pause: Pause;
  /** Opens the target; the run closes it. */
  readonly open: (target: string, options: OpenOptions) => Promise<Session>;
}

export const quiet: Effects = { observe: () => {}, now: () => new Date(), pause, open: openTarget };

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

/** The rows of a table after a run, and what the run did to them. Staging's are those of its sources' lines. */
export interface TableReport {
  readonly table: string;
  readonly rows: bigint;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
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
  readonly tables: readonly TableReport[];
  /** Tables that were computed anew, each with the reason. */
  readonly rebuilt: readonly OutdatedTable[];
  readonly duplicates: readonly DuplicateCount[];
  readonly checks: readonly CheckResult[];
  /** What they looked at: every row, or, as what held before and was not touched still holds, what the run changed. */
  readonly checked: 'everything' | 'changes';
  /** How the lines differ from those seen before; by their keys, as far as they were sampled. */
  readonly drift: readonly Drift[];
  /** Objects that could not be read, or changed while they were; the next run tries them again. */
  readonly unreadable: readonly UnreadableObject[];
  /** How many transactions it committed. */
  readonly batches: number;
  /** Whether it was asked to stop before its last batch. */
  readonly interrupted: boolean;
  /** When what this run answers by was found out, where it has not asked the target and others may have changed that since. */
  readonly rememberedAt: Date | undefined;
  /** What went wrong after the commit and is no failure of the run; what was asked for and could not be done. */
  readonly warnings: readonly string[];
}

const groups = [
  'fresh',
  'grown',
  'changed',
  'outdated',
  'unchanged',
  'touched',
  'vanished',
  'returned',
  'forgotten',
  'ignored',
] as const satisfies readonly (keyof SourcePlan)[];

/** How many objects a plan found in each state. */
export type ObjectCounts = Readonly<Record<(typeof groups)[number], number>>;

export function objectCounts({ sources }: Plan): ObjectCounts {
  const counts = groups.map((group) => [group, sources.reduce((sum, source) => sum + source[group].length, 0)]);
  return Object.fromEntries(counts) as ObjectCounts;
}
