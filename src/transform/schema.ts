import { type View, viewColumns } from '../model/view.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { duplicatesShape, stagingShape, starShape, tableName, viewShape, winnersShape } from '../sql/shapes.ts';
import { type DefiningStatement, defining } from './statements.ts';
import { winnersQuery } from './winners.ts';

/** The DDL of a warehouse, idempotent, in order: staging, duplicates and winners, star, views. */
export function createWarehouse(warehouse: Warehouse, dialect: Dialect): readonly DefiningStatement[] {
  const { staging, views } = warehouse;
  return [
    ...createTables(warehouse, dialect),
    ...staging.flatMap((table) =>
      defining(
        table.name,
        `create the view of the winners of ${table.name}`,
        dialect.createView(winnersShape(table), winnersQuery(table)),
      ),
    ),
    ...views.flatMap((view) =>
      defining(view.name, `create the view ${view.name}`, dialect.createView(viewShape(view), viewQuery(view))),
    ),
  ];
}

/** Those that are there stay as they are. */
export function createTables({ staging, tables }: Warehouse, dialect: Dialect): readonly DefiningStatement[] {
  const staged = staging.flatMap((table) => [stagingShape(table), duplicatesShape(table)]);
  return [...staged, ...tables.map(starShape)].flatMap((shape) =>
    defining(shape.name, `create ${shape.name}`, dialect.createTable(shape)),
  );
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
