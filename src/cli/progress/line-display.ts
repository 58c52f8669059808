import type { Output } from '../effects.ts';
import { duration } from '../render/numbers.ts';
import { padded } from '../render/printable.ts';
import type { Display } from './stage-event.ts';

/** One line when a stage starts and one when it is finished, for logs and pipes. */
export function lineDisplay(output: Output, stages: readonly string[]): Display {
  const width = Math.max(...stages.map(({ length }) => length));
  return {
    observe: (event) => {
      if (event.kind === 'progress') return;
      const sign = event.kind === 'started' ? '…' : '✔';
      const elapsed = event.kind === 'finished' ? ` (${duration(event.elapsedMs)})` : '';
      output.write(`${sign} ${padded(event.stage, width)}  ${event.detail}${elapsed}\n`);
    },
    end: async () => {},
  };
}
