import type { ObjectCounts } from '../../pipeline/report.ts';
import { counted } from './numbers.ts';
import type { Paint } from './style.ts';

/** Whether everything that was loaded from a root has vanished: rather a wrong root than the end of all data. */
export function hasEmptied(counts: ObjectCounts): boolean {
  const { fresh, grown, changed, outdated, unchanged, touched, returned, vanished } = counts;
  return vanished > 0 && fresh + grown + changed + outdated + unchanged + touched + returned === 0;
}

/** The headline for such a root, and what to look at. */
export function renderEmptied(root: string, { vanished }: ObjectCounts, paint: Paint): string {
  return [
    `${paint.yellow('⚠')} ${paint.bold(`${root} holds no data any more`)}: ${renderVanished(vanished)}`,
    `  ${paint.dim('→')} Check that the root is the right one and, where it is a mount, that it is mounted.`,
  ].join('\n');
}

/** `1 object vanished from the root; its rows stay.` */
export function renderVanished(vanished: number): string {
  return `${counted(vanished, 'object')} vanished from the root; ${vanished === 1 ? 'its' : 'their'} rows stay.`;
}
