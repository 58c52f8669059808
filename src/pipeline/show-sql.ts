import type { Engine } from '../engines/engine.ts';
import { createLedger } from '../ledger/tables.ts';
import type { Warehouse } from '../model/warehouse.ts';
import { checkStatements } from '../quality/run-checks.ts';
import { createWarehouse } from '../transform/schema.ts';
import { recomputeStar } from '../transform/statements.ts';

/** A statement of a full load. `step` says when it runs: schema before the transaction, the rest inside it. */
export interface ShownStatement {
  readonly step: 'schema' | 'load' | 'transform' | 'verify';
  readonly title: string;
  readonly sql: string;
}

/** Every statement a full load executes on an engine, in order, without connecting to one. */
export function showSql(warehouse: Warehouse, { dialect }: Engine): readonly ShownStatement[] {
  return [
    ...[...createLedger(dialect), ...createWarehouse(warehouse, dialect)].map(({ title, sql }) => ({
      step: 'schema' as const,
      title,
      sql,
    })),
    ...recomputeStar(warehouse, dialect).map(({ title, sql }) => ({ step: 'transform' as const, title, sql })),
    ...checkStatements(warehouse, { dialect }).map(({ checks, sql }) => ({
      step: 'verify' as const,
      title: checks.map(({ name }) => name).join(', '),
      sql,
    })),
  ];
}
