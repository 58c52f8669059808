import type { Dialect } from '../../sql/dialect.ts';
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
  isDistinct: render.isDistinct,
  createSchema: ddl.createSchema,
  createTable: ddl.createTable,
  createTemporaryTable: ddl.createTemporaryTable,
  addColumn: ddl.addColumn,
  changeColumnType: ddl.changeColumnType,
  dropColumn: ddl.dropColumn,
  createView: ddl.createView,
  landing: (shape) => ({ table: tableName(shape), create: undefined, load: undefined }),
  insertRows: ddl.insertRows,
  maintain: () => [{ title: 'refresh the statistics', sql: 'analyze' }],
});
