import type { Engine } from '../engines/engine.ts';
import { landingSql } from '../land/landing-sql.ts';
import { takeMutex } from '../ledger/ledger.ts';
import { checks, createLedger, objects, rejects } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { duplicateStatements } from '../quality/duplicates.ts';
import { checkStatements } from '../quality/run-checks.ts';
import type { Dialect, TableShape } from '../sql/dialect.ts';
import { identifier, list } from '../sql/quote.ts';
import { stagingShape, tableName } from '../sql/shapes.ts';
import { createWarehouse } from '../transform/schema.ts';
import { fillStar } from '../transform/statements.ts';

/** A statement of a full load. Those of step 'schema' run before the transaction, the others inside it. */
export interface ShownStatement {
  readonly step: 'schema' | 'load' | 'transform' | 'verify' | 'record';
  readonly title: string;
  readonly sql: string;
}

/**
 * Every statement a full load executes on an engine, in order, without connecting to one. What depends on the objects
 * (their paths and numbers, the rows of the ledger) stands as OBJECT, $1, ? in them.
 */
export function showSql(warehouse: Warehouse, { dialect }: Engine): readonly ShownStatement[] {
  const inStep = (step: ShownStatement['step'], statements: readonly Omit<ShownStatement, 'step'>[]) =>
    statements.map(({ title, sql }) => ({ step, title, sql }));
  return [
    ...inStep('schema', [...createLedger(dialect), ...createWarehouse(warehouse, dialect)]),
    ...inStep('load', loadStatements(warehouse)),
    ...inStep('transform', fillStar(warehouse, dialect)),
    ...inStep('verify', verifyStatements(warehouse, dialect)),
    ...inStep('record', [bulkInsert(checks)]),
  ];
}

function loadStatements({ staging }: Warehouse): Omit<ShownStatement, 'step'>[] {
  return [
    { title: 'count the load', sql: takeMutex },
    ...staging.flatMap((table) => landingSql(table, tableName(stagingShape(table)))),
    bulkInsert(rejects),
    bulkInsert(objects),
  ];
}

function verifyStatements(warehouse: Warehouse, dialect: Dialect): Omit<ShownStatement, 'step'>[] {
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

/** Rows go in through the bulk loader of the engine; as a statement it reads like this. */
function bulkInsert(shape: TableShape): Omit<ShownStatement, 'step'> {
  const names = shape.columns.map(({ name }) => identifier(name));
  return {
    title: `write ${shape.name}, in bulk`,
    sql: `insert into ${tableName(shape)} ${list(names)}\nvalues ${list(names.map(() => '?'))}`,
  };
}
