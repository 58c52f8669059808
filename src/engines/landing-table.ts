import type { Landing, TableShape } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { createTable } from './duckdb/ddl.ts';

/** Where the rows of a table land, and what creates that. */
export function landingTableOf(shape: TableShape): Pick<Landing, 'table'> & { readonly create: string } {
  const landing = { ...shape, schema: undefined, name: `landing_${shape.name}` };
  return { table: identifier(landing.name), create: createTable(landing) };
}
