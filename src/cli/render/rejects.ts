import type { RejectedLine } from '../../ledger/read-rejects.ts';
import { renderList } from './list.ts';
import { count, counted } from './numbers.ts';
import { cut, printable } from './printable.ts';
import { plain } from './style.ts';
import type { TableOptions } from './table.ts';

export interface RejectsReport {
  /** How many there are; `rejects` holds the first of them. */
  readonly total: bigint;
  readonly rejects: readonly ListedLine[];
}

/** A rejected line, and whether a replay can load it: from its object, or from a text that is the whole line. */
export type ListedLine = RejectedLine & { readonly replayable: boolean };

/** A line that a replay could not load. */
export type LeftOutLine = Pick<RejectedLine, 'source' | 'uri' | 'line' | 'column' | 'reason'>;

/** `uri:line $.column reason`, and the line as it stood below it, cut to the terminal. */
export function renderRejects({ total, rejects }: RejectsReport, { width, paint = plain }: TableOptions = {}): string {
  if (total === 0n) return `${paint.green('✔')} No rejected lines.`;
  if (rejects.length === 0) return `${counted(total, 'rejected line')}; --limit N shows them`;
  const lines = rejects.map((reject) => {
    const { rawText } = reject;
    return `${paint.bold(placeOf(reject))} ${printable(reject.reason)}${paint.dim(noteOf(reject))}\n  ${cut(printable(rawText), width === undefined ? undefined : width - 2)}`;
  });
  const rest = BigInt(rejects.length) < total ? ` of ${count(total)}; --limit N shows more` : '';
  return `${lines.join('\n')}\n\n${counted(rejects.length, 'rejected line')}${rest}`;
}

function placeOf({ uri, line, column }: LeftOutLine): string {
  return `${printable(uri)}:${line}${column === null ? '' : ` $.${column}`}`;
}

function noteOf({ loaded, vanished, replayable }: ListedLine): string {
  if (!loaded) return ' (the run failed: nothing of it is loaded)';
  if (!replayable) return ' (cannot be replayed: its object vanished, and this is not the whole line)';
  return vanished ? ' (its object vanished)' : '';
}

/** The lines that a replay had to leave out; nothing where there are none. */
export function renderLeftOut(lines: readonly LeftOutLine[]): string[] {
  return renderList(
    `${counted(lines.length, 'rejected line')} of vanished objects cannot be replayed, as the ledger has not the whole line`,
    lines.map((line) => `${placeOf(line)} ${printable(line.reason)}`),
  );
}
