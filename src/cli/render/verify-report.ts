import type { VerifyReport } from '../../pipeline/verify.ts';
import type { CellDifference, ExpectedResult } from '../../quality/expected.ts';
import { renderChecks } from './checks.ts';
import { counted } from './numbers.ts';
import { printable } from './printable.ts';
import { type Paint, plain } from './style.ts';
import { renderTable, type TableOptions } from './table.ts';

const shown = 20;

/** The checks, how many queries gave their expected result, and where the others differ, cell by cell. */
export function renderVerifyReport(
  { checks, expected }: VerifyReport,
  { width, paint = plain }: TableOptions = {},
): string {
  const parts = [renderChecks(checks, paint)];
  if (expected.length > 0) parts.push(renderExpected(expected, paint));
  parts.push(
    ...expected.filter(({ matches }) => !matches).map((result) => renderDifferences(result, { width, paint })),
  );
  return parts.join('\n\n');
}

function renderExpected(expected: readonly ExpectedResult[], paint: Paint): string {
  const matching = expected.filter(({ matches }) => matches).length;
  const sign = matching === expected.length ? paint.green('✔') : paint.red('✖');
  return `${sign} ${matching} of ${counted(expected.length, 'query', 'queries')} as expected`;
}

function renderDifferences({ query, differences }: ExpectedResult, options: TableOptions): string {
  const rows = differences
    .slice(0, shown)
    .map(({ row, column, expected, actual }) => [
      query,
      row === 0 ? 'head' : String(row),
      column ?? '(whole row)',
      cellOf(expected, column),
      cellOf(actual, column),
    ]);
  const heads = [
    { head: 'query' },
    { head: 'row', align: 'right' },
    { head: 'column' },
    { head: 'expected' },
    { head: 'actual' },
  ] as const;
  const more = differences.length - shown;
  const rest = more > 0 ? `\nand ${counted(more, 'more difference')} in ${query}` : '';
  return `${renderTable(heads, rows, options)}${rest}`;
}

function cellOf(value: CellDifference['expected'], column: string | undefined): string {
  if (value === undefined) return column === undefined ? '(no such row)' : '(nothing)';
  return value === '' ? '(empty)' : printable(value);
}
