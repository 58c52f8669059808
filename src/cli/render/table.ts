import Table from 'cli-table3';
import { displayWidth } from './printable.ts';
import { type Paint, plain } from './style.ts';

export interface TableColumn {
  readonly head: string;
  /** Numbers go right. Default left. */
  readonly align?: 'left' | 'right';
}

export interface TableOptions {
  /** Columns of the terminal, or undefined to cut nothing. */
  readonly width?: number | undefined;
  readonly paint?: Paint;
}

const gap = 2;
/** No column is cut to less than this. */
const leastWidth = 6;

const bare = ['top', 'bottom', 'left', 'right'].flatMap((side) => [
  side,
  `${side}-mid`,
  `${side}-left`,
  `${side}-right`,
]);
const borders = { ...Object.fromEntries(bare.map((part) => [part, ''])), middle: '  ', mid: '─', 'mid-mid': '  ' };

/** A table with a line below its head and no other border. Cells are printed as they are: see `printable`. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  { width, paint = plain }: TableOptions = {},
): string {
  const natural = columns.map(({ head }, index) =>
    rows.reduce((widest, row) => Math.max(widest, displayWidth(row[index] ?? '')), displayWidth(head)),
  );
  const table = new Table({
    head: columns.map(({ head }) => paint.bold(head)),
    colAligns: columns.map(({ align = 'left' }) => align),
    colWidths: fitted(natural, width),
    chars: borders,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replaceAll(/ +$/gm, '');
}

/** Takes columns from the widest until all fit. */
function fitted(natural: readonly number[], width: number | undefined): number[] {
  const widths = natural.map((columnWidth) => Math.max(1, columnWidth));
  if (width === undefined) return widths;
  let excess = widths.reduce((sum, columnWidth) => sum + columnWidth, 0) + gap * (widths.length - 1) - width;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const current = widths[widest] ?? 0;
    if (current <= leastWidth) break;
    widths[widest] = current - 1;
    excess -= 1;
  }
  return widths;
}
