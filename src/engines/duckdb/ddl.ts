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

export function createTemporaryTable({ name, columns }: TableShape): string {
  return `create temporary table if not exists ${identifier(name)} (\n${columns.map(columnLine).join(',\n')}\n)`;
}

export function createView(schema: string | undefined, name: string, query: string): string {
  return `create or replace view ${qualified(schema, name)} as\n${query}`;
}

export function addColumn({ schema, name }: TableShape, column: ColumnShape): string {
  return `alter table ${qualified(schema, name)} add column if not exists ${identifier(column.name)} ${typeName(column.type)}`;
}

/** What does not fit the new type becomes NULL: lines are landed again right after, save those of vanished objects. */
export function changeColumnType({ schema, name }: TableShape, { name: column, type }: ColumnShape): string {
  const [field, typed] = [identifier(column), typeName(type)];
  return `alter table ${qualified(schema, name)} alter column ${field} set data type ${typed} using try_cast(${field} as ${typed})`;
}

export function dropColumn({ schema, name }: TableShape, column: string): string {
  return `alter table ${qualified(schema, name)} drop column if exists ${identifier(column)}`;
}

/** As it reads; the session appends rows without a statement. */
export function insertRows({ schema, name, columns }: TableShape): string {
  const names = columns.map((column) => identifier(column.name));
  return `insert into ${qualified(schema, name)} ${list(names)}\nvalues ${list(names.map(() => '?'))}`;
}

function columnLine({ name, type, notNull = false }: ColumnShape): string {
  return `  ${identifier(name)} ${typeName(type)}${notNull ? ' not null' : ''}`;
}
