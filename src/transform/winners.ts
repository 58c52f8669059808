import type { Staging } from '../model/staging.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier, qualified } from '../sql/quote.ts';
import { renderOrder } from '../sql/render.ts';
import { duplicatesShape, insertInto, ledgerSchema, stagingShape, tableName } from '../sql/shapes.ts';
import { equalKeys, indented, placeColumn } from './sql-text.ts';

/**
 * Finds the natural keys that stand on more than one line of `lines`, a relation with the columns of the staging table
 * and `object_id`, and picks the winner of each: of lines in existing objects before those in vanished ones the
 * greatest by `newest`, then by all columns in order, NULL last, text by its bytes; never by the time of arrival.
 * Lines that tie in all of that are equal in every column; the number of their object only
 * decides which of them provenance names.
 */
export function insertDuplicates(staging: Staging, lines: string, dialect: Dialect): string {
  const keys = staging.key.map(identifier);
  const columns = [...Object.keys(staging.columns), 'object_id'].map(identifier);
  const shape = duplicatesShape(staging);
  return [
    insertInto(shape),
    `select ${columns.map((column) => `w.${column}`).join(', ')}, k.lines, k.versions, k.conflicting`,
    'from (',
    `  select s.*, row_number() over (`,
    `    partition by ${keys.map((key) => `s.${key}`).join(', ')}`,
    `    order by ${winnerOrder(staging, dialect).join(', ')}`,
    `  ) as ${placeColumn}`,
    `  from ${repeatedLines(staging, lines)}`,
    `  left join ${qualified(ledgerSchema, 'objects')} o on o.object_id = s.object_id`,
    ') w',
    'join (',
    ...indented(keyCounts(staging, lines)),
    `) k on ${equalKeys(staging.key, 'k', 'w')}`,
    `where w.${placeColumn} = 1`,
  ].join('\n');
}

/** Nearly all keys stand on one line: everything wide is done for the few others alone. */
function repeatedLines({ key }: Staging, lines: string): string {
  const keys = key.map(identifier).join(', ');
  return `${lines} s join (select ${keys} from ${lines} l group by ${keys} having count(*) > 1) r on ${equalKeys(key, 'r', 's')}`;
}

function keyCounts(staging: Staging, lines: string): string {
  const columns = Object.keys(staging.columns).map((name) => `s.${identifier(name)}`);
  const keys = staging.key.map((key) => `v.${identifier(key)}`).join(', ');
  return [
    `select ${keys}, cast(sum(v.lines) as bigint) as lines, count(*) as versions, ${conflicting(staging)} as conflicting`,
    'from (',
    `  select ${columns.join(', ')}, count(*) as lines`,
    `  from ${repeatedLines(staging, lines)}`,
    `  group by ${columns.join(', ')}`,
    ') v',
    `group by ${keys}`,
  ].join('\n');
}

/** Whether the lines of a group differ in a column in which they must not; NULL differs from any value. */
function conflicting({ conflictingIn }: Staging): string {
  const differs = conflictingIn
    .map((name) => `v.${identifier(name)}`)
    .map((column) => `count(distinct ${column}) + max(case when ${column} is null then 1 else 0 end) > 1`);
  return differs.length === 0 ? 'false' : `(${differs.join(' or ')})`;
}

/** The SELECT behind the view of winners: one row per natural key, with the object it came from. */
export function winnersQuery(staging: Staging): string {
  const columns = [...Object.keys(staging.columns), 'object_id'].map(identifier);
  const duplicates = tableName(duplicatesShape(staging));
  return [
    `select ${columns.map((column) => `s.${column}`).join(', ')}`,
    `from ${tableName(stagingShape(staging))} s`,
    `left join ${duplicates} d on ${equalKeys(staging.key, 'd', 's')}`,
    `where d.${identifier(staging.key[0] ?? '')} is null`,
    'union all',
    `select ${columns.join(', ')}`,
    `from ${duplicates}`,
  ].join('\n');
}

function winnerOrder({ newest, row }: Staging, dialect: Dialect): string[] {
  const scope = { column: (name: string) => `s.${identifier(name)}` };
  const by = (name: string, direction: 'ascending' | 'descending') => {
    const column = row[name];
    return column ? [renderOrder({ by: column, direction }, dialect, scope)] : [];
  };
  return [
    `case when o.state = 'vanished' then 1 else 0 end`,
    ...by(newest, 'descending'),
    ...Object.keys(row).flatMap((name) => by(name, 'ascending')),
    's.object_id',
  ];
}
