import { reservedWords } from '../model/reserved-words.ts';

const plain = /^[a-z_][a-z0-9_]*$/;

/**
 * A name as SQL. This file is the only place that turns names and values into SQL text.
 * Names of the model are lower case and no engine's reserved word (`defineX` checks it), so they stand bare and folding
 * (PostgreSQL's quoted names keep their case, Redshift's fold to lower, facts 2.6) makes no difference; others are quoted.
 */
export function identifier(name: string): string {
  return plain.test(name) && !reservedWords.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."table"`, or just the table where there is no schema. */
export function qualified(schema: string | undefined, table: string): string {
  return schema === undefined ? identifier(table) : `${identifier(schema)}.${identifier(table)}`;
}

/**
 * A text literal. Where the engine takes `\` for an escape (Redshift, facts 3.3) pass `backslashEscapes`.
 * @throws RangeError for NUL, which no engine accepts in a statement
 */
export function textLiteral(value: string, { backslashEscapes = false } = {}): string {
  if (value.includes('\0')) throw new RangeError('a text literal cannot hold U+0000');
  const escaped = backslashEscapes ? value.replaceAll('\\', '\\\\') : value;
  return `'${escaped.replaceAll("'", "''")}'`;
}

/** A block of statements as a literal, readable as it is, between marks that do not stand in it: `$do$ … $do$`. */
export function dollarQuoted(block: string): string {
  const free = (tag: string): string => (block.includes(`$${tag}$`) ? free(`${tag}_`) : tag);
  const tag = free('do');
  return `$${tag}$${block}$${tag}$`;
}

/** Text literals in parentheses, for IN: `('a', 'b')`. SQL has no empty list: of nothing it is one that no name equals. */
export function texts(items: readonly string[], escapes: { readonly backslashEscapes?: boolean } = {}): string {
  return list((items.length === 0 ? [''] : items).map((item) => textLiteral(item, escapes)));
}

/** A list in parentheses: `(a, b)`. */
export function list(items: readonly string[]): string {
  return `(${items.join(', ')})`;
}

/** A value on one line of an SQL comment, without anything that could end it. */
export function comment(text: string): string {
  return `-- ${text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ')}`;
}
