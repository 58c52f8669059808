import type { TableShape } from '../../sql/dialect.ts';
import type { Value } from '../engine.ts';

type Row = readonly Value[];

/** Rows that wait to be added together: a statement costs half a second however few it adds (facts 1.15). */
export interface PendingRows {
  /** Says whether there are so many by now that they should not wait longer. */
  add(shape: TableShape, rows: readonly Row[]): boolean;
  /** Gives what waits, table by table in the order in which they came, and forgets it. */
  take(): readonly (readonly [TableShape, readonly Row[]])[];
}

const mostRows = 50_000;

export function pendingRows(): PendingRows {
  let tables = new Map<string, [TableShape, Row[]]>();
  let count = 0;
  return {
    add: (shape, rows) => {
      const name = `${shape.schema}.${shape.name}`;
      const [, waiting] = tables.get(name) ?? [shape, []];
      for (const row of rows) waiting.push(row);
      if (waiting.length > 0) tables.set(name, [shape, waiting]);
      count += rows.length;
      return count >= mostRows;
    },
    take: () => {
      const taken = [...tables.values()];
      tables = new Map();
      count = 0;
      return taken;
    },
  };
}
