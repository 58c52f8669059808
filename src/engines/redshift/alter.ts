import type { ColumnShape, Ddl, TableShape } from '../../sql/dialect.ts';
import { identifier, textLiteral } from '../../sql/quote.ts';
import { tableName } from '../../sql/shapes.ts';
import { fittingCast } from '../fitting-cast.ts';
import { fromColumns } from './catalogue.ts';
import { typeName } from './render.ts';

/** There is no IF NOT EXISTS for columns (facts 2.7). */
export function addColumn(table: TableShape, column: ColumnShape): readonly Ddl[] {
  const sql = `alter table ${tableName(table)} add column ${identifier(column.name)} ${typeName(column.type)}`;
  return [{ sql, unless: thereIs(table, named(column.name)) }];
}

/** Fails where a view of somebody else reads the column, or it is a key (facts 2.7). */
export function dropColumn(table: TableShape, column: string): readonly Ddl[] {
  const sql = `alter table ${tableName(table)} drop column ${identifier(column)}`;
  return [{ sql, unless: thereIsNo(table, named(column)) }];
}

/**
 * Only the length of a VARCHAR changes in place (facts 2.7), at most down to what its longest value needs. For all else
 * another column takes values and name over; each step knows whether a run that was cut off has done it.
 */
export function changeColumnType(table: TableShape, { name, type }: ColumnShape): readonly Ddl[] {
  const [shape, column, next] = [tableName(table), identifier(name), identifier(nextName(name))];
  const old = `${named(name)} and data_type <> ${textLiteral(catalogueName(type))}`;
  const done = `${named(name)} and data_type = ${textLiteral(catalogueName(type))}`;
  const steps: Ddl[] = [
    {
      sql: `alter table ${shape} add column ${next} ${typeName(type)}`,
      unless: thereIs(table, `(${named(nextName(name))} or ${done})`),
    },
    {
      sql: `update ${shape} set ${next} = ${fittingCast(column, type, typeName(type))}`,
      unless: thereIsNo(table, old),
    },
    { sql: `alter table ${shape} drop column ${column}`, unless: thereIsNo(table, old) },
    {
      sql: `alter table ${shape} rename column ${next} to ${column}`,
      unless: thereIsNo(table, named(nextName(name))),
    },
  ];
  return type.kind === 'text' ? [...steps, changeLength(table, name, type.bytes)] : steps;
}

function changeLength(table: TableShape, name: string, bytes: number): Ddl {
  return {
    sql: `alter table ${tableName(table)} alter column ${identifier(name)} type varchar(${bytes})`,
    unless: thereIs(table, `${named(name)} and character_maximum_length = ${bytes}`),
    alone: true,
  };
}

/** No column of a model has a `$` in its name. */
const nextName = (name: string): string => `${name}$new`;

const named = (name: string): string => `column_name = ${textLiteral(name)}`;

/** As information_schema writes them. */
function catalogueName(type: ColumnShape['type']): string {
  if (type.kind === 'text') return 'character varying';
  return type.kind === 'timestamp' ? 'timestamp without time zone' : typeName(type);
}

function thereIs(table: TableShape, condition: string): string {
  return `select 1 ${fromColumns(table)} and ${condition}`;
}

function thereIsNo(table: TableShape, condition: string): string {
  return `select 1 from (select count(*) as found ${fromColumns(table)} and ${condition}) c where c.found = 0`;
}
