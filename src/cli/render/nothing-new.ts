import type { RunReport } from '../../pipeline/report.ts';
import { counted, duration } from './numbers.ts';
import type { Paint } from './style.ts';

/** The one line of a run with nothing new. In a file of its own: it must not wait for what draws tables. */
export function renderNothingNew({ root, objects, elapsedMs }: RunReport, paint: Paint): string {
  const known = objects.unchanged + objects.touched;
  return `${paint.green('✔')} Nothing new in ${root}: ${counted(known, 'object')} loaded already (${duration(elapsedMs)})`;
}
