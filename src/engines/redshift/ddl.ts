import type { ColumnShape, Ddl, TableShape, TitledStatement, WriterLock } from '../../sql/dialect.ts';
import { identifier, list, textLiteral } from '../../sql/quote.ts';
import type { SearchedTable } from '../../sql/searched.ts';
import { ledgerSchema, tableName } from '../../sql/shapes.ts';
import { fromRelation } from './catalogue.ts';
import { typeName } from './render.ts';

/** Only where it is missing: the statement may need a right that who writes into the schema need not have. */
export function createSchema(schema: string): readonly Ddl[] {
  const unless = `select 1 from pg_namespace where nspname = ${textLiteral(schema)}`;
  return [{ sql: `create schema if not exists ${identifier(schema)}`, unless }];
}

/**
 * Encodings are left to Redshift: one that is named turns ENCODE AUTO off for the table (facts 2.4). A key is declared,
 * as the run verifies it (facts 2.3), unless it has text, whose length could not change any more (dg:r_ALTER_TABLE).
 */
export function createTable(shape: TableShape): readonly Ddl[] {
  const key = declaredKey(shape);
  const lines = shape.columns.map((column) => columnLine(column, key));
  const all = key.length === 0 ? lines : [...lines, `  primary key ${list(key.map(identifier))}`];
  const create = `create table if not exists ${tableName(shape)} (\n${all.join(',\n')}\n)`;
  return [{ sql: [create, ...layout(shape)].join('\n'), unless: `select 1 ${fromRelation(shape)}` }];
}

/** Rows lie with those of the table it works for where it has the column they are distributed by, else round robin. */
export function createTemporaryTable({ name, columns, physical }: TableShape): string {
  const lines = columns.map((column) => columnLine(column, [])).join(',\n');
  const distribution = physical?.redshift.distribution;
  const key = columns.find((column) => typeof distribution === 'object' && column.name === distribution.key);
  const style = key ? `key distkey (${identifier(key.name)})` : 'even';
  return `create temporary table if not exists ${identifier(name)} (\n${lines}\n)\ndiststyle ${style}`;
}

/**
 * What keeps other writers out: a table of its own, as LOCK keeps readers out as well, and then the row of the mutex,
 * which two transactions cannot both update, however old their snapshots are (facts 3.7, 8.4).
 */
export const writerLock: WriterLock = Object.freeze({
  create: [
    {
      title: `create ${ledgerSchema}.writer`,
      sql: `create table if not exists ${ledgerSchema}.writer (id integer)`,
      unless: `select 1 ${fromRelation({ schema: ledgerSchema, name: 'writer' })}`,
    },
  ],
  take: [{ title: 'keep other writers out', sql: `lock ${ledgerSchema}.writer` }],
});

/** Tells the planner what came (facts 3.8). Indexes there are none (facts 2.1). */
export function maintain(tables: readonly SearchedTable[]): readonly TitledStatement[] {
  return tables.map(({ shape }) => ({
    title: `refresh the statistics of ${shape.name}`,
    sql: `analyze ${tableName(shape)}`,
  }));
}

/** What the table is declared to be unique by; nothing where it has text. */
export function declaredKey({ columns, key = [] }: TableShape): readonly string[] {
  const isText = (name: string) => columns.some((column) => column.name === name && column.type.kind === 'text');
  return key.some(isText) ? [] : key;
}

function columnLine({ name, type, notNull = false }: ColumnShape, key: readonly string[]): string {
  return `  ${identifier(name)} ${typeName(type)}${notNull || key.includes(name) ? ' not null' : ''}`;
}

/** Tables of the ledger, which say nothing, are left to DISTSTYLE AUTO (facts 2.4). */
function layout({ physical }: TableShape): readonly string[] {
  if (!physical) return [];
  const { distribution, sortKey } = physical.redshift;
  const style = typeof distribution === 'object' ? `key distkey (${identifier(distribution.key)})` : distribution;
  const sorted = sortKey.length === 0 ? [] : [`compound sortkey ${list(sortKey.map(identifier))}`];
  return [`diststyle ${style}`, ...sorted];
}
