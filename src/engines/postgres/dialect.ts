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
  relations: (
    schemas,
    names,
  ) => `select nspname, relname, case relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end
from pg_class join pg_namespace n on n.oid = relnamespace
where relkind in ('r', 'p', 'v', 'm', 'f') and nspname in ${texts(schemas)} and relname in ${texts(names)}`,
  columnTypes: (schemas, names) => `select n.nspname, c.relname, a.attname,
  replace(format_type(a.atttypid, a.atttypmod), 'timestamp without time zone', 'timestamp')
  || case when a.attcollation in (0, 'pg_catalog."C"'::regcollation) then '' else ' of another collation' end
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f', 'v')
  and n.nspname in ${texts(schemas)} and c.relname in ${texts(names)}
order by a.attnum`,
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
