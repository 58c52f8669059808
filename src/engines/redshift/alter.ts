import type { ColumnShape, Ddl, TableShape } from '../../sql/dialect.ts';
import { identifier, textLiteral } from '../../sql/quote.ts';
import { tableName } from '../../sql/shapes.ts';
import { fittingCast } from '../fitting-cast.ts';
import { fromColumns, isRelation, oid } from './catalogue.ts';
import { typeName } from './render.ts';

/** There is no IF NOT EXISTS for columns (facts 2.7). */
export function addColumn(table: TableShape, column: ColumnShape): readonly Ddl[] {
  const sql = `alter table ${tableName(table)} add column ${identifier(column.name)} ${typeName(column.type)}`;
  return [{ sql, unless: thereIs(table, named(column.name)) }];
}

/** Not where a view of somebody else reads it, nor of a key (facts 2.7, dg:r_ALTER_TABLE). */
export function dropColumn(table: TableShape, column: string): readonly Ddl[] {
  const sql = `alter table ${tableName(table)} drop column ${identifier(column)}`;
  return [{ sql, unless: thereIsNo(table, named(column)), obstacles: [readers(table, column), keys(table, column)] }];
}

/**
 * Only the length of a VARCHAR changes in place (facts 2.7), at most down to what its longest value needs. For all else
 * another column takes values and name over, which that of a key cannot.
 */
export function changeColumnType(table: TableShape, { name, type }: ColumnShape): readonly Ddl[] {
  const [shape, column, next] = [tableName(table), identifier(name), identifier(nextName(name))];
  const old = `${named(name)} and data_type <> ${textLiteral(catalogueName(type))}`;
  const done = `${named(name)} and data_type = ${textLiteral(catalogueName(type))}`;
  const steps: Ddl[] = [
    {
      sql: `alter table ${shape} add column ${next} ${typeName(type)}`,
      unless: thereIs(table, `(${named(nextName(name))} or ${done})`),
      obstacles: [readers(table, name), keys(table, name)],
    },
    {
      sql: `update ${shape} set ${next} = ${fittingCast(column, type, typeName(type))}`,
      unless: thereIsNo(table, old),
      copies: true,
    },
    { sql: `alter table ${shape} drop column ${column}`, unless: thereIsNo(table, old) },
    {
      sql: `alter table ${shape} rename column ${next} to ${column}`,
      unless: thereIs(table, named(name)),
    },
  ];
  return type.kind === 'text' ? [...steps, changeLength(table, name, type.bytes)] : steps;
}

function changeLength(table: TableShape, name: string, bytes: number): Ddl {
  return {
    sql: `alter table ${tableName(table)} alter column ${identifier(name)} type varchar(${bytes})`,
    unless: thereIs(table, `${named(name)} and character_maximum_length = ${bytes}`),
    obstacles: [readers(table, name), longerValues(table, name, bytes)],
    alone: true,
  };
}

/** Views that read the column; ours are dropped by then. A late-binding one depends on nothing (facts 2.7). */
function readers(table: TableShape, column: string): string {
  const hint = textLiteral(
    'Drop the view, run again, then create it anew with its grants; WITH NO SCHEMA BINDING keeps it out of the way.',
  );
  return `select distinct 'the view ' || v_n.nspname || '.' || v.relname || ' reads it', ${hint}
from pg_class c
join pg_namespace n on n.${oid} = c.relnamespace
join pg_attribute a on a.attrelid = c.${oid} and a.attname = ${textLiteral(column)}
join pg_depend d on d.refobjid = c.${oid} and d.refobjsubid = a.attnum
join pg_depend d_v on d_v.objid = d.objid and d_v.classid = d.classid and d_v.deptype = 'i'
join pg_class v on v.${oid} = d_v.refobjid and v.relkind = 'v'
join pg_namespace v_n on v_n.${oid} = v.relnamespace
where ${isRelation(table)}`;
}

/** A column of a key cannot be dropped (dg:r_ALTER_TABLE). */
function keys(table: TableShape, column: string): string {
  const { name } = table;
  const hint = textLiteral(
    `Redshift drops no column of a key: drop table ${tableName(table)} and the views on it; the next run makes all of it anew.`,
  );
  if (table.key?.includes(column))
    return `select 'it is of the key', ${hint} ${fromColumns(table)} and ${named(column)}`;
  return `select 'it is a distribution or sort key', ${hint} from pg_table_def where schemaname = current_schema() and tablename = ${textLiteral(name)} and ${identifier('column')} = ${textLiteral(column)} and (distkey or sortkey <> 0)`;
}

function longerValues(table: TableShape, column: string, bytes: number): string {
  const hint = textLiteral('Declare a length that holds them, or have them shortened in the source and loaded first.');
  return `select 'it has values of more than ${bytes} bytes', ${hint} from ${tableName(table)} where octet_length(${identifier(column)}) > ${bytes} limit 1`;
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
