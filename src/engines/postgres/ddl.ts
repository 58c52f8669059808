import { createHash } from 'node:crypto';
import type { ColumnType } from '../../model/column-type.ts';
import type { ColumnShape, TableShape, TitledStatement } from '../../sql/dialect.ts';
import { dollarQuoted, identifier, list, qualified, textLiteral } from '../../sql/quote.ts';
import type { SearchedTable } from '../../sql/searched.ts';
import { tableName } from '../../sql/shapes.ts';
import { fittingCast } from '../fitting-cast.ts';
import { typeName } from './render.ts';

/** Only where it is missing: `if not exists` asks for the right to create schemas all the same. */
export function createSchema(schema: string): string {
  return block(`  if to_regnamespace(${textLiteral(schema)}) is null then
    create schema ${identifier(schema)};
  end if;`);
}

/** Keys and indexes come after the first load (`maintain`): building them meanwhile would cost several times as much. */
export function createTable({ schema, name, columns }: TableShape): string {
  return `create table if not exists ${qualified(schema, name)} ${columnList(columns)}`;
}

/** Of this session alone, in a schema of its own that is looked in first. */
export function createTemporaryTable({ name, columns }: TableShape): string {
  return `create temporary table if not exists ${identifier(name)} ${columnList(columns)}`;
}

/** Autovacuum never looks at a temporary table: without this the planner guesses its rows from its size alone. */
export function describeTemporaryTable({ name }: TableShape): readonly TitledStatement[] {
  return [{ title: `refresh the statistics of ${name}`, sql: `analyze ${identifier(name)}` }];
}

/**
 * Replaces a view only where it differs: replacing waits for the readers of the old one, and new readers wait behind.
 * PostgreSQL rewrites what it keeps of a view, so that both are compared as it writes them. Dropping takes the grants
 * with it and is left for a view whose columns have changed.
 */
export function createView(schema: string | undefined, name: string, query: string): string {
  const view = qualified(schema, name);
  return block(`  create temporary view sparkify_view as
${query};
  if pg_get_viewdef(to_regclass(${textLiteral(view)})) is distinct from pg_get_viewdef('pg_temp.sparkify_view'::regclass) then
    begin
      execute ${textLiteral(`create or replace view ${view} as `)} || pg_get_viewdef('pg_temp.sparkify_view'::regclass);
    exception when invalid_table_definition then
      drop view ${view};
      execute ${textLiteral(`create view ${view} as `)} || pg_get_viewdef('pg_temp.sparkify_view'::regclass);
    end;
  end if;
  drop view pg_temp.sparkify_view;`);
}

export function addColumn({ schema, name }: TableShape, column: ColumnShape): string {
  return `alter table ${qualified(schema, name)} add column if not exists ${columnLine(column).trim()}`;
}

/** Fails where a view of somebody else reads the column. */
export function changeColumnType({ schema, name }: TableShape, column: ColumnShape): string {
  const [field, type] = [identifier(column.name), typeName(column.type)];
  const typed = `${type}${collation(column.type)}`;
  return `alter table ${qualified(schema, name)} alter column ${field} type ${typed} using ${fittingCast(field, column.type, type)}`;
}

/** Fails where a view of somebody else reads the column. */
export function dropColumn({ schema, name }: TableShape, column: string): string {
  return `alter table ${qualified(schema, name)} drop column if exists ${identifier(column)}`;
}

/** Indexes where they are missing, then what the planner needs to know of each table. */
export function maintain(tables: readonly SearchedTable[]): readonly TitledStatement[] {
  return tables.flatMap((table) => [
    { title: `index ${table.shape.name}`, sql: createIndexes(table) },
    { title: `refresh the statistics of ${table.shape.name}`, sql: `analyze ${tableName(table.shape)}` },
  ]);
}

/**
 * Indexes for the keys and for each way in which rows are looked for. A key that the run has verified is declared: of a
 * dimension that a query does not use, the planner then leaves out the join. `if not exists` would ask for ownership of
 * the table all the same.
 */
function createIndexes({ shape, key, searchedBy }: SearchedTable): string {
  const groups = searchedBy.filter((columns) => columns.join() !== key.join());
  const indexes = [
    { kind: 'unique index', columns: key, suffix: 'key' },
    ...groups.map((columns) => ({ kind: 'index', columns, suffix: 'idx' })),
  ].filter(({ columns }) => canBeIndexed(shape, columns));
  const statements = indexes.map(({ kind, columns, suffix }) => {
    const name = identifier(indexName([shape.name, ...columns, suffix].join('_')));
    return `  if to_regclass(${textLiteral(name)}) is null then
    create ${kind} ${name} on ${tableName(shape)} ${list(columns.map(identifier))};
  end if;`;
  });
  return block(statements.join('\n'));
}

/** An entry of a B-tree has room for 2,704 bytes; where texts could need more, a row that does would fail the run. */
function canBeIndexed({ columns }: TableShape, names: readonly string[]): boolean {
  const bytes = names.map((name) => {
    const type = columns.find((column) => column.name === name)?.type;
    return type?.kind === 'text' ? type.bytes + 4 : 8;
  });
  return names.length > 0 && bytes.reduce((sum, size) => sum + size, 0) <= 2_600;
}

/** PostgreSQL cuts names at 63 bytes, and would take two long ones for the same. */
function indexName(name: string): string {
  if (Buffer.byteLength(name) <= 63) return name;
  return `${name.slice(0, 40)}_${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

function columnList(columns: readonly ColumnShape[]): string {
  return `(\n${columns.map(columnLine).join(',\n')}\n)`;
}

function columnLine({ name, type, notNull = false }: ColumnShape): string {
  return `  ${identifier(name)} ${typeName(type)}${collation(type)}${notNull ? ' not null' : ''}`;
}

/** Text is compared by its bytes whatever the database's collation, in indexes, groups and joins too. */
function collation({ kind }: ColumnType): string {
  return kind === 'text' ? ' collate "C"' : '';
}

function block(statements: string): string {
  return `do ${dollarQuoted(`\nbegin\n${statements}\nend\n`)}`;
}
