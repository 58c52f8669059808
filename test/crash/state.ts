import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { openTarget } from '../../src/engines/index.ts';
import { confirmLedger } from '../../src/ledger/mutex.ts';
import { findTables } from '../../src/quality/found-tables.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { sparkifyJson } from '../cli/in-process.ts';

/** A hash of every row of staging, star and what the ledger says of objects; 'nothing' where there is no row at all. */
export async function stateOf(target: string): Promise<string> {
  if (!existsSync(target.replace(/^duckdb:/, ''))) return 'nothing';
  const session = await openTarget(target, { mode: 'read' });
  try {
    if (!(await confirmLedger(session)) || (await findTables(sparkify, session)).missing.length > 0) return 'nothing';
    const rows: Record<string, readonly string[]> = {};
    for (const [name, sql] of Object.entries(queries)) {
      const found = await session.query(sql);
      rows[name] = found.rows.map((row) => row.map(String).join('\t')).toSorted();
    }
    if (Object.values(rows).every(({ length }) => length === 0)) return 'nothing';
    return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
  } finally {
    await session.close();
  }
}

const queries: Readonly<Record<string, string>> = {
  ...Object.fromEntries(sparkify.staging.map(({ name }) => [name, `select * exclude (object_id) from ${name}`])),
  ...Object.fromEntries(sparkify.tables.map(({ name }) => [name, `select * from ${name}`])),
  objects: `select uri, version, state, lines_read, lines_loaded, lines_rejected, lines_blank,
  (select count(*) from etl.rejects r where r.object_id = o.object_id and r.state = 'kept')
from etl.objects o`,
};

/** How the runs ended that `sparkify status` lists, the newest first. */
export async function runStates(target: string): Promise<readonly string[]> {
  const { data } = await sparkifyJson(['status', '--target', target]);
  const { runs = [] } = data as { runs?: readonly { state: string }[] };
  return runs.map(({ state }) => state);
}
