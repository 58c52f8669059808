import type { ColumnType } from '../model/column-type.ts';
import { bigintType, booleanType } from '../model/column-type.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, type StarTable } from '../model/star-table.ts';
import { type View, viewColumns } from '../model/view.ts';
import type { TableShape, ViewShape } from './dialect.ts';
import { identifier, list, qualified } from './quote.ts';

/** The schema of the ledger and of all else that is the tool's own. */
export const ledgerSchema = 'etl';

const named = (types: Readonly<Record<string, { readonly type: ColumnType }>>) =>
  Object.entries(types).map(([name, { type }]) => ({ name, type }));

/** The staging table: its columns, then the number of the object each row came from. */
export function stagingShape({ name, columns, physical }: Staging): TableShape {
  return { schema: undefined, name, columns: [...named(columns), { name: 'object_id', type: bigintType }], physical };
}

/** A table of the star schema. */
export function starShape(table: StarTable): TableShape {
  const columns = Object.entries(columnsOf(table)).map(([name, { is }]) => ({ name, type: is.type }));
  return { schema: undefined, name: table.name, columns, key: Object.keys(table.key), physical: table.physical };
}

/**
 * The natural keys of a staging table that stand on more than one line: the winner among those lines and the object it
 * came from, how many lines there are, how many different contents they have, and whether they contradict each other.
 */
export function duplicatesShape(staging: Staging): TableShape {
  return {
    schema: ledgerSchema,
    name: `${staging.name}_duplicates`,
    columns: [
      ...stagingShape(staging).columns,
      { name: 'lines', type: bigintType },
      { name: 'versions', type: bigintType },
      { name: 'conflicting', type: booleanType },
    ],
    physical: staging.physical,
  };
}

/** The view with one row per natural key: the winners. */
export function winnersShape(staging: Staging): ViewShape {
  const columns = stagingShape(staging).columns.map(({ name }) => name);
  return { schema: ledgerSchema, name: `${staging.name}_winners`, columns };
}

/** The name of that view, quoted and ready for SQL. */
export function winnersName(staging: Staging): string {
  return tableName(winnersShape(staging));
}

/** A view of the model. */
export function viewShape(view: View): ViewShape {
  return { schema: undefined, name: view.name, columns: viewColumns(view).map(({ name }) => name) };
}

/** The name of a table or view, quoted and ready for SQL. */
export function tableName({ schema, name }: Pick<TableShape, 'schema' | 'name'>): string {
  return qualified(schema, name);
}

/** The beginning of a statement that inserts a value for every column of a table. */
export function insertInto(shape: TableShape): string {
  return `insert into ${tableName(shape)} ${list(shape.columns.map(({ name }) => identifier(name)))}`;
}
