import type { RunReport } from '../../pipeline/report.ts';
import { counted, duration } from './numbers.ts';
import { printable } from './printable.ts';
import type { Paint } from './style.ts';

/**
 * The one line of a run with nothing new, whether that is remembered only, and what could not be done of what was asked
 * for. In a file of its own: it must not wait for what draws tables.
 */
export function renderNothingNew(report: RunReport, paint: Paint): string {
  const { root, objects, elapsedMs, rememberedAt, warnings } = report;
  const known = objects.unchanged + objects.touched;
  const verdict = `${paint.green('✔')} Nothing new in ${root}: ${counted(known, 'object')} loaded already (${duration(elapsedMs)})`;
  const remembered = rememberedAt ? [renderRemembered(rememberedAt)] : [];
  return [verdict, ...remembered, ...warnings.map((warning) => `${paint.yellow('⚠')} ${printable(warning)}`)].join(
    '\n',
  );
}

function renderRemembered(at: Date): string {
  const time = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `  As remembered of ${time}; the warehouse was not asked. If it was dropped or restored since: \`sparkify plan\` asks it, and the next run does what that finds.`;
}
