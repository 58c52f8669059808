import { Chartscii } from 'chartscii';
import type { QueryResult, Value } from '../../engines/engine.ts';
import { count } from './numbers.ts';
import { cut, displayWidth, padded, printable } from './printable.ts';
import { isNumeric } from './query-result.ts';
import { type Paint, plain } from './style.ts';

export interface ChartOptions {
  /** Columns of the terminal. Default 100. */
  readonly width?: number | undefined;
  readonly paint?: Paint;
}

/**
 * A bar for each row, or undefined where bars cannot show the result: no rows or too many, no number, a negative one.
 * The bars are the column `plays` or else the first number that is no label; the labels are the text columns, or
 * without one the first column.
 */
export function renderChart(
  result: QueryResult,
  { width = 100, paint = plain }: ChartOptions = {},
): string | undefined {
  const series = seriesOf(result);
  if (!series || result.rows.length === 0 || result.rows.length > mostBars) return undefined;
  const numbers = result.rows.map((row) => Number(row[series.value] ?? 0));
  if (!numbers.every((number) => number >= 0 && Number.isFinite(number))) return undefined;
  const labels = result.rows.map((row) => cut(labelOf(row, series.labels), Math.floor(width * 0.45)));
  const values = result.rows.map((row) => valueText(row[series.value] ?? null));
  return draw(labels, values, numbers, width, paint);
}

const mostBars = 200;

interface Series {
  readonly labels: readonly number[];
  readonly value: number;
}

function seriesOf({ columns }: QueryResult): Series | undefined {
  const positions = columns.map((_, index) => index);
  const texts = positions.filter((index) => !isNumeric(columns[index]?.kind ?? 'other'));
  const labels = texts.length > 0 ? texts : positions.slice(0, 1);
  const numbers = positions.filter((index) => !labels.includes(index));
  const value = numbers.findLast((index) => columns[index]?.name === 'plays') ?? numbers[0];
  return value === undefined ? undefined : { labels, value };
}

function labelOf(row: readonly Value[], labels: readonly number[]): string {
  return labels.map((index) => printable(String(row[index] ?? '(none)'))).join(' · ');
}

function valueText(value: Value): string {
  if (value === null) return '(none)';
  return typeof value === 'bigint' ? count(value) : Number(value).toLocaleString('en', { maximumFractionDigits: 2 });
}

/** chartscii measures labels in UTF-16 units, so that wide characters shift its bars: it draws the bars alone. */
function draw(
  labels: readonly string[],
  values: readonly string[],
  numbers: readonly number[],
  width: number,
  paint: Paint,
): string {
  const labelWidth = Math.max(...labels.map(displayWidth));
  const valueWidth = Math.max(...values.map(displayWidth));
  const barWidth = Math.max(5, Math.min(50, width - labelWidth - valueWidth - 4));
  const data = numbers.map((value) => ({ value, label: '' }));
  const bars = new Chartscii(data, { naked: true, labels: false, barSize: 1, padding: 0, width: barWidth })
    .create()
    .split('\n')
    .slice(1);
  return labels
    .map((label, index) => `${padded(label, labelWidth)}  ${paint.cyan(bars[index] ?? '')} ${values[index]}`)
    .join('\n');
}
