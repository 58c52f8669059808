import type { RejectedLine } from '../../ledger/read-rejects.ts';
import { count, counted } from './numbers.ts';
import { cut, printable } from './printable.ts';
import { plain } from './style.ts';
import type { TableOptions } from './table.ts';

export interface RejectsReport {
  /** How many there are; `rejects` holds the first of them. */
  readonly total: bigint;
  readonly rejects: readonly RejectedLine[];
}

/** `uri:line $.column reason`, and the line as it stood below it, cut to the terminal. */
export function renderRejects({ total, rejects }: RejectsReport, { width, paint = plain }: TableOptions = {}): string {
  if (rejects.length === 0) return `${paint.green('✔')} No rejected lines.`;
  const lines = rejects.map(({ uri, line, column, reason, rawText, loaded }) => {
    const where = `${printable(uri)}:${line}${column === null ? '' : ` $.${column}`}`;
    const note = loaded ? '' : paint.dim(' (the run failed: nothing of it is loaded)');
    return `${paint.bold(where)} ${printable(reason)}${note}\n  ${cut(printable(rawText), width === undefined ? undefined : width - 2)}`;
  });
  const rest = BigInt(rejects.length) < total ? ` of ${count(total)}; --limit N shows more` : '';
  return `${lines.join('\n')}\n\n${counted(rejects.length, 'rejected line')}${rest}`;
}
