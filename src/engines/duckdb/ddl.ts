import type { ColumnShape, TableShape } from '../../sql/dialect.ts';
import { identifier, list, qualified } from '../../sql/quote.ts';
import { typeName } from './render.ts';

export function createSchema(schema: string): string {
  return `create schema if not exists ${identifier(schema)}`;
}

/** No keys: DuckDB would build an index for each, and the run checks them anyway. */
export function createTable({ schema, name, columns }: TableShape): string {
  return `create table if not exists ${qualified(schema, name)} (\n${columns.map(columnLine).join(',\n')}\n)`;
}

export function createView(schema: string | undefined, name: string, query: string): string {
  return `create or replace view ${qualified(schema, name)} as\n${query}`;
}

/** As it reads; the session appends rows without a statement. */
export function insertRows({ schema, name, columns }: TableShape): string {
  const names = columns.map((column) => identifier(column.name));
  return `insert into ${qualified(schema, name)} ${list(names)}\nvalues ${list(names.map(() => '?'))}`;
}

function columnLine({ name, type, notNull = false }: ColumnShape): string {
  return `  ${identifier(name)} ${typeName(type)}${notNull ? ' not null' : ''}`;
}
