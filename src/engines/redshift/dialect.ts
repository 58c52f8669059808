import type { Dialect } from '../../sql/dialect.ts';
import { texts } from '../../sql/quote.ts';
import { landingTableOf } from '../landing-table.ts';
import * as alter from './alter.ts';
import { relations } from './catalogue.ts';
import { copyByHand } from './copy-statement.ts';
import * as ddl from './ddl.ts';
import { shownInsert } from './insert.ts';
import * as render from './render.ts';
import { createView } from './views.ts';

/** What Redshift's SQL says differently. */
export const dialect: Dialect = Object.freeze<Dialect>({
  engine: 'redshift',
  backslashEscapes: true,
  typeName: render.typeName,
  fromEpochMillis: render.fromEpochMillis,
  datePart: render.datePart,
  characterLength: render.characterLength,
  inByteOrder: render.inByteOrder,
  nullsLast: render.nullsLast,
  isDistinct: render.isDistinct,
  undeclared: render.undeclared,
  writerLock: ddl.writerLock,
  relations: (schemas, names) => `select n.nspname, c.relname, case c.relkind when 'v' then 'view' else 'table' end
from ${relations}
where c.relkind in ('r', 'v') and n.nspname in ${texts(schemas, { backslashEscapes: true })} and c.relname in ${texts(names, { backslashEscapes: true })}`,
  columnTypes: (schemas, names) => `select table_schema, table_name, column_name,
  case
    when character_maximum_length is null then replace(data_type, 'timestamp without time zone', 'timestamp')
    else 'varchar(' || character_maximum_length || ')'
  end
from information_schema.columns
where table_schema in ${texts(schemas, { backslashEscapes: true })} and table_name in ${texts(names, { backslashEscapes: true })}
order by ordinal_position`,
  createSchema: ddl.createSchema,
  createTable: ddl.createTable,
  createTemporaryTable: ddl.createTemporaryTable,
  addColumn: alter.addColumn,
  changeColumnType: alter.changeColumnType,
  dropColumn: alter.dropColumn,
  createView,
  landing: (shape) => ({ ...landingTableOf(shape), load: copyByHand(shape) }),
  insertRows: shownInsert,
  describeTemporaryTable: () => [],
  maintain: ddl.maintain,
});
