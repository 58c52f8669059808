import type { Staging } from '../model/staging.ts';
import type { Dialect } from '../sql/dialect.ts';
import { identifier } from '../sql/quote.ts';
import { duplicatesShape, insertInto, stagingShape, tableName } from '../sql/shapes.ts';
import { batchObjects, type ScratchName, stagingScratch } from './scratch.ts';
import { columnsFrom, equalKeys, indented } from './sql-text.ts';
import type { Statement } from './statements.ts';
import { insertDuplicates } from './winners.ts';

/**
 * The keys for which more must be looked at than the one line that a batch adds: those of lines that go, those that
 * are or become duplicates. A key that stands on one added line and nowhere else needs no thought.
 */
export function findTouched(staging: Staging): Statement {
  const staged = tableName(stagingShape(staging));
  const keys = (alias: string) => columnsFrom(alias, staging.key);
  return fill(staging, 'touched', 'find the keys to look at', [
    `select ${keys('s')}`,
    `from ${staged} s`,
    `join ${tableName(batchObjects)} b on b.object_id = s.object_id`,
    `left join ${tableName(duplicatesShape(staging))} d on ${equalKeys(staging.key, 'd', 's')}`,
    `where b.change = 'removed' or d.${identifier(staging.key[0] ?? '')} is not null`,
    'union',
    `select ${keys('s')}`,
    `from ${staged} s`,
    'join (',
    ...indented(addedKeys(staging)),
    `) a on ${equalKeys(staging.key, 'a', 's')}`,
    `group by ${keys('s')}`,
    'having count(*) > 1',
  ]);
}

/**
 * What takes the lines that go away and brings the duplicates to what the batch makes of the touched keys, in order,
 * after the lines were added. In the end `before` holds the winners that disappear and `after` those that appear.
 */
export function settleWinners(staging: Staging, dialect: Dialect): readonly Statement[] {
  return [
    findObjects(staging),
    ...gatherCandidates(staging),
    winnersBefore(staging),
    ...settleDuplicates(staging, dialect),
  ];
}

/** Winners that the batch makes appear: a relation in SQL with the columns of the staging table. */
export function appeared(staging: Staging): string {
  const columns = Object.keys(staging.columns);
  return [
    '(',
    `  select ${columnsFrom('s', columns)}`,
    `  from ${tableName(stagingShape(staging))} s`,
    `  join ${tableName(batchObjects)} b on b.object_id = s.object_id`,
    `  left join ${name(staging, 'touched')} t on ${equalKeys(staging.key, 't', 's')}`,
    `  where b.change = 'added' and t.${identifier(staging.key[0] ?? '')} is null`,
    '  union all',
    `  select ${columns.map(identifier).join(', ')} from ${name(staging, 'after')}`,
    ')',
  ].join('\n');
}

/** Winners that the batch makes disappear: a relation in SQL with the columns of the staging table. */
export function disappeared(staging: Staging): string {
  return name(staging, 'before');
}

function addedKeys(staging: Staging): string {
  const keys = columnsFrom('s', staging.key);
  return [
    `select ${keys}`,
    `from ${tableName(stagingShape(staging))} s`,
    `join ${tableName(batchObjects)} b on b.object_id = s.object_id`,
    `where b.change = 'added'`,
    `group by ${keys}`,
  ].join('\n');
}

/** The lines of an object lie together, so whole lines are read by object and not all over history. */
function findObjects(staging: Staging): Statement {
  return fill(staging, 'objects', 'find the objects that hold them', [
    'select distinct s.object_id',
    `from ${tableName(stagingShape(staging))} s`,
    `join ${name(staging, 'touched')} t on ${equalKeys(staging.key, 't', 's')}`,
  ]);
}

function gatherCandidates(staging: Staging): Statement[] {
  const columns = columnsFrom('s', [...Object.keys(staging.columns), 'object_id']);
  return [
    fill(staging, 'candidates', 'gather their lines', [
      `select ${columns}`,
      `from ${tableName(stagingShape(staging))} s`,
      `join ${name(staging, 'objects')} o on o.object_id = s.object_id`,
      `join ${name(staging, 'touched')} t on ${equalKeys(staging.key, 't', 's')}`,
    ]),
  ];
}

function winnersBefore(staging: Staging): Statement {
  return fill(staging, 'before', 'note the winners as they were', [
    ...winnersAmong(
      staging,
      ['left join', `${tableName(batchObjects)} b on b.object_id = c.object_id`],
      `(b.change is null or b.change <> 'added')`,
    ),
  ]);
}

function settleDuplicates(staging: Staging, dialect: Dialect): Statement[] {
  const duplicates = tableName(duplicatesShape(staging));
  const [before, after, kept] = [name(staging, 'before'), name(staging, 'after'), name(staging, 'kept')];
  const candidates = name(staging, 'candidates');
  const columns = Object.keys(staging.columns);
  const removed = `where object_id in (select object_id from ${tableName(batchObjects)} where change = 'removed')`;
  const staged = tableName(stagingShape(staging));
  const same = columns.map((column) => dialect.isDistinct(`a.${identifier(column)}`, `b.${identifier(column)}`));
  return [
    step(staging, 'candidates', 'take the lines away that go', [`delete from ${staged}`, removed]),
    step(staging, 'candidates', 'take them out of the candidates', [`delete from ${candidates}`, removed]),
    step(staging, 'touched', 'forget what duplicates there were', [
      `delete from ${duplicates}`,
      `using ${name(staging, 'touched')} t`,
      `where ${equalKeys(staging.key, 't', duplicates)}`,
    ]),
    {
      table: staging.name,
      title: `find the duplicates there are in ${staging.name}`,
      sql: insertDuplicates(staging, candidates, dialect),
    },
    fill(staging, 'after', 'note the winners as they are', [...winnersAmong(staging)]),
    fill(staging, 'kept', 'find the winners that stay', [
      `select ${columnsFrom('a', staging.key)}`,
      `from ${after} a`,
      `join ${before} b on ${equalKeys(staging.key, 'a', 'b')}`,
      `where not (${same.join(' or ')})`,
    ]),
    ...[before, after].map((table) =>
      step(staging, 'kept', `leave them out of ${table}`, [
        `delete from ${table}`,
        `using ${kept} k`,
        `where ${equalKeys(staging.key, 'k', table)}`,
      ]),
    ),
  ];
}

/** The winners of the touched keys: the only line of a key, or what the duplicates say. */
function winnersAmong(staging: Staging, join: readonly string[] = [], condition?: string): string[] {
  const columns = Object.keys(staging.columns);
  const duplicates = tableName(duplicatesShape(staging));
  return [
    `select ${columnsFrom('c', columns)}`,
    `from ${name(staging, 'candidates')} c`,
    `left join ${duplicates} d on ${equalKeys(staging.key, 'd', 'c')}`,
    ...(join.length > 0 ? [join.join(' ')] : []),
    `where d.${identifier(staging.key[0] ?? '')} is null${condition === undefined ? '' : ` and ${condition}`}`,
    'union all',
    `select ${columnsFrom('d', columns)}`,
    `from ${duplicates} d`,
    `join ${name(staging, 'touched')} t on ${equalKeys(staging.key, 't', 'd')}`,
  ];
}

/** Puts rows into a temporary table of the staging table. */
function fill(staging: Staging, which: ScratchName, what: string, lines: readonly string[]): Statement {
  const shape = stagingScratch(staging, which);
  return { ...step(staging, which, what, [insertInto(shape), ...lines]), fills: shape };
}

function name(staging: Staging, which: ScratchName): string {
  return tableName(stagingScratch(staging, which));
}

function step(staging: Staging, which: ScratchName, what: string, lines: readonly string[]): Statement {
  return { table: staging.name, title: `${staging.name}: ${what} (${which})`, sql: lines.join('\n') };
}
