import type { Session } from '../engines/engine.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { Dialect, TitledDdl } from '../sql/dialect.ts';
import { identifier, textLiteral } from '../sql/quote.ts';
import { duplicatesShape, ledgerSchema, tableName, winnersName } from '../sql/shapes.ts';
import { type FoundLedger, findLedger, holdMutex, ledgerMoved } from './mutex.ts';
import { findStarSchema } from './star-schema.ts';
import { createLedger, ledgerTables, ledgerVersion, mutex, objects, roots, runs } from './tables.ts';

/** What brings a ledger from one version to the next, in order; the first is that of version 1. */
const migrations: readonly ((before: Before) => readonly TitledDdl[])[] = [fromVersion1, fromVersion2];

/** What a migration goes by. */
interface Before {
  readonly warehouse: Warehouse;
  readonly dialect: Dialect;
  /** Where staging and star are. */
  readonly starSchema: string;
}

/**
 * Brings a ledger that an older version of this tool wrote to the shape of this one, and makes the tables anew that
 * somebody has dropped. What it held stays; what later versions know besides, and what was lost, is found out by the run
 * that follows. Gives the ledger as it is then.
 * @throws LEDGER_MOVED where another run has brought it there meanwhile
 */
export async function migrateLedger(warehouse: Warehouse, session: Session): Promise<FoundLedger> {
  const ledger = await findLedger(session);
  const version = ledger.head?.version ?? ledgerVersion;
  if (version < ledgerVersion) await migrateFrom(version, warehouse, session);
  else if (isDamaged(ledger)) await session.define([...createLedger(session.dialect), takeOverRoots]);
  else return ledger;
  return findLedger(session);
}

function isDamaged({ tables, head }: FoundLedger): boolean {
  const isKept = head?.version === ledgerVersion || (tables.has(objects.name) && !tables.has(mutex.name));
  return isKept && ledgerTables.some(({ name }) => !tables.has(name));
}

async function migrateFrom(version: number, warehouse: Warehouse, session: Session): Promise<void> {
  const before = { warehouse, dialect: session.dialect, starSchema: await findStarSchema(warehouse, session) };
  const statements = [
    ...migrations.slice(version - 1).flatMap((statements) => statements(before)),
    {
      title: `bring the ledger to version ${ledgerVersion}`,
      sql: `update ${tableName(mutex)} set ledger_version = ${ledgerVersion}`,
    },
  ];
  await session.define(statements, async () => {
    await session.run(holdMutex);
    if ((await findLedger(session)).head?.version !== version) throw ledgerMoved();
  });
}

/**
 * Objects were landed by a mapping alone, so that by today's rules they land again. Roots stood with the runs only,
 * and the duplicates did not hold the winners.
 */
function fromVersion1({ warehouse: { staging }, dialect }: Before): readonly TitledDdl[] {
  return [
    {
      title: 'take over what objects were landed by',
      sql: `alter table ${tableName(objects)} rename column ${identifier('mapping_hash')} to ${identifier('fingerprint')}`,
      unless: `select 1 from information_schema.columns where table_schema = '${ledgerSchema}' and table_name = '${objects.name}' and column_name = 'fingerprint'`,
    },
    ...createLedger(dialect),
    takeOverRoots,
    ...staging.flatMap((table) => [
      {
        title: `take away the view of the winners of ${table.name}`,
        sql: `drop view if exists ${winnersName(table)}`,
      },
      {
        title: `take away the duplicates of ${table.name}`,
        sql: `drop table if exists ${tableName(duplicatesShape(table))}`,
      },
    ]),
  ];
}

/** From the runs that have loaded them. */
const takeOverRoots: TitledDdl = {
  title: 'take over the roots',
  sql: `insert into ${tableName(roots)} select root, min(run_id) from ${tableName(runs)} where state = 'done' and root not in (select root from ${tableName(roots)}) group by root`,
};

/** Which schema the star is in stood nowhere. */
function fromVersion2({ dialect, starSchema }: Before): readonly TitledDdl[] {
  const column = mutex.columns.filter(({ name }) => name === 'star_schema');
  return [
    ...column
      .flatMap((added) => dialect.addColumn(mutex, added))
      .map((statement) => ({ title: `give ${mutex.name} the schema of the star`, ...statement })),
    {
      title: 'note the schema of the star',
      sql: `update ${tableName(mutex)} set star_schema = ${textLiteral(starSchema, dialect)}`,
    },
  ];
}
