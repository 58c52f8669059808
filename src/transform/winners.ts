import type { Staging } from '../model/staging.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier, list, qualified } from '../sql/quote.ts';
import { renderOrder } from '../sql/render.ts';
import { duplicatesShape, ledgerSchema, stagingShape, tableName } from '../sql/shapes.ts';

/**
 * Natural keys that stand on more than one line. Nearly all keys stand on one, so they are found once and kept; what
 * reads the winners then only has to leave these few aside.
 */
export function insertDuplicates(staging: Staging): string {
  const keys = staging.key.map(identifier);
  const shape = duplicatesShape(staging);
  return [
    `insert into ${tableName(shape)} ${list(shape.columns.map(({ name }) => identifier(name)))}`,
    `select ${keys.map((key) => `s.${key}`).join(', ')}, count(*), ${conflicting(staging)}`,
    `from ${tableName(stagingShape(staging))} s`,
    'join (',
    `  select ${keys.join(', ')}`,
    `  from ${tableName(stagingShape(staging))}`,
    `  group by ${keys.join(', ')}`,
    '  having count(*) > 1',
    `) d on ${keys.map((key) => `d.${key} = s.${key}`).join(' and ')}`,
    `group by ${keys.map((key) => `s.${key}`).join(', ')}`,
  ].join('\n');
}

/** Whether the lines of a group differ in a column in which they must not; NULL differs from any value. */
function conflicting({ conflictingIn }: Staging): string {
  const differs = conflictingIn
    .map((name) => `s.${identifier(name)}`)
    .map((column) => `count(distinct ${column}) + max(case when ${column} is null then 1 else 0 end) > 1`);
  return differs.length === 0 ? 'false' : differs.join(' or ');
}

/**
 * The SELECT behind the view of winners: one row per natural key. Of several lines with a key: those of existing
 * objects before those of vanished ones, then the greatest by `newest`, then all columns in order, NULL last, text by
 * its bytes; never the time of arrival. Lines that tie in all of that are equal in every column.
 */
export function winnersQuery(staging: Staging, dialect: Dialect): string {
  const columns = Object.keys(staging.columns).map(identifier);
  const keys = staging.key.map(identifier);
  const table = tableName(stagingShape(staging));
  const duplicates = tableName(duplicatesShape(staging));
  const sameKey = keys.map((key) => `d.${key} = s.${key}`).join(' and ');
  return [
    `select ${columns.map((column) => `s.${column}`).join(', ')}`,
    `from ${table} s`,
    `left join ${duplicates} d on ${sameKey}`,
    `where d.${keys[0]} is null`,
    'union all',
    `select ${columns.join(', ')}`,
    'from (',
    `  select s.*, row_number() over (`,
    `    partition by ${keys.map((key) => `s.${key}`).join(', ')}`,
    `    order by ${winnerOrder(staging, dialect).join(', ')}`,
    '  ) as place',
    `  from ${table} s`,
    `  join ${duplicates} d on ${sameKey}`,
    `  left join ${qualified(ledgerSchema, 'objects')} o on o.object_id = s.object_id`,
    ') ranked',
    'where place = 1',
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
  ];
}
