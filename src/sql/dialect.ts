import type { ColumnType } from '../model/column-type.ts';
import type { DatePart, EngineName } from '../model/expression.ts';
import type { Physical } from '../model/physical.ts';
import type { SearchedTable } from './searched.ts';

/** A column as an engine must create it. */
export interface ColumnShape {
  readonly name: string;
  readonly type: ColumnType;
  /** Enforced by the engine. Used for the ledger only: the star's required columns are checks with a count. */
  readonly notNull?: boolean;
}

/** A table as an engine must create it. */
export interface TableShape {
  /** undefined for the engine's default schema */
  readonly schema: string | undefined;
  readonly name: string;
  readonly columns: readonly ColumnShape[];
  readonly physical?: Physical<string>;
}

/** Where the rows of a table land, in the embedded parser, and how they come from there into the table. */
export interface Landing {
  /** Quoted, ready for SQL. */
  readonly table: string;
  /** What creates it; undefined where it is the table itself. */
  readonly create: string | undefined;
  /** The statement of the target that takes them over; undefined where they are there already. */
  readonly load: string | undefined;
}

/** A statement and what it is for. */
export interface TitledStatement {
  readonly title: string;
  readonly sql: string;
}

/**
 * What one engine's SQL says differently. All of it pure text, so that statements can be shown and compared without
 * an engine; everything else in the SQL of this tool is the same on every engine.
 */
export interface Dialect {
  readonly engine: EngineName;
  readonly backslashEscapes: boolean;
  typeName(type: ColumnType): string;
  /** BIGINT milliseconds since 1970 → timestamp, exact to the millisecond. */
  fromEpochMillis(millis: string): string;
  /** A small integer; `week` by ISO 8601, `weekday` 0 = Sunday. */
  datePart(part: DatePart, timestamp: string): string;
  /** Unicode code points. */
  characterLength(text: string): string;
  /** The text such that ORDER BY follows its UTF-8 bytes, whatever the database's collation. */
  inByteOrder(text: string): string;
  /** True where two values differ; NULL is a value like any other here. */
  isDistinct(left: string, right: string): string;
  createSchema(schema: string): string;
  /** Idempotent. */
  createTable(shape: TableShape): string;
  /** A table of this session alone, without a schema. Idempotent. */
  createTemporaryTable(shape: TableShape): string;
  /** Idempotent: a column that is there already stays as it is. */
  addColumn(table: TableShape, column: ColumnShape): string;
  /** Converts the values there are; what cannot be converted is lost or fails the statement. */
  changeColumnType(table: TableShape, column: ColumnShape): string;
  dropColumn(table: TableShape, column: string): string;
  /** Idempotent; replaces an older definition. `query` is a SELECT. */
  createView(schema: string | undefined, name: string, query: string): string;
  landing(shape: TableShape): Landing;
  /** The statement by which rows come in in bulk; their values stand where it has `?`, or follow it. */
  insertRows(shape: TableShape): string;
  /** What is done after a commit and changes no row: indexes that are missing, statistics. Idempotent. */
  maintain(tables: readonly SearchedTable[]): readonly TitledStatement[];
}
