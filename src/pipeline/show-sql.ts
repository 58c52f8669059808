import type { Engine } from '../engines/engine.ts';
import { landingSql } from '../land/landing-sql.ts';
import { putMutex, takeMutex } from '../ledger/mutex.ts';
import { checks, createLedger, drift, keys, objects, rejects } from '../ledger/tables.ts';
import type { Staging } from '../model/staging.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { duplicateStatements } from '../quality/duplicates.ts';
import { checkStatements } from '../quality/run-checks.ts';
import type { Ddl, Dialect, StatementByHand, TableShape, TitledStatement } from '../sql/dialect.ts';
import { searchedTables } from '../sql/searched.ts';
import { stagingShape } from '../sql/shapes.ts';
import { createWarehouse } from '../transform/schema.ts';
import { fillStar } from '../transform/statements.ts';

/**
 * A statement of a full load. Those of step 'schema' run before the transaction, those of step 'maintain' after it, the
 * others inside it.
 */
export interface ShownStatement extends StatementByHand {
  readonly step: 'schema' | 'load' | 'transform' | 'verify' | 'record' | 'maintain';
  /** Which executes it: the target, or the embedded parser, where rows land. */
  readonly by: 'target' | 'parser';
  readonly title: string;
  /** The statement is left out where this query gives a row. */
  readonly unless?: string;
}

/**
 * The statements that make a full load on an engine, in order, without connecting to one; not the questions a run asks
 * besides, nor what it notes of itself. What depends on the objects (their paths and numbers, the rows of the ledger)
 * stands as OBJECT, $1, ? in them.
 */
export function showSql(warehouse: Warehouse, { dialect }: Engine): readonly ShownStatement[] {
  const inStep = (
    step: ShownStatement['step'],
    statements: readonly (TitledStatement & Partial<ShownStatement> & Partial<Ddl>)[],
  ) => statements.map((statement) => shownIn(step, statement));
  return [
    ...inStep('schema', [...createLedger(dialect), firstMutex, ...createWarehouse(warehouse, dialect)]),
    ...inStep('load', loadStatements(warehouse, dialect)),
    ...inStep('transform', fillStar(warehouse, dialect)),
    ...inStep('verify', verifyStatements(warehouse, dialect)),
    ...inStep('record', [...[keys, checks, drift].map((shape) => bulkInsert(shape, dialect))]),
    ...inStep('maintain', dialect.maintain(searchedTables(warehouse))),
  ];
}

function shownIn(
  step: ShownStatement['step'],
  { by = 'target', title, sql, unless, needs, given }: TitledStatement & Partial<ShownStatement>,
): ShownStatement {
  return { step, by, title, sql, ...(unless && { unless }), ...(needs && { needs }), ...(given && { given }) };
}

const firstMutex: TitledStatement = { title: 'begin to count loads', sql: putMutex };

function loadStatements({ staging }: Warehouse, dialect: Dialect) {
  return [
    ...dialect.writerLock.take,
    { title: 'count the load', sql: takeMutex },
    ...staging.flatMap((table) => landStatements(table, dialect)),
    bulkInsert(rejects, dialect),
    bulkInsert(objects, dialect),
  ];
}

function landStatements(staging: Staging, dialect: Dialect): Omit<ShownStatement, 'step'>[] {
  const { table, create, load } = dialect.landing(stagingShape(staging));
  const { name } = staging;
  const by = create === undefined ? 'target' : 'parser';
  return [
    ...(create === undefined ? [] : [{ by, title: `create where ${name} lands`, sql: create } as const]),
    ...landingSql(staging, table).map((statement) => ({ by, ...statement }) as const),
    ...(load === undefined ? [] : [{ by: 'target', title: `load what landed into ${name}`, ...load } as const]),
  ];
}

function verifyStatements(warehouse: Warehouse, dialect: Dialect): TitledStatement[] {
  const duplicates = warehouse.staging.flatMap((table) => {
    const { count, examples } = duplicateStatements(table);
    return [
      { title: `duplicates of ${table.name}`, sql: count },
      { title: `conflicts of ${table.name}`, sql: examples },
    ];
  });
  const checked = checkStatements(warehouse, { dialect }).map((statement) => ({
    title: statement.checks.map(({ name }) => name).join(', '),
    sql: statement.sql,
  }));
  return [...duplicates, ...checked];
}

function bulkInsert(shape: TableShape, dialect: Dialect): TitledStatement & StatementByHand {
  return { title: `write ${shape.name}, in bulk`, sql: dialect.insertRows(shape), given: 'the values of its rows' };
}
