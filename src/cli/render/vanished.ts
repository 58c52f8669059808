import type { ObjectCounts } from '../../pipeline/report.ts';
import { counted } from './numbers.ts';
import type { Paint } from './style.ts';

/** Whether everything that was loaded from a root has vanished: rather a wrong root than the end of all data. */
export function hasEmptied(counts: ObjectCounts): boolean {
  const { fresh, grown, changed, outdated, unchanged, touched, returned, vanished, forgotten } = counts;
  return vanished + forgotten > 0 && fresh + grown + changed + outdated + unchanged + touched + returned === 0;
}

/** The headline for such a root, and what to look at. */
export function renderEmptied(root: string, counts: ObjectCounts, paint: Paint): string {
  return [
    `${paint.yellow('⚠')} ${paint.bold(`${root} holds no data any more`)}: ${renderVanished(counts).join(' ')}`,
    `  ${paint.dim('→')} Check that the root is the right one and, where it is a mount, that it is mounted.`,
  ].join('\n');
}

/** `1 object vanished from the root; its rows stay.`, and the like for what is forgotten or came back. */
export function renderVanished({ vanished, forgotten, returned }: VanishedCounts): string[] {
  const its = (objects: number) => (objects === 1 ? 'its' : 'their');
  return [
    vanished > 0 && `${counted(vanished, 'object')} vanished from the root; ${its(vanished)} rows stay.`,
    forgotten > 0 && `${counted(forgotten, 'object')} vanished from the root; ${its(forgotten)} rows are dropped.`,
    returned > 0 && `${counted(returned, 'object')} that had vanished came back as before.`,
  ].filter((sentence) => sentence !== false);
}

type VanishedCounts = Pick<ObjectCounts, 'vanished' | 'forgotten' | 'returned'>;
