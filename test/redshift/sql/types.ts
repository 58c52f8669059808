import { notEmulated, Refusal } from '../refusal.ts';
import { closingOf, isWord, wordsAt } from './scan.ts';
import type { Token } from './tokens.ts';

/** A type as it is written in a statement. */
export interface WrittenType {
  readonly name: string;
  /** The numbers in brackets; `max` for VARCHAR(MAX). */
  readonly sizes: readonly string[];
  /** How many tokens it takes. */
  readonly length: number;
  readonly isArray: boolean;
}

/** Reads the type that begins here. */
export function readType(tokens: readonly Token[], at: number): WrittenType {
  let length = 1;
  let name = tokens[at]?.value ?? '';
  for (const [first, second] of pairs) {
    if (!wordsAt(tokens, at, first, second)) continue;
    name = `${first} ${second}`;
    length = 2;
  }
  const open = at + length;
  let sizes: string[] = [];
  if (tokens[open]?.text === '(') {
    const close = closingOf(tokens, open);
    sizes = tokens
      .slice(open + 1, close)
      .filter(({ text }) => text !== ',')
      .map(({ value }) => value);
    length += close - open + 1;
  }
  const zone = tokens[at + length];
  if (isWord(zone, 'with', 'without') && wordsAt(tokens, at + length + 1, 'time', 'zone')) {
    if (isWord(zone, 'with')) name = `${name}tz`;
    length += 3;
  }
  return { name, sizes, length, isArray: tokens[at + length]?.text === '[' };
}

const pairs = [
  ['double', 'precision'],
  ['character', 'varying'],
] as const;

/** The type for PostgreSQL, as Redshift means it (facts 1.7, 2.5): TEXT and bare VARCHAR are VARCHAR(256). */
export function typeForPostgres({ name, sizes }: WrittenType): string {
  const [size] = sizes;
  switch (typeNames.get(name)) {
    case 'varchar':
      return `varchar(${name === 'text' || size === undefined ? 256 : size.toLowerCase() === 'max' ? maxVarchar : size})`;
    case 'char':
      return name === 'bpchar' && size === undefined ? 'char(256)' : `char(${size ?? 1})`;
    case 'numeric':
      return `numeric(${size ?? 18}, ${sizes[1] ?? 0})`;
    default:
      return typeNames.get(name) ?? name;
  }
}

/** Why Redshift does not take the type, or the stand-in cannot do it; undefined if it is fine. */
export function refuseType(type: WrittenType): Refusal | undefined {
  const { name, sizes, isArray } = type;
  const size = Number(sizes[0] ?? 0);
  if (isArray || (!typeNames.has(name) && !notHere.has(name)))
    return new Refusal('42704', `type "${name}${isArray ? '[]' : ''}" does not exist`);
  if (notHere.has(name)) return notEmulated(`the type ${name.toUpperCase()}`);
  const kind = typeNames.get(name);
  if (kind === 'varchar' && size > maxVarchar)
    return new Refusal('22023', `length for type character varying cannot exceed ${maxVarchar}`);
  if (kind === 'char' && size > 4096) return new Refusal('22023', 'length for type character cannot exceed 4096');
  if (kind === 'numeric' && size > 38)
    return new Refusal('22023', `DECIMAL precision ${size} must be between 1 and 38`);
  return undefined;
}

/** In bytes. */
const maxVarchar = 65535;

const notHere = new Set(['super', 'varbyte', 'varbinary', 'geometry', 'geography', 'hllsketch']);

/** The names of Redshift's types, and what they are in PostgreSQL. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ...['smallint', 'int2'].map((name) => [name, 'smallint'] as const),
  ...['integer', 'int', 'int4'].map((name) => [name, 'integer'] as const),
  ...['bigint', 'int8'].map((name) => [name, 'bigint'] as const),
  ...['decimal', 'numeric'].map((name) => [name, 'numeric'] as const),
  ...['real', 'float4'].map((name) => [name, 'real'] as const),
  ...['double precision', 'float8', 'float'].map((name) => [name, 'double precision'] as const),
  ...['boolean', 'bool'].map((name) => [name, 'boolean'] as const),
  ...['char', 'character', 'nchar', 'bpchar'].map((name) => [name, 'char'] as const),
  ...['varchar', 'character varying', 'nvarchar', 'text'].map((name) => [name, 'varchar'] as const),
  ['date', 'date'],
  ['timestamp', 'timestamp'],
  ['timestamptz', 'timestamptz'],
  ['time', 'time'],
  ['timetz', 'timetz'],
  ['interval', 'interval'],
]);
