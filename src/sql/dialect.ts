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
  /** No two rows agree in these once a run is committed, and none is NULL: the run verifies it. */
  readonly key?: readonly string[];
  readonly physical?: Physical<string>;
}

/** A view as an engine must create it. */
export interface ViewShape {
  /** undefined for the engine's default schema */
  readonly schema: string | undefined;
  readonly name: string;
  /** In the order in which its query gives them. */
  readonly columns: readonly string[];
}

/** Where the rows of a table land, in the embedded parser, and how they come from there into the table. */
export interface Landing {
  /** Quoted, ready for SQL. */
  readonly table: string;
  /** What creates it; undefined where it is the table itself. */
  readonly create: string | undefined;
  /** The statement of the target that takes them over; undefined where they are there already. */
  readonly load: StatementByHand | undefined;
}

/** A statement for reading, and what a person who wants to execute it has to know. */
export interface StatementByHand {
  readonly sql: string;
  /** What has to be there, and what to write in place of names in capitals. */
  readonly needs?: string;
  /** What a run hands over with it, behind it or in place of `?` and `$1`: as it stands it cannot be executed. */
  readonly given?: string;
}

/** A statement and what it is for. */
export interface TitledStatement {
  readonly title: string;
  readonly sql: string;
}

/** A statement that brings a schema, table or view to its declaration; idempotent, with `unless` where there is one. */
export interface Ddl {
  readonly sql: string;
  /** A query that gives a row where it is done already, for engines whose statements do not find that out themselves. */
  readonly unless?: string;
  /** Queries that give a row for each thing in its way: what that is, and what to do. For engines that do not tell. */
  readonly obstacles?: readonly string[];
  /** It cannot run inside a transaction, and may come after those that follow it. */
  readonly alone?: true;
  /** It copies values, and may take as long as there are many. */
  readonly copies?: true;
}

/** A statement that defines something, and what it is for. */
export type TitledDdl = TitledStatement & Ddl;

/** What keeps other writers out where a transaction has to do it; nothing where a session holds a lock of its own. */
export interface WriterLock {
  readonly create: readonly TitledDdl[];
  /** First in every transaction that writes. */
  readonly take: readonly TitledStatement[];
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
  /** An item of an ORDER BY, also of a window: NULL last either way. */
  nullsLast(value: string, direction: 'ascending' | 'descending'): string;
  /** True where two values differ; NULL is a value like any other here. */
  isDistinct(left: string, right: string): string;
  /**
   * The value of a column, such that no declared key is believed for it: what verifies a key must not be answered from
   * its declaration.
   */
  undeclared(value: string, type: ColumnType): string;
  readonly writerLock: WriterLock;
  /**
   * A query for schema, name and kind (`table`, `view` or what else the engine has) of the relations so called in these
   * schemas, also those that one may not read.
   */
  relations(schemas: readonly string[], names: readonly string[]): string;
  /** A query for schema, relation, column and type of their columns, in order, types as `typeName` writes them. */
  columnTypes(schemas: readonly string[], names: readonly string[]): string;
  createSchema(schema: string): readonly Ddl[];
  createTable(shape: TableShape): readonly Ddl[];
  /** A table of this session alone, without a schema. Idempotent. */
  createTemporaryTable(shape: TableShape): string;
  /** A column that is there already stays as it is. */
  addColumn(table: TableShape, column: ColumnShape): readonly Ddl[];
  /** Converts the values there are; what cannot be converted is lost or fails the statement. */
  changeColumnType(table: TableShape, column: ColumnShape): readonly Ddl[];
  dropColumn(table: TableShape, column: string): readonly Ddl[];
  /** Replaces an older definition. `query` is a SELECT. */
  createView(view: ViewShape, query: string): readonly Ddl[];
  landing(shape: TableShape): Landing;
  /** The statement by which rows come in in bulk; their values stand where it has `?`, or follow it. */
  insertRows(shape: TableShape): string;
  /**
   * What tells the planner of the rows that have just come into a temporary table; nothing where it needs no telling.
   */
  describeTemporaryTable(shape: TableShape): readonly TitledStatement[];
  /** What is done after a commit and changes no row: indexes that are missing, statistics. Idempotent. */
  maintain(tables: readonly SearchedTable[]): readonly TitledStatement[];
}
