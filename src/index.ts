/** The public API: the vocabulary to declare a warehouse, and what runs one. */
export { type ErrorCode, errorCatalogue, SparkifyError } from './errors.ts';
export { type Check, defineCheck, type Severity } from './model/check.ts';
export type { ColumnType, Kind } from './model/column-type.ts';
export { type Dimension, defineDimension, deriveDimension } from './model/dimension.ts';
export {
  and,
  ascending,
  atLeast,
  characterLength,
  datePart,
  descending,
  type EngineName,
  type Expression,
  equal,
  fromEpochMillis,
  isNotNull,
  not,
  nullIf,
  or,
  packedKey,
  sql,
} from './model/expression.ts';
export { defineFact, type Fact } from './model/fact.ts';
export { lookup } from './model/lookup.ts';
export type { Physical } from './model/physical.ts';
export { defineSource, type Source } from './model/source.ts';
export { bigint, defineStaging, double, integer, type Staging, smallint, text } from './model/staging.ts';
export { column, type StarTable } from './model/star-table.ts';
export { defineView, joined, type View } from './model/view.ts';
export { defineWarehouse, type Warehouse } from './model/warehouse.ts';
export type { Plan } from './pipeline/plan.ts';
export type { RunEvent, RunReport } from './pipeline/report.ts';
export { type RunOptions, run } from './pipeline/run.ts';
export { showPlan } from './pipeline/show-plan.ts';
export { showSql } from './pipeline/show-sql.ts';
export { type VerifyReport, verify } from './pipeline/verify.ts';
export { sparkify } from './sparkify/warehouse.ts';
