import type { Effects } from '../effects.ts';
import { lineDisplay } from './line-display.ts';
import type { Display, Observe } from './stage-event.ts';

interface Watching {
  readonly effects: Effects;
  /** Nothing is shown. */
  readonly json: boolean;
  /** Every stage there may be, in order. */
  readonly stages: readonly string[];
}

/** Shows how work goes on: drawn live on a terminal, line by line in a pipe; then a blank line, if anything was shown. */
export async function watching<T>(options: Watching, work: (observe: Observe) => Promise<T>): Promise<T> {
  const display = await displayFor(options);
  let shown = false;
  const observe: Observe = (event) => {
    shown = !options.json;
    display.observe(event);
  };
  try {
    const result = await work(observe);
    await display.end('done');
    if (shown) options.effects.output.write('\n');
    return result;
  } catch (error) {
    await display.end('failed');
    throw error;
  }
}

async function displayFor({ effects: { output }, json, stages }: Watching): Promise<Display> {
  if (json) return { observe: () => {}, end: async () => {} };
  if (!output.isTerminal) return lineDisplay(output, stages);
  return (await import('./live-display.ts')).liveDisplay(output, stages);
}
