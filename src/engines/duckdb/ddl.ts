import type { ColumnShape, TableShape } from '../../sql/dialect.ts';
import { identifier, qualified } from '../../sql/quote.ts';
import { typeName } from './render.ts';

export function createSchema(schema: string): string {
  return `create schema if not exists ${identifier(schema)}`;
}

/** No keys: DuckDB would build an index for each, and the run checks them anyway. */
export function createTable({ schema, name, columns }: TableShape): string {
  return `create table if not exists ${qualified(schema, name)} (\n${columns.map(columnLine).join(',\n')}\n)`;
}

export function createTemporaryTable({ name, columns }: TableShape): string {
  return `create temporary table if not exists ${identifier(name)} (\n${columns.map(columnLine).join(',\n')}\n)`;
}

export function createView(schema: string | undefined, name: string, query: string): string {
  return `create or replace view ${qualified(schema, name)} as\n${query}`;
}

function columnLine({ name, type, notNull = false }: ColumnShape): string {
  return `  ${identifier(name)} ${typeName(type)}${notNull ? ' not null' : ''}`;
}
