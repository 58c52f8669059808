import type { GeneratedSummary } from '../generator/generate.ts';
import { generate } from '../generator/generate.ts';
import type { GenerateOptions, GenerateProgress } from '../generator/generate-options.ts';
import type { Effects } from './effects.ts';
import type { Observe } from './progress/stage-event.ts';
import { watching } from './progress/watching.ts';
import { count, counted } from './render/numbers.ts';

/** Generates a bucket and shows how it goes on. */
export function generateWatched(options: GenerateOptions, effects: Effects, json: boolean): Promise<GeneratedSummary> {
  return watching({ effects, json, stages: ['songs', 'events'] }, (observe) =>
    generate({ ...options, onProgress: tellStages(observe, effects.now) }),
  );
}

/** The generator tells how far it is; a stage starts with its first word and is finished when all is done. */
function tellStages(observe: Observe, now: Effects['now']): (progress: GenerateProgress) => void {
  const startedAt = new Map<string, number>();
  return ({ stage, done, total, events }) => {
    const start = startedAt.get(stage) ?? now().getTime();
    const written =
      stage === 'songs'
        ? `${count(done)} of ${counted(total, 'song')}`
        : `${counted(events, 'event')}, day ${count(done)} of ${count(total)}`;
    if (!startedAt.has(stage))
      observe({ kind: 'started', stage, detail: `write ${counted(total, stage === 'songs' ? 'song' : 'day')}` });
    startedAt.set(stage, start);
    if (done < total) observe({ kind: 'progress', stage, detail: written, share: done / total });
    else
      observe({
        kind: 'finished',
        stage,
        detail: stage === 'songs' ? counted(total, 'song') : counted(events, 'event'),
        elapsedMs: now().getTime() - start,
      });
  };
}
