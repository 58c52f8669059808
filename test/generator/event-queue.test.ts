import { expect, test } from 'vitest';
import { createEventQueue, type Due } from '../../src/generator/event-queue.ts';
import { createRandom } from '../../src/generator/random.ts';

test('entries come in the order they are due, however they were added, moved and removed', () => {
  const random = createRandom(1, 'queue');
  const queue = createEventQueue<Due>();
  for (let order = 0; order < 200; order += 1) queue.add({ order, at: random.below(50) });
  const seen: Due[] = [];
  for (let due = queue.first(); due !== undefined; due = queue.first()) {
    seen.push({ ...due });
    due.at += random.below(50);
    if (due.at > 300) queue.removeFirst();
    else queue.firstMoved();
  }
  expect(seen.length).toBeGreaterThan(1000);
  expect(new Set(seen.map(({ order }) => order)).size).toBe(200);
  expect(seen).toEqual([...seen].sort((one, other) => one.at - other.at || one.order - other.order));
});
