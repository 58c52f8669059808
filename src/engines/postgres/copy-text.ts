import type { TableShape } from '../../sql/dialect.ts';
import { identifier, list, textLiteral } from '../../sql/quote.ts';
import { tableName } from '../../sql/shapes.ts';
import type { Value } from '../engine.ts';

/*
 * COPY's text format: a row a line, columns parted by tabs, NULL as \N, and in texts a backslash before what would part
 * them. Not CSV: before PostgreSQL 18 a line `\.` ends the data there even inside a quoted text.
 */

/** The statement that takes rows in that format. */
export function copyStatement(shape: TableShape): string {
  return `copy ${tableName(shape)} ${list(shape.columns.map(({ name }) => identifier(name)))} from stdin`;
}

/** A row, in the order of the columns. */
export function copyLine(row: readonly Value[]): string {
  return `${row.map(copyValue).join('\t')}\n`;
}

function copyValue(value: Value): string {
  if (value === null) return nullMark;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'string') return value.replaceAll(special, (character) => escapes[character] ?? '');
  return Object.is(value, -0) ? '-0' : String(value);
}

const nullMark = '\\N';
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const special = /[\\\t\n\r]/g;

/** The same line as SQL of the embedded parser, over a table with these columns. Doubles as they are read back exactly. */
export function copyLineSql({ columns }: TableShape): string {
  const values = columns.map(({ name, type }) =>
    type.kind === 'text' ? escapedSql(identifier(name)) : `cast(${identifier(name)} as varchar)`,
  );
  const cells = values.map((value) => `coalesce(${value}, ${textLiteral(nullMark)})`);
  return `concat(${cells.join(`, chr(9),\n    `)}, chr(10))`;
}

/** Few texts hold any of them, and looking is far cheaper than replacing. */
function escapedSql(text: string): string {
  const characters = Object.entries(escapes);
  const found = characters.map(([character]) => `contains(${text}, ${characterSql(character)})`).join(' or ');
  const replaced = characters.reduce(
    (inner, [character, escaped]) => `replace(${inner}, ${characterSql(character)}, ${textLiteral(escaped)})`,
    text,
  );
  return `case when ${found} then ${replaced} else ${text} end`;
}

const characterSql = (character: string): string => `chr(${character.codePointAt(0)})`;
