import type { Session } from '../engines/engine.ts';
import type { Staging } from '../model/staging.ts';
import { lookupsOf, type StarTable } from '../model/star-table.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { comment } from '../sql/quote.ts';
import { stagingShape, starShape, tableName } from '../sql/shapes.ts';
import {
  changedRows,
  computeAfter,
  computeAll,
  countUpdated,
  deleteGone,
  deleteKeyless,
  findKept,
  insertAfter,
  leaveKept,
  noteGone,
  rematch,
  touchAll,
  touchByFact,
  touchByLines,
} from './refresh-table.ts';
import { isDerived, readsStaging } from './select-rows.ts';
import { findTouched, settleWinners } from './settle-winners.ts';
import { fillTable, refillDuplicates, type Statement } from './statements.ts';

/** How many rows of a table a batch inserted, updated and deleted. Rows that come out as they were count nowhere. */
export interface TableChange {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export interface Refresh {
  readonly session: Session;
  readonly warehouse: Warehouse;
  /** What the batch does to a staging table: 'all' where every line of it may be another than before. */
  readonly scopeOf: (staging: Staging) => 'all' | 'touched' | 'none';
  /** Whether a table's definition is another one than when it was computed last. */
  readonly isOutdated: (table: StarTable) => boolean;
  /** Named in the leading comment of every statement. */
  readonly runId: string;
  readonly onTable: (table: string) => void;
}

/** How the rows of a table came to be: what reads the table must know what changed in it. */
type Outcome = 'filled' | 'refreshed' | 'unchanged';

interface Work extends Refresh {
  readonly outcomes: Map<StarTable, Outcome>;
  /** Runs a statement and gives the number of rows it changed. */
  readonly execute: (statement: Statement) => Promise<number>;
}

/**
 * Brings duplicates and star to what staging holds, table by table in the order of the model. Where all of staging is
 * new, tables are filled. Otherwise only the keys that the batch touches are computed again, always from staging's
 * winners, and rows that come out as they were are not written.
 */
export async function refreshStar(refresh: Refresh): Promise<readonly TableChange[]> {
  const { session, warehouse, runId } = refresh;
  const work: Work = { ...refresh, outcomes: new Map(), execute: (statement) => execute(statement, session, runId) };
  for (const staging of warehouse.staging) await refreshWinners(staging, work);
  const changes: TableChange[] = [];
  for (const table of warehouse.tables) {
    refresh.onTable(table.name);
    changes.push({ table: table.name, ...(await refreshTable(table, work)) });
  }
  return changes;
}

async function execute({ title, sql, fills }: Statement, session: Session, runId: string): Promise<number> {
  const changed = await session.run(`${comment(`${runId} ${title}`)}\n${sql}`);
  if (fills === undefined || changed < describedRows) return changed;
  for (const described of session.dialect.describeTemporaryTable(fills)) {
    await session.run(`${comment(`${runId} ${described.title}`)}\n${described.sql}`);
  }
  return changed;
}

/** Of fewer rows no statistics are asked for; the number is a guess, not measured. */
const describedRows = 500;

async function refreshWinners(staging: Staging, { scopeOf, session, execute, onTable }: Work): Promise<void> {
  const scope = scopeOf(staging);
  if (scope === 'none') return;
  onTable(staging.name);
  if (scope === 'all') {
    for (const statement of refillDuplicates(staging, session.dialect)) await execute(statement);
  } else if ((await execute(findTouched(staging))) > 0) {
    for (const statement of settleWinners(staging, session.dialect)) await execute(statement);
  }
}

type Counts = Omit<TableChange, 'table'>;

const noChange: Counts = { inserted: 0, updated: 0, deleted: 0 };

async function refreshTable(table: StarTable, work: Work): Promise<Counts> {
  const { outcomes, isOutdated } = work;
  if (isOutdated(table) || isAllNew(table, work)) {
    if (await isEmpty(table, work)) return fill(table, work);
    if (isOutdated(table)) await work.execute(deleteKeyless(table));
    await work.execute(touchAll(table));
    await work.execute(computeAll(table, work.session.dialect));
    return apply(table, work);
  }
  if ((await touch(table, work)) === 0) {
    outcomes.set(table, 'unchanged');
    return noChange;
  }
  await work.execute(computeAfter(table, work.session.dialect));
  return apply(table, work);
}

function isAllNew(table: StarTable, { scopeOf, outcomes }: Work): boolean {
  return readsStaging(table) ? scopeOf(table.from) === 'all' : outcomes.get(table.from as StarTable) === 'filled';
}

async function isEmpty(table: StarTable, { session }: Work): Promise<boolean> {
  const { rows } = await session.all(
    `-- look for rows of ${table.name}\nselect count(*) from (select 1 as present from ${tableName(starShape(table))} limit 1) found`,
  );
  return Number(rows[0]?.[0]) === 0;
}

async function fill(table: StarTable, { session, outcomes, execute }: Work): Promise<Counts> {
  const [empty, insert] = fillTable(table, session.dialect);
  await execute(empty);
  const inserted = await execute(insert);
  outcomes.set(table, 'filled');
  return { ...noChange, inserted };
}

/** Finds the keys to compute again, and gives their number. */
async function touch(table: StarTable, work: Work): Promise<number> {
  const { session, execute, outcomes, scopeOf } = work;
  if (isDerived(table)) {
    return outcomes.get(table.from) === 'refreshed' ? execute(touchByFact(table, session.dialect)) : 0;
  }
  if (!readsStaging(table)) return 0;
  let touched = scopeOf(table.from) === 'none' ? 0 : await execute(touchByLines(table, session.dialect));
  for (const lookup of lookupsOf(table)) {
    const outcome = outcomes.get(lookup.dimension);
    if (outcome === undefined || outcome === 'unchanged') continue;
    const changed = outcome === 'filled' ? tableName(starShape(lookup.dimension)) : changedRows(lookup.dimension);
    const [find, gather, note] = rematch(table, lookup, changed, session.dialect);
    if (find && gather && note && (await execute(find)) > 0) {
      await execute(gather);
      touched += await execute(note);
    }
  }
  return touched;
}

/** Replaces the rows of the touched keys by those in `after`, leaving those alone that are as they shall be. */
async function apply(table: StarTable, { session, outcomes, execute }: Work): Promise<Counts> {
  if ((await execute(findKept(table, session.dialect))) > 0) {
    for (const statement of leaveKept(table)) await execute(statement);
  }
  const gone = await execute(noteGone(table));
  if (gone > 0) await execute(deleteGone(table));
  const come = await execute(insertAfter(table));
  const updated = gone > 0 && come > 0 ? await count(session, countUpdated(table)) : 0;
  outcomes.set(table, gone + come > 0 ? 'refreshed' : 'unchanged');
  return { inserted: come - updated, updated, deleted: gone - updated };
}

async function count(session: Session, sql: string): Promise<number> {
  const { rows } = await session.all(sql);
  return Number(rows[0]?.[0] ?? 0);
}

/** Whether a staging table holds a line. */
export async function hasLines(staging: Staging, session: Session): Promise<boolean> {
  const sql = `select count(*) from (select 1 as present from ${tableName(stagingShape(staging))} limit 1) found`;
  return (await count(session, `-- look for lines of ${staging.name}\n${sql}`)) > 0;
}
