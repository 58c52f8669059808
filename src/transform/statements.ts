import type { Staging } from '../model/staging.ts';
import type { StarTable } from '../model/star-table.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier, list } from '../sql/quote.ts';
import { duplicatesShape, starShape, tableName } from '../sql/shapes.ts';
import { selectRows } from './select-rows.ts';
import { insertDuplicates } from './winners.ts';

/** A statement and what it is for; `table` is the table it writes. */
export interface Statement {
  readonly table: string;
  readonly title: string;
  readonly sql: string;
}

/**
 * What recomputes the star from staging, in order: the duplicates, then each table emptied and filled. DELETE, never
 * TRUNCATE: readers keep the old rows until the commit (Redshift's TRUNCATE commits, facts 2.7).
 */
export function recomputeStar({ staging, tables }: Warehouse, dialect: Dialect): readonly Statement[] {
  return [...staging.flatMap(refillDuplicates), ...tables.flatMap((table) => refillTable(table, dialect))];
}

function refillDuplicates(staging: Staging): Statement[] {
  const table = duplicatesShape(staging).name;
  return [
    {
      table,
      title: `forget the duplicates of ${staging.name}`,
      sql: `delete from ${tableName(duplicatesShape(staging))}`,
    },
    { table, title: `find the duplicates of ${staging.name}`, sql: insertDuplicates(staging) },
  ];
}

function refillTable(table: StarTable, dialect: Dialect): Statement[] {
  const shape = starShape(table);
  const columns = list(shape.columns.map(({ name }) => identifier(name)));
  return [
    { table: table.name, title: `empty ${table.name}`, sql: `delete from ${tableName(shape)}` },
    {
      table: table.name,
      title: `fill ${table.name}: ${table.grain}`,
      sql: `insert into ${tableName(shape)} ${columns}\n${selectRows(table, dialect)}`,
    },
  ];
}
