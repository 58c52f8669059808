import { type View, viewColumns } from '../model/view.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { duplicatesShape, ledgerSchema, stagingShape, starShape, tableName } from '../sql/shapes.ts';
import type { Statement } from './statements.ts';
import { winnersQuery } from './winners.ts';

/** The DDL of a warehouse, idempotent, in order: staging, duplicates and winners, star, views. */
export function createWarehouse({ staging, tables, views }: Warehouse, dialect: Dialect): readonly Statement[] {
  return [
    ...[...staging.flatMap((table) => [stagingShape(table), duplicatesShape(table)]), ...tables.map(starShape)].map(
      (shape) => ({ table: shape.name, title: `create ${shape.name}`, sql: dialect.createTable(shape) }),
    ),
    ...staging.map((table) => ({
      table: table.name,
      title: `create the view of the winners of ${table.name}`,
      sql: dialect.createView(ledgerSchema, `${table.name}_winners`, winnersQuery(table)),
    })),
    ...views.map((view) => ({
      table: view.name,
      title: `create the view ${view.name}`,
      sql: dialect.createView(undefined, view.name, viewQuery(view)),
    })),
  ];
}

/** A fact with its dimensions by LEFT JOIN. */
function viewQuery(view: View): string {
  const aliasOf = new Map([
    [view.fact.name, 'f'],
    ...view.joins.map(({ dimension }, index) => [dimension.name, `d${index + 1}`] as const),
  ]);
  const columns = viewColumns(view).map(
    ({ name, table, of }) => `  ${aliasOf.get(table.name)}.${identifier(of)} as ${identifier(name)}`,
  );
  const joins = view.joins.map(({ dimension, on }) => {
    const [key = ''] = Object.keys(dimension.key);
    const alias = aliasOf.get(dimension.name);
    return `left join ${tableName(starShape(dimension))} ${alias} on ${alias}.${identifier(key)} = f.${identifier(on)}`;
  });
  return [`select\n${columns.join(',\n')}`, `from ${tableName(starShape(view.fact))} f`, ...joins].join('\n');
}
