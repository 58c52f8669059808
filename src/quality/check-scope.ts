import type { Staging } from '../model/staging.ts';
import type { StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression } from '../sql/render.ts';
import { duplicatesShape, stagingShape, starShape, tableName, winnersName } from '../sql/shapes.ts';
import { batchObjects, starScratch } from '../transform/scratch.ts';
import { appeared, disappeared } from '../transform/settle-winners.ts';
import { columnsFrom, equalKeys } from '../transform/sql-text.ts';
import type { CheckStatement } from './derive-checks.ts';

type FactOfStaging = StarTable & { readonly from: Staging };

/** Which rows the checks look at; relations and conditions in SQL. */
export interface CheckScope {
  /** Rows whose values are checked. */
  rows(table: Staging | StarTable): string;
  /** Rows whose keys must differ. */
  keyed(table: StarTable): string;
  /** Rows of a table whose column must be the key of a dimension. */
  referring(table: StarTable, column: string, dimension: StarTable): string;
  /** `prefix in (…)` where only some objects are meant, else nothing. */
  ofObjects(prefix: string): string;
  /** The statement that every staged line of the fact's kind is a row of it or a counted duplicate. */
  factBalance(table: FactOfStaging, dialect: Dialect): CheckStatement;
}

/** Every row there is. */
export const everything: CheckScope = Object.freeze({
  rows: nameOf,
  keyed: nameOf,
  referring: nameOf,
  ofObjects: () => '',
  factBalance: (table: FactOfStaging, dialect: Dialect) => balanceOf(table, wholeBalance(table, dialect)),
} satisfies CheckScope);

/**
 * What the batch under way has changed, by its temporary tables: what held before it and was not touched still holds.
 * Rows of a dimension that are gone are looked for in the rows that refer to it.
 */
export const touchedRows: CheckScope = Object.freeze({
  rows: (table: Staging | StarTable) =>
    table.kind === 'staging' ? addedLines(table) : tableName(starScratch(table, 'after')),
  keyed: (table: StarTable) => ofTouchedKeys(table),
  referring: referringNow,
  ofObjects: (prefix: string) => `${prefix} in (select object_id from ${tableName(batchObjects)})`,
  factBalance: (table: FactOfStaging, dialect: Dialect) => balanceOf(table, changeBalance(table, dialect)),
} satisfies CheckScope);

function nameOf(table: Staging | StarTable): string {
  return tableName(table.kind === 'staging' ? stagingShape(table) : starShape(table));
}

function addedLines(staging: Staging): string {
  return `(select s.* from ${nameOf(staging)} s join ${tableName(batchObjects)} b on b.object_id = s.object_id where b.change = 'added')`;
}

function ofTouchedKeys(table: StarTable): string {
  const keys = Object.keys(table.key);
  return `(select ${columnsFrom('s', keys)} from ${nameOf(table)} s join ${tableName(starScratch(table, 'touched'))} t on ${equalKeys(keys, 't', 's')})`;
}

function referringNow(table: StarTable, column: string, dimension: StarTable): string {
  const [key = ''] = Object.keys(dimension.key);
  const name = identifier(column);
  return [
    '(',
    `  select ${name} from ${tableName(starScratch(table, 'after'))}`,
    '  union all',
    `  select s.${name} from ${nameOf(table)} s`,
    `  join ${tableName(starScratch(dimension, 'gone'))} g on g.${identifier(key)} = s.${name}`,
    ')',
  ].join('\n');
}

function balanceOf(table: FactOfStaging, sql: string): CheckStatement {
  const says = `staged lines are neither in ${table.name} nor counted as duplicates`;
  return {
    checks: [{ name: `${table.name}_balance`, kind: 'balance', table: table.name, severity: 'fail', says }],
    sql,
  };
}

function wholeBalance(table: FactOfStaging, dialect: Dialect): string {
  const where = whereOf(table, dialect);
  const staged = nameOf(table.from);
  const repeated = (relation: string) =>
    `(select count(*) from ${relation} s join ${tableName(duplicatesShape(table.from))} d on ${equalKeys(table.from.key, 'd', 's')} where ${where})`;
  return [
    'select abs(',
    `  (select count(*) from ${staged} s where ${where})`,
    `  - (select count(*) from ${nameOf(table)})`,
    `  - (${repeated(staged)} - ${repeated(winnersName(table.from))})`,
    ')',
  ].join('\n');
}

/** Of the keys that changed as many rows must be there, less those that were, as winners of the fact's kind came, less those that went. */
function changeBalance(table: FactOfStaging, dialect: Dialect): string {
  const where = whereOf(table, dialect);
  return [
    'select abs(',
    `  (select count(*) from ${appeared(table.from)} s where ${where})`,
    `  - (select count(*) from ${disappeared(table.from)} s where ${where})`,
    `  - ((select count(*) from ${ofTouchedKeys(table)} k) - (select count(*) from ${tableName(starScratch(table, 'gone'))} g))`,
    ')',
  ].join('\n');
}

function whereOf({ where }: StarTable, dialect: Dialect): string {
  return where ? renderExpression(where, dialect, aliased('s')) : 'true';
}
