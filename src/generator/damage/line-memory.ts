import type { Random } from '../random.ts';

/** The last sound lines of this file and of an earlier one, to be repeated; each is given once. */
export interface LineMemory {
  keep(line: string): void;
  /** What was kept is from now on of an earlier file. */
  nextFile(): void;
  /** A line of this file; undefined when there is none. */
  takeFromThisFile(random: Random): string | undefined;
  /** A line of the latest earlier file that had any. */
  takeFromEarlierFile(random: Random): string | undefined;
}

/** Lines kept of a file, so that memory does not grow with it. */
const capacity = 256;

export function createLineMemory(): LineMemory {
  let earlier: string[] = [];
  let recent: string[] = [];
  let kept = 0;
  return {
    keep(line) {
      if (recent.length < capacity) recent.push(line);
      else recent[kept % capacity] = line;
      kept += 1;
    },
    nextFile() {
      if (recent.length === 0) return;
      earlier = recent;
      recent = [];
    },
    takeFromThisFile: (random) => take(recent, random),
    takeFromEarlierFile: (random) => take(earlier, random),
  };
}

function take(lines: string[], random: Random): string | undefined {
  return lines.splice(random.below(lines.length), 1)[0];
}
