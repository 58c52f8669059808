import type { Staging } from '../model/staging.ts';
import type { StarTable } from '../model/star-table.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Ddl, Dialect, TableShape, TitledDdl } from '../sql/dialect.ts';
import { duplicatesShape, insertInto, stagingShape, starShape, tableName } from '../sql/shapes.ts';
import { selectRows } from './select-rows.ts';
import { insertDuplicates } from './winners.ts';

/** A statement that defines a table or view, and which. */
export interface DefiningStatement extends TitledDdl {
  readonly table: string;
}

/** A statement and what it is for; `table` is the table it writes or prepares. */
export interface Statement {
  readonly table: string;
  readonly title: string;
  readonly sql: string;
  /** The temporary table that it puts rows into, which later statements join. */
  readonly fills?: TableShape;
}

/** The statements of one definition. */
export function defining(table: string, title: string, statements: readonly Ddl[]): DefiningStatement[] {
  return statements.map((statement) => ({ table, title, ...statement }));
}

/**
 * What computes the star from staging where all of it is new, in order: the duplicates, then each table emptied and
 * filled. DELETE, never TRUNCATE: readers keep the old rows until the commit (Redshift's TRUNCATE commits, facts 2.7).
 */
export function fillStar({ staging, tables }: Warehouse, dialect: Dialect): readonly Statement[] {
  return [
    ...staging.flatMap((table) => refillDuplicates(table, dialect)),
    ...tables.flatMap((table) => fillTable(table, dialect)),
  ];
}

/** Finds the duplicates of a whole staging table anew. */
export function refillDuplicates(staging: Staging, dialect: Dialect): readonly Statement[] {
  const { name } = duplicatesShape(staging);
  return [
    {
      table: name,
      title: `forget the duplicates of ${staging.name}`,
      sql: `delete from ${tableName(duplicatesShape(staging))}`,
    },
    {
      table: name,
      title: `find the duplicates of ${staging.name}`,
      sql: insertDuplicates(staging, tableName(stagingShape(staging)), dialect),
    },
  ];
}

/** Empties and fills a table of the star. */
export function fillTable(table: StarTable, dialect: Dialect): readonly [Statement, Statement] {
  const shape = starShape(table);
  return [
    { table: table.name, title: `empty ${table.name}`, sql: `delete from ${tableName(shape)}` },
    {
      table: table.name,
      title: `fill ${table.name}: ${table.grain}`,
      sql: `${insertInto(shape)}\n${selectRows(table, dialect)}`,
    },
  ];
}
