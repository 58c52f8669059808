import type { Dialect } from '../../sql/dialect.ts';
import { texts } from '../../sql/quote.ts';
import { landingTableOf } from '../landing-table.ts';
import { copyStatement } from './copy-text.ts';
import * as ddl from './ddl.ts';
import * as render from './render.ts';

/** What PostgreSQL's SQL says differently. */
export const dialect = Object.freeze({
  engine: 'postgres',
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
  relationNames: (schemas) => `select relname from pg_class join pg_namespace n on n.oid = relnamespace
where relkind in ('r', 'p', 'v', 'm', 'f') and nspname in ${texts(schemas)}`,
  createSchema: (schema) => [{ sql: ddl.createSchema(schema) }],
  createTable: (shape) => [{ sql: ddl.createTable(shape) }],
  createTemporaryTable: ddl.createTemporaryTable,
  addColumn: (shape, column) => [{ sql: ddl.addColumn(shape, column) }],
  changeColumnType: (shape, column) => [{ sql: ddl.changeColumnType(shape, column) }],
  dropColumn: (shape, column) => [{ sql: ddl.dropColumn(shape, column) }],
  createView: ({ schema, name }, query) => [{ sql: ddl.createView(schema, name, query) }],
  landing: (shape) => ({
    ...landingTableOf(shape),
    load: { sql: copyStatement(shape), given: 'the rows that landed' },
  }),
  insertRows: copyStatement,
  describeTemporaryTable: ddl.describeTemporaryTable,
  maintain: ddl.maintain,
} satisfies Dialect);
