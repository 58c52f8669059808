/** Something that happens next at a second; `order` (unique) decides between two at the same second. */
export interface Due {
  readonly order: number;
  at: number;
}

/** The entries in the order they are due: a binary heap, changed in place. */
export interface EventQueue<Entry extends Due> {
  /** The entry due first; undefined when nothing is left. */
  first(): Entry | undefined;
  add(entry: Entry): void;
  /** Restores the order after the `at` of the first entry was moved on. */
  firstMoved(): void;
  removeFirst(): void;
}

export function createEventQueue<Entry extends Due>(): EventQueue<Entry> {
  const heap: Entry[] = [];
  return {
    first: () => heap[0],
    add(entry) {
      heap.push(entry);
      siftUp(heap, entry, heap.length - 1);
    },
    firstMoved() {
      const [first] = heap;
      if (first !== undefined) siftDown(heap, first);
    },
    removeFirst() {
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) siftDown(heap, last);
    },
  };
}

function siftUp<Entry extends Due>(heap: Entry[], entry: Entry, start: number): void {
  let hole = start;
  while (hole > 0) {
    const parentAt = (hole - 1) >>> 1;
    const parent = heap[parentAt];
    if (parent === undefined || !isBefore(entry, parent)) break;
    heap[hole] = parent;
    hole = parentAt;
  }
  heap[hole] = entry;
}

function siftDown<Entry extends Due>(heap: Entry[], entry: Entry): void {
  let hole = 0;
  for (;;) {
    const childAt = smallerChild(heap, hole);
    const child = heap[childAt];
    if (child === undefined || !isBefore(child, entry)) break;
    heap[hole] = child;
    hole = childAt;
  }
  heap[hole] = entry;
}

function smallerChild<Entry extends Due>(heap: readonly Entry[], parent: number): number {
  const left = heap[2 * parent + 1];
  const right = heap[2 * parent + 2];
  const rightIsFirst = left !== undefined && right !== undefined && isBefore(right, left);
  return 2 * parent + (rightIsFirst ? 2 : 1);
}

function isBefore(one: Due, other: Due): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
