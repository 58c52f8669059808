import type { Effects, Stage } from './report.ts';

/** Tells the share done of a stage, 0…1, and where it stands in words. */
export type Progress = (detail: string, share: number) => void;

/** Runs one stage and tells when it starts, how it goes on and what came of it. */
export type WatchStage = <T>(
  stage: Stage,
  detail: string,
  work: (progress: Progress) => Promise<T>,
  outcome: (result: T) => string,
) => Promise<T>;

/** Reports the stages of one run to whoever observes it. A stage that fails is told by the error it throws. */
export function watchStages({ observe, now }: Effects): WatchStage {
  return async (stage, detail, work, outcome) => {
    const startedAt = now().getTime();
    observe({ kind: 'started', stage, detail });
    const result = await work((where, share) => observe({ kind: 'progress', stage, detail: where, share }));
    observe({ kind: 'finished', stage, detail: outcome(result), elapsedMs: now().getTime() - startedAt });
    return result;
  };
}
