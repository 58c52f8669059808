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

/**
 * The same line as SQL of the embedded parser, over a table with these columns. Doubles as they are read back exactly.
 * Few rows hold a character to escape, and one look at all texts of a row is far cheaper than replacing in each.
 */
export function copyLineSql({ columns }: TableShape): string {
  const texts = columns.filter(({ type }) => type.kind === 'text').map(({ name }) => identifier(name));
  const line = (text: (name: string) => string) => {
    const cells = columns.map(({ name, type }) => {
      const value = type.kind === 'text' ? text(identifier(name)) : `cast(${identifier(name)} as varchar)`;
      return `coalesce(${value}, ${textLiteral(nullMark)})`;
    });
    return `concat(${cells.join(', chr(9), ')}, chr(10))`;
  };
  const all = `concat(${[...texts, "''"].join(', ')})`;
  const special = Object.keys(escapes).map((character) => `contains(${all}, ${characterSql(character)})`);
  return `case when ${special.join(' or ')}
  then ${line(escapedSql)}
  else ${line((text) => text)} end`;
}

function escapedSql(text: string): string {
  return Object.entries(escapes).reduce(
    (inner, [character, escaped]) => `replace(${inner}, ${characterSql(character)}, ${textLiteral(escaped)})`,
    text,
  );
}

const characterSql = (character: string): string => `chr(${character.codePointAt(0)})`;
