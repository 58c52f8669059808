import { stringify } from 'csv-stringify/sync';
import type { QueryResult, Value, ValueKind } from '../../engines/engine.ts';
import { count, counted } from './numbers.ts';
import { printable } from './printable.ts';
import { plain } from './style.ts';
import { renderTable, type TableOptions } from './table.ts';

const shown = 1_000;

/** For people: numbers to the right, NULL as a grey `null`, cut to the terminal, the first thousand rows. */
export function renderQueryTable({ columns, rows }: QueryResult, { width, paint = plain }: TableOptions = {}): string {
  const heads = columns.map(({ name, kind }) => ({
    head: printable(name),
    align: isNumeric(kind) ? ('right' as const) : ('left' as const),
  }));
  const cells = rows
    .slice(0, shown)
    .map((row) => row.map((value) => (value === null ? paint.dim('null') : printable(String(value)))));
  const rest = rows.length > shown ? `, the first ${count(shown)} of them here; --format csv prints all` : '';
  return `${renderTable(heads, cells, { width, paint })}\n${paint.dim(`${counted(rows.length, 'row')}${rest}`)}`;
}

/** As RFC 4180, lines ending in LF: NULL is an empty field, an empty text `""`. Without a newline at the end. */
export function renderCsv({ columns, rows }: QueryResult): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map(csvValue))];
  return stringify(lines, { quoted_match: /^$/ }).replace(/\n$/, '');
}

const csvValue = (value: Value): string | null => (value === null ? null : String(value));

/** One record a row, by column name. */
export function recordsOf({ columns, rows }: QueryResult): readonly Readonly<Record<string, Value>>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
}

export function isNumeric(kind: ValueKind): boolean {
  return kind === 'integer' || kind === 'double' || kind === 'decimal';
}
