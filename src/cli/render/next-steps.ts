import { padded } from './printable.ts';
import { type Paint, plain } from './style.ts';

export interface NextStep {
  readonly command: string;
  readonly shows: string;
}

/** Where to look next: a command a line with what it shows. */
export function renderNextSteps(steps: readonly NextStep[], paint: Paint = plain): string {
  const width = Math.max(...steps.map(({ command }) => command.length));
  return ['Next:', ...steps.map(({ command, shows }) => `  ${paint.cyan(padded(command, width))}  ${shows}`)].join(
    '\n',
  );
}
