import { type View, viewColumns } from '../model/view.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { duplicatesShape, stagingShape, starShape, tableName, viewShape, winnersShape } from '../sql/shapes.ts';
import { type DefiningStatement, defining } from './statements.ts';
import { winnersQuery } from './winners.ts';

/** The DDL of a warehouse, idempotent, in order: staging, duplicates and winners, star, views. */
export function createWarehouse(warehouse: Warehouse, dialect: Dialect): readonly DefiningStatement[] {
  return [...createTables(warehouse, dialect), ...createViews(warehouse, dialect).flatMap(({ create }) => create)];
}

/** What creates a view, and its name, quoted and ready for SQL. */
export interface ViewDefinition {
  readonly name: string;
  readonly create: readonly DefiningStatement[];
}

/** The winners of each staging table, and what people read. */
export function createViews({ staging, views }: Warehouse, dialect: Dialect): readonly ViewDefinition[] {
  const winners = staging.map((table) => {
    const shape = winnersShape(table);
    const title = `create the view of the winners of ${table.name}`;
    const create = defining(table.name, title, dialect.createView(shape, winnersQuery(table)));
    return { name: tableName(shape), create };
  });
  const read = views.map((view) => {
    const shape = viewShape(view);
    const create = defining(view.name, `create the view ${view.name}`, dialect.createView(shape, viewQuery(view)));
    return { name: tableName(shape), create };
  });
  return [...winners, ...read];
}

/** Those that are there stay as they are. */
export function createTables({ staging, tables }: Warehouse, dialect: Dialect): readonly DefiningStatement[] {
  const staged = staging.flatMap((table) => [stagingShape(table), duplicatesShape(table)]);
  return [...staged, ...tables.map(starShape)].flatMap((shape) =>
    defining(shape.name, `create ${shape.name}`, dialect.createTable(shape)),
  );
}

/** A fact with its dimensions by LEFT JOIN. */
export function viewQuery(view: View): string {
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
