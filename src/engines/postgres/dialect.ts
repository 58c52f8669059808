import type { Dialect } from '../../sql/dialect.ts';
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
  isDistinct: render.isDistinct,
  createSchema: ddl.createSchema,
  createTable: ddl.createTable,
  createTemporaryTable: ddl.createTemporaryTable,
  addColumn: ddl.addColumn,
  changeColumnType: ddl.changeColumnType,
  dropColumn: ddl.dropColumn,
  createView: ddl.createView,
  landing: (shape) => ({ ...landingTableOf(shape), load: copyStatement(shape) }),
  insertRows: copyStatement,
  maintain: ddl.maintain,
} satisfies Dialect);
