import { identifier } from '../sql/quote.ts';

/** Columns that stand beside those of a model, whose names have no `$`. */
export const placeColumn = identifier('$place');
export const matchesColumn = identifier('$matches');
export const keyColumn = (index: number): string => identifier(`$key_${index}`);

/** `left.a = right.a and left.b = right.b` */
export function equalKeys(key: readonly string[], left: string, right: string): string {
  return key.map((name) => `${left}.${identifier(name)} = ${right}.${identifier(name)}`).join(' and ');
}

/** The columns of an alias, separated by commas. */
export function columnsFrom(alias: string, names: readonly string[]): string {
  return names.map((name) => `${alias}.${identifier(name)}`).join(', ');
}

/** The lines of a statement inside another one. */
export function indented(sql: string): string[] {
  return sql.split('\n').map((line) => `  ${line}`);
}
