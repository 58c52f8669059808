import type { ColumnType } from '../../model/column-type.ts';
import type { TableShape } from '../../sql/dialect.ts';
import { list, textLiteral } from '../../sql/quote.ts';
import { insertInto } from '../../sql/shapes.ts';
import type { Value } from '../engine.ts';
import { shownCopy } from './copy-statement.ts';

/** So many rows, or bytes of values, and COPY is the faster way; and far from the 16 MB of a statement (facts 2.6). */
const mostRows = 1_000;
const mostBytes = 2 ** 21;

/**
 * The INSERTs of several rows each that add these; undefined where they are so many that COPY should. Values stand in
 * the statement, which spares a limit on parameters and their types (facts 3.9).
 */
export function insertStatements(
  shape: TableShape,
  rows: readonly (readonly Value[])[],
): readonly string[] | undefined {
  if (rows.length > mostRows) return undefined;
  const lines = rows.map((row) => list(shape.columns.map(({ type }, index) => literal(row[index] ?? null, type))));
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  if (bytes > mostBytes) return undefined;
  return lines.length === 0 ? [] : [`${insertInto(shape)}\nvalues\n${lines.join(',\n')}`];
}

/** As it reads. */
export function shownInsert(shape: TableShape): string {
  const copy = shownCopy(shape).replaceAll('\n', ' ');
  return [
    `-- more than ${mostRows} rows come by: ${copy}`,
    insertInto(shape),
    `values ${list(shape.columns.map(() => '?'))}`,
  ].join('\n');
}

function literal(value: Value, { kind }: ColumnType): string {
  if (value === null) return 'null';
  if (kind === 'text') return textLiteral(String(value), { backslashEscapes: true });
  if (kind === 'timestamp') return `timestamp ${textLiteral(String(value))}`;
  // As a number it would be an integer, which has one zero.
  return Object.is(value, -0) ? "cast('-0' as double precision)" : String(value);
}
