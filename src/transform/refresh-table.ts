import type { Lookup } from '../model/lookup.ts';
import type { Staging } from '../model/staging.ts';
import { columnsOf, lookupsOf, type StarTable } from '../model/star-table.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { aliased, renderExpression } from '../sql/render.ts';
import { insertInto, starShape, tableName, winnersName } from '../sql/shapes.ts';
import { equalities } from './lookup.ts';
import { type ScratchName, starScratch } from './scratch.ts';
import { isDerived, selectRows } from './select-rows.ts';
import { appeared, disappeared } from './settle-winners.ts';
import { columnsFrom, equalKeys, indented } from './sql-text.ts';
import type { Statement } from './statements.ts';

type FromStaging = StarTable & { readonly from: Staging };

/** The keys of a table that changed winners touch: of the lines that appear and of those that disappear. */
export function touchByLines(table: FromStaging, dialect: Dialect): Statement {
  const keys = keyValues(table, dialect, 's').join(', ');
  const from = (lines: string) => [
    `select ${keys}`,
    `from ${lines} s`,
    ...(table.where ? [`where ${renderExpression(table.where, dialect, aliased('s'))}`] : []),
  ];
  return fill(table, 'touched', 'find the keys that changed lines touch', [
    ...from(appeared(table.from)),
    'union',
    ...from(disappeared(table.from)),
  ]);
}

/** The keys of a derived dimension that the changed rows of its fact touch. */
export function touchByFact(table: StarTable & { readonly from: StarTable }, dialect: Dialect): Statement {
  const keys = keyValues(table, dialect, 'f').join(', ');
  return fill(table, 'touched', `find the keys that changed rows of ${table.from.name} touch`, [
    `select ${keys} from ${scratch(table.from, 'gone')} f`,
    'union',
    `select ${keys} from ${scratch(table.from, 'after')} f`,
  ]);
}

/** Rows of a column of the key that is of another type now, or was altered by hand: no key finds them. */
export function deleteKeyless(table: StarTable): Statement {
  const conditions = Object.keys(table.key).map((name) => `${identifier(name)} is null`);
  return step(table, 'take rows away that have no key', [
    `delete from ${tableName(starShape(table))} where ${conditions.join(' or ')}`,
  ]);
}

/** Every key that the table has now. */
export function touchAll(table: StarTable): Statement {
  const keys = Object.keys(table.key);
  return fill(table, 'touched', 'take every key for touched', [
    `select distinct ${keys.map(identifier).join(', ')} from ${tableName(starShape(table))}`,
  ]);
}

/**
 * Late, corrected and vanished rows of a dimension: the winners that match an old or a new one of them are matched
 * again, also those that have found a row already, for the newcomer may be nearer.
 * @param changed a relation with the rows of the dimension as they were and as they are
 */
export function rematch(table: FromStaging, lookup: Lookup, changed: string, dialect: Dialect): readonly Statement[] {
  const { key } = table.from;
  const columns = Object.keys(table.from.columns);
  const winners = winnersName(table.from);
  const found = Object.keys(lookup.on).map(identifier).join(', ');
  const [rematched, places, touched] = [
    scratch(table, 'rematched'),
    scratch(table, 'rematch'),
    scratch(table, 'touched'),
  ];
  const equalTouched = Object.entries(table.key).map(
    ([name, { is }]) => `t.${identifier(name)} = ${renderExpression(is, dialect, aliased('s'))}`,
  );
  const conditions = [
    `t.${identifier(Object.keys(table.key)[0] ?? '')} is null`,
    ...(table.where ? [renderExpression(table.where, dialect, aliased('s'))] : []),
  ];
  return [
    fill(table, 'rematch', `find the lines that match changed rows of ${lookup.dimension.name}`, [
      `select ${columnsFrom('s', [...key, 'object_id'])}`,
      `from ${winners} s`,
      `join (select distinct ${found} from ${changed} c) d on ${equalities(lookup, dialect, 'd', 's').join(' and ')}`,
      `left join ${touched} t on ${equalTouched.join(' and ')}`,
      `where ${conditions.join(' and ')}`,
    ]),
    fill(table, 'rematched', 'gather those lines', [
      `select ${columnsFrom('s', columns)}`,
      `from ${winners} s`,
      `join ${places} r on r.object_id = s.object_id and ${equalKeys(key, 'r', 's')}`,
      `left join ${touched} t on ${equalTouched.join(' and ')}`,
      `where t.${identifier(Object.keys(table.key)[0] ?? '')} is null`,
    ]),
    fill(table, 'touched', 'take their keys for touched', [
      `select ${keyValues(table, dialect, 's').join(', ')}`,
      `from ${rematched} s`,
      `left join ${touched} t on ${equalTouched.join(' and ')}`,
      `where t.${identifier(Object.keys(table.key)[0] ?? '')} is null`,
    ]),
  ];
}

/** The rows that the touched keys shall have. */
export function computeAfter(table: StarTable, dialect: Dialect): Statement {
  const touched = scratch(table, 'touched');
  return fill(table, 'after', 'compute the rows of the touched keys', [
    selectRows(table, dialect, isFact(table) ? { lines: linesOf(table) } : { touched }),
  ]);
}

/** Every row that the table shall have. */
export function computeAll(table: StarTable, dialect: Dialect): Statement {
  return fill(table, 'after', 'compute every row', [selectRows(table, dialect)]);
}

/** Which rows are as they shall be already. */
export function findKept(table: StarTable, dialect: Dialect): Statement {
  const keys = Object.keys(table.key);
  const differs = Object.keys(columnsOf(table))
    .filter((name) => !keys.includes(name))
    .map((name) => dialect.isDistinct(`a.${identifier(name)}`, `b.${identifier(name)}`));
  return fill(table, 'kept', 'find the rows that stay as they are', [
    `select ${columnsFrom('a', keys)}`,
    `from ${scratch(table, 'after')} a`,
    `join ${tableName(starShape(table))} b on ${equalKeys(keys, 'a', 'b')}`,
    `group by ${columnsFrom('a', keys)}`,
    `having count(*) = 1${differs.length === 0 ? '' : ` and max(case when ${differs.join(' or ')} then 1 else 0 end) = 0`}`,
  ]);
}

/** Leaves the rows that stay out of what is deleted and inserted. */
export function leaveKept(table: StarTable): readonly Statement[] {
  const keys = Object.keys(table.key);
  return (['after', 'touched'] as const).map((which) =>
    step(table, `leave them out of what is ${which === 'after' ? 'inserted' : 'deleted'}`, [
      `delete from ${scratch(table, which)}`,
      `using ${scratch(table, 'kept')} k`,
      `where ${equalKeys(keys, 'k', scratch(table, which))}`,
    ]),
  );
}

/** Notes the rows that go or change, for what is derived from them. */
export function noteGone(table: StarTable): Statement {
  return fill(table, 'gone', 'note the rows that go or change', [
    `select ${columnsFrom('b', Object.keys(columnsOf(table)))}`,
    `from ${tableName(starShape(table))} b`,
    `join ${scratch(table, 'touched')} t on ${equalKeys(Object.keys(table.key), 't', 'b')}`,
  ]);
}

export function deleteGone(table: StarTable): Statement {
  const star = tableName(starShape(table));
  return step(table, 'delete them', [
    `delete from ${star}`,
    `using ${scratch(table, 'touched')} t`,
    `where ${equalKeys(Object.keys(table.key), 't', star)}`,
  ]);
}

export function insertAfter(table: StarTable): Statement {
  const names = Object.keys(columnsOf(table)).map(identifier).join(', ');
  return step(table, 'insert the rows that are new or changed', [
    insertInto(starShape(table)),
    `select ${names} from ${scratch(table, 'after')}`,
  ]);
}

/** Counts the keys that had a row and have another one now. */
export function countUpdated(table: StarTable): string {
  return `-- count the updates of ${table.name}\nselect count(*) from ${scratch(table, 'gone')} g join ${scratch(table, 'after')} a on ${equalKeys(Object.keys(table.key), 'a', 'g')}`;
}

/** The rows of a dimension as they were and as they are, of the keys that changed. */
export function changedRows(table: StarTable): string {
  const names = Object.keys(columnsOf(table)).map(identifier).join(', ');
  return `(select ${names} from ${scratch(table, 'gone')} union all select ${names} from ${scratch(table, 'after')})`;
}

/** A fact's lines to compute: those that appear and those that are matched again. */
function linesOf(table: FromStaging): string {
  if (lookupsOf(table).length === 0) return appeared(table.from);
  const columns = Object.keys(table.from.columns).map(identifier).join(', ');
  return [
    '(',
    ...indented(`select ${columns} from ${appeared(table.from)} appeared`),
    '  union all',
    `  select ${columns} from ${scratch(table, 'rematched')}`,
    ')',
  ].join('\n');
}

function isFact(table: StarTable): table is FromStaging {
  return table.kind === 'fact' && !isDerived(table);
}

function keyValues(table: StarTable, dialect: Dialect, alias: string): string[] {
  return Object.values(table.key).map(({ is }) => renderExpression(is, dialect, aliased(alias)));
}

function scratch(table: StarTable, which: ScratchName): string {
  return tableName(starScratch(table, which));
}

/** Puts rows into a temporary table of a star table. */
function fill(table: StarTable, which: ScratchName, what: string, lines: readonly string[]): Statement {
  const shape = starScratch(table, which);
  return { ...step(table, what, [insertInto(shape), ...lines]), fills: shape };
}

function step({ name }: StarTable, what: string, lines: readonly string[]): Statement {
  return { table: name, title: `${name}: ${what}`, sql: lines.join('\n') };
}
