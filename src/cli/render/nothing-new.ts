import type { RunReport } from '../../pipeline/report.ts';
import { counted, duration } from './numbers.ts';
import { printable } from './printable.ts';
import type { Paint } from './style.ts';

/**
 * The one line of a run with nothing new, and what could not be done of what was asked for. In a file of its own: it must
 * not wait for what draws tables.
 */
export function renderNothingNew({ root, objects, elapsedMs, warnings }: RunReport, paint: Paint): string {
  const known = objects.unchanged + objects.touched;
  const verdict = `${paint.green('✔')} Nothing new in ${root}: ${counted(known, 'object')} loaded already (${duration(elapsedMs)})`;
  return [verdict, ...warnings.map((warning) => `${paint.yellow('⚠')} ${printable(warning)}`)].join('\n');
}
