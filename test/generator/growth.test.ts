import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { GenerateOptions } from '../../src/generator/generate-options.ts';
import { generatedBucket, type LoggedEvent } from './bucket.ts';

async function yearOf(options: Partial<GenerateOptions>): Promise<readonly LoggedEvent[]> {
  const { root, events } = await generatedBucket({ users: 60, days: 365, songs: 50, seed: 2, ...options });
  await rm(root, { recursive: true, force: true });
  return events;
}

/** Distinct users in the last two months of a year. */
function stillThere(events: readonly LoggedEvent[]): number {
  const last = Date.UTC(2019, 8, 1);
  return new Set(events.flatMap(({ ts, userId }) => (ts >= last && userId !== '' ? userId : []))).size;
}

test('without growth nobody arrives, and without attrition all but those who cancel stay', async () => {
  const events = await yearOf({ growthRate: 0, attritionRate: 0 });
  expect(events.filter(({ auth }) => auth === 'Guest')).toEqual([]);
  const cancelled = events.filter(({ page }) => page === 'Cancellation Confirmation').length;
  expect(stillThere(events)).toBeGreaterThan(48 - cancelled);
});

test('with an attrition of 1 a year most are gone in its last months: e^−0.9 of all are left', async () => {
  const left = stillThere(await yearOf({ growthRate: 0, attritionRate: 1 }));
  expect(left).toBeGreaterThan(10);
  expect(left).toBeLessThan(36);
});

test('with a growth of 1 a year as many arrive as there were, though not all of them register', async () => {
  const events = await yearOf({ growthRate: 1, attritionRate: 0 });
  const registered = events.filter(({ page }) => page === 'Submit Registration').length;
  expect(registered).toBeGreaterThan(25);
  expect(registered).toBeLessThan(75);
});
