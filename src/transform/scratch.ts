import { bigintType } from '../model/column-type.ts';
import type { Staging } from '../model/staging.ts';
import { lookupsOf, type StarTable } from '../model/star-table.ts';
import type { Warehouse } from '../model/warehouse.ts';
import type { ColumnShape, TableShape } from '../sql/dialect.ts';
import { stagingShape, starShape } from '../sql/shapes.ts';

/**
 * The temporary tables in which a batch works out what it changes. Their names hold a `$`, which no name of a model
 * has. They are empty at the beginning of each batch.
 */
export type ScratchName =
  /** Of staging: keys of which more than one line, or a line that goes, must be looked at. Of a star table: keys to recompute. */
  | 'touched'
  /** Objects that hold lines of touched keys. */
  | 'objects'
  /** All lines of touched keys. */
  | 'candidates'
  /** Winners of touched keys as they were, without those that stay. */
  | 'before'
  /** Winners of touched keys, or rows of the star, as they shall be, without those that are so already. */
  | 'after'
  /** Keys whose row stays as it is. */
  | 'kept'
  /** Rows of the star as they were, of the keys that change. */
  | 'gone'
  /** Winners whose lookups may find another row now: where they lie, and the lines. */
  | 'rematch'
  | 'rematched';

/**
 * What happens to an object in a batch: its lines come or go; it vanishes or returns, which decides duplicates; or it has
 * taken up the lines of another one, which were added to it.
 */
export type ObjectChange = 'added' | 'removed' | 'vanished' | 'returned' | 'grown';

/** What happens to which objects in a batch. */
export const batchObjects: TableShape = {
  schema: undefined,
  name: 'batch$objects',
  columns: [
    { name: 'object_id', type: bigintType },
    { name: 'change', type: { kind: 'text', bytes: 16 } },
  ],
};

/** A temporary table of a staging table. */
export function stagingScratch(staging: Staging, which: ScratchName): TableShape {
  const { columns } = stagingShape(staging);
  const key = inKeyOrder(staging, columns);
  const objectId = objectIdOf(columns);
  const lines = columns.filter(({ name }) => name !== 'object_id');
  const shapes: Partial<Record<ScratchName, readonly ColumnShape[]>> = {
    touched: key,
    objects: objectId,
    candidates: columns,
    before: lines,
    after: lines,
    kept: key,
  };
  return scratch(staging.name, which, shapes[which]);
}

/** A temporary table of a star table. */
export function starScratch(table: StarTable, which: ScratchName): TableShape {
  const { columns } = starShape(table);
  const key = columns.filter(({ name }) => name in table.key);
  const ofStaging = table.from.kind === 'staging' ? stagingShape(table.from).columns : [];
  const shapes: Partial<Record<ScratchName, readonly ColumnShape[]>> = {
    touched: key,
    after: columns,
    kept: key,
    gone: columns,
    rematch: table.from.kind === 'staging' ? [...inKeyOrder(table.from, ofStaging), ...objectIdOf(ofStaging)] : [],
    rematched: ofStaging.filter(({ name }) => name !== 'object_id'),
  };
  return scratch(table.name, which, shapes[which]);
}

/** Every temporary table that the batches of a warehouse use. */
export function scratchShapes({ staging, tables }: Warehouse): readonly TableShape[] {
  const ofStaging = ['touched', 'objects', 'candidates', 'before', 'after', 'kept'] as const;
  const ofStar = ['touched', 'after', 'kept', 'gone'] as const;
  const ofLookups = ['rematch', 'rematched'] as const;
  return [
    batchObjects,
    ...staging.flatMap((table) => ofStaging.map((which) => stagingScratch(table, which))),
    ...tables.flatMap((table) =>
      [...ofStar, ...(lookupsOf(table).length > 0 ? ofLookups : [])].map((which) => starScratch(table, which)),
    ),
  ];
}

function inKeyOrder({ key }: Staging, columns: readonly ColumnShape[]): ColumnShape[] {
  return key.flatMap((name) => columns.filter((column) => column.name === name));
}

function objectIdOf(columns: readonly ColumnShape[]): ColumnShape[] {
  return columns.filter(({ name }) => name === 'object_id');
}

function scratch(table: string, which: ScratchName, columns: readonly ColumnShape[] | undefined): TableShape {
  if (!columns) throw new TypeError(`${table} has no temporary table '${which}'`);
  return { schema: undefined, name: `${table}$${which}`, columns };
}
