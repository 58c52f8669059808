import type { TableShape } from '../../sql/dialect.ts';
import { fromColumns } from './catalogue.ts';
import type { Connection } from './connection.ts';
import { send } from './run-copy.ts';

/**
 * A table with its columns in the order in which the warehouse has them, which is another one than declared once a column
 * was added. COPY of Parquet follows the order of the table (dg:copy-usage_notes-copy-from-columnar) or that of its list
 * of columns (dg:copy-parameters-column-mapping): written in this one, parts are right either way.
 */
export async function inTableOrder(connection: Connection, shape: TableShape): Promise<TableShape> {
  const sql = `select column_name ${fromColumns(shape)} order by ordinal_position`;
  const { rows } = await send(connection, `look for the order of the columns of ${shape.name}`, sql);
  const place = new Map(rows.map(([name], index) => [name, index]));
  // One that is not there is left to COPY to refuse.
  const placeOf = (name: string) => place.get(name) ?? place.size;
  return { ...shape, columns: shape.columns.toSorted((left, right) => placeOf(left.name) - placeOf(right.name)) };
}
