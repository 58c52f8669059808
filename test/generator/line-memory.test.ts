import { expect, test } from 'vitest';
import { createLineMemory } from '../../src/generator/damage/line-memory.ts';
import { createRandom } from '../../src/generator/random.ts';

const random = createRandom(1, 'memory');

/** What is given in a thousand takes, most of which find nothing left. */
function all(take: () => string | undefined): readonly string[] {
  return Array.from({ length: 1000 }, take).filter((line) => line !== undefined);
}

function remembering(lines: readonly string[]) {
  const memory = createLineMemory();
  for (const line of lines) memory.keep(line);
  return memory;
}

test('each line is given once', () => {
  const memory = remembering(['a', 'b', 'c']);
  expect(all(() => memory.takeFromThisFile(random)).toSorted()).toEqual(['a', 'b', 'c']);
});

test('the lines of an earlier file are given apart from those of this one, also after a file without a line', () => {
  const memory = remembering(['a', 'b']);
  memory.nextFile();
  memory.nextFile();
  memory.keep('c');
  expect(all(() => memory.takeFromThisFile(random))).toEqual(['c']);
  expect(all(() => memory.takeFromEarlierFile(random)).toSorted()).toEqual(['a', 'b']);
});

test('no more than the last 256 lines are kept', () => {
  const memory = remembering(Array.from({ length: 1000 }, (_, index) => `${index}`));
  const kept = all(() => memory.takeFromThisFile(random)).map(Number);
  expect(kept).toHaveLength(256);
  expect(Math.min(...kept)).toBe(1000 - 256);
});
