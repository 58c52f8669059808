/** What long work tells while it goes on. A run's own events (pipeline/report.ts) are of this shape. */
export type StageEvent =
  | { readonly kind: 'started'; readonly stage: string; readonly detail: string }
  | { readonly kind: 'progress'; readonly stage: string; readonly detail: string; readonly share: number }
  | { readonly kind: 'finished'; readonly stage: string; readonly detail: string; readonly elapsedMs: number };

export type Observe = (event: StageEvent) => void;

/** Something that shows the stages of one piece of work. */
export interface Display {
  readonly observe: Observe;
  /** Called once, when the work is over; resolves when nothing more will be drawn. */
  readonly end: (outcome: 'done' | 'failed') => Promise<void>;
}
