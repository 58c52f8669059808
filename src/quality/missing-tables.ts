import type { Session } from '../engines/engine.ts';
import { SparkifyError } from '../errors.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { duplicatesShape, ledgerSchema, winnersShape } from '../sql/shapes.ts';

/** The tables and views of a warehouse that the target does not have, in the order of the model. */
export async function missingTables({ staging, tables, views }: Warehouse, session: Session): Promise<string[]> {
  const names = [...staging, ...tables, ...views].map(({ name }) => name);
  const found = await relationsIn(session.schemas, session);
  return names.filter((name) => !found.has(name));
}

/** The staging tables whose duplicates, or the view of whose winners, somebody has dropped. */
export async function withoutWinners({ staging }: Warehouse, session: Session): Promise<readonly Staging[]> {
  const found = await relationsIn([ledgerSchema], session);
  return staging.filter((table) => [duplicatesShape, winnersShape].some((shapeOf) => !found.has(shapeOf(table).name)));
}

async function relationsIn(schemas: readonly string[], session: Session): Promise<ReadonlySet<string>> {
  const { rows } = await session.all(`-- look for the tables and views\n${session.dialect.relationNames(schemas)}`);
  return new Set(rows.map(([name]) => String(name)));
}

/** @throws TARGET_UNUSABLE naming the tables and views that are missing */
export async function refuseMissing(warehouse: Warehouse, session: Session): Promise<void> {
  const missing = await missingTables(warehouse, session);
  if (missing.length === 0) return;
  throw new SparkifyError('TARGET_UNUSABLE', `The target lacks ${missing.join(', ')}.`, {
    hint: 'It was altered by hand or holds another warehouse. `sparkify run --full-refresh` puts everything back.',
    details: { missing },
  });
}
