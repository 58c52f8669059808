import type { Dialect } from '../../sql/dialect.ts';
import { texts } from '../../sql/quote.ts';
import { tableName } from '../../sql/shapes.ts';
import * as ddl from './ddl.ts';
import * as render from './render.ts';

/** What DuckDB's SQL says differently. */
export const dialect: Dialect = Object.freeze<Dialect>({
  engine: 'duckdb',
  backslashEscapes: false,
  typeName: render.typeName,
  fromEpochMillis: render.fromEpochMillis,
  datePart: render.datePart,
  characterLength: render.characterLength,
  inByteOrder: render.inByteOrder,
  nullsLast: render.nullsLast,
  isDistinct: render.isDistinct,
  undeclared: (value) => value,
  writerLock: { create: [], take: [] },
  relations: (schemas, names) =>
    `select table_schema, table_name, case table_type when 'VIEW' then 'view' else 'table' end from information_schema.tables where table_schema in ${texts(schemas)} and table_name in ${texts(names)}`,
  columnTypes: (schemas, names) =>
    `select table_schema, table_name, column_name, lower(data_type) from information_schema.columns where table_schema in ${texts(schemas)} and table_name in ${texts(names)} order by ordinal_position`,
  createSchema: (schema) => [{ sql: ddl.createSchema(schema) }],
  createTable: (shape) => [{ sql: ddl.createTable(shape) }],
  createTemporaryTable: ddl.createTemporaryTable,
  addColumn: (shape, column) => [{ sql: ddl.addColumn(shape, column) }],
  changeColumnType: (shape, column) => [{ sql: ddl.changeColumnType(shape, column) }],
  dropColumn: (shape, column) => [{ sql: ddl.dropColumn(shape, column) }],
  createView: ({ schema, name }, query) => [{ sql: ddl.createView(schema, name, query) }],
  landing: (shape) => ({ table: tableName(shape), create: undefined, load: undefined }),
  insertRows: ddl.insertRows,
  describeTemporaryTable: () => [],
  maintain: () => [{ title: 'refresh the statistics', sql: 'analyze' }],
});
