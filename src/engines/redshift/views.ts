import { createHash } from 'node:crypto';
import type { Ddl, ViewShape } from '../../sql/dialect.ts';
import { textLiteral } from '../../sql/quote.ts';
import { tableName } from '../../sql/shapes.ts';
import { isRelation, oid, relations } from './catalogue.ts';

/**
 * Replaces a view only where it is another one: replacing keeps its readers out (dg:r_CREATE_VIEW). Redshift does not
 * keep what it was created from, so a comment on it does. Other columns need another view, which takes the grants with
 * it; the same columns keep them.
 */
export function createView(view: ViewShape, query: string): readonly Ddl[] {
  const name = tableName(view);
  const mark = markOf(view, query);
  const unless = `select 1 ${fromComments} where d.description = ${textLiteral(mark)} and ${isRelation(view)}`;
  return [
    { sql: `drop view if exists ${name}`, unless: thereIsNoOther(view) },
    { sql: `create or replace view ${name} as\n${query}`, unless },
    { sql: `comment on view ${name} is ${textLiteral(mark)}`, unless },
  ];
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const columnsMark = ({ columns }: ViewShape): string => `columns ${digest(columns.join())}`;

const markOf = (view: ViewShape, query: string): string => `query ${digest(query)}, ${columnsMark(view)}`;

function thereIsNoOther(view: ViewShape): string {
  const other = `(d.description is null or d.description not like ${textLiteral(`%${columnsMark(view)}`)})`;
  return `select 1 from (select count(*) as others ${fromComments} where ${other} and ${isRelation(view)}) v where v.others = 0`;
}

const fromComments = `from ${relations} left join pg_description d on d.objoid = c.${oid} and d.objsubid = 0`;
