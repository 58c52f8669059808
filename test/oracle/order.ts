import type { Cell } from './rows.ts';

/** Negative when the first row comes before the second, as for Array.sort. */
export type Order<Row> = (one: Row, other: Row) => number;

/** Smallest first, NULL last. */
export function ascending<Row>(cellOf: (row: Row) => Cell): Order<Row> {
  return (one, other) => nullLast(cellOf(one), cellOf(other), compare);
}

/** Greatest first, NULL last all the same. */
export function descending<Row>(cellOf: (row: Row) => Cell): Order<Row> {
  return (one, other) => nullLast(cellOf(one), cellOf(other), (a, b) => compare(b, a));
}

/** By the first order that tells two rows apart. */
export function inOrder<Row>(...orders: readonly Order<Row>[]): Order<Row> {
  return (one, other) => {
    for (const order of orders) {
      const difference = order(one, other);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

/** The row that comes first; of rows that tie, the first given. */
export function firstOf<Row>(rows: readonly Row[], order: Order<Row>): Row {
  const [first] = [...rows].sort(order);
  if (first === undefined) throw new RangeError('There is no first row of none.');
  return first;
}

/** The rows by the text of their key. */
export function groupedBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row)) ?? [];
    group.push(row);
    groups.set(keyOf(row), group);
  }
  return groups;
}

function nullLast(one: Cell, other: Cell, order: (a: Value, b: Value) => number): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return order(one, other);
}

type Value = Exclude<Cell, null>;

/** Numbers by their value, text "by its UTF-8 bytes (COLLATE "C")" (§2). */
function compare(one: Value, other: Value): number {
  if (typeof one === 'string' || typeof other === 'string') {
    return Buffer.compare(Buffer.from(`${one}`, 'utf8'), Buffer.from(`${other}`, 'utf8'));
  }
  return one < other ? -1 : one > other ? 1 : 0;
}
