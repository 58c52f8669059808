import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../src/generator/random.ts';
import { createPicker } from '../../src/generator/weighted.ts';

const draws = 100_000;

function mean(draw: () => number): number {
  let sum = 0;
  for (let count = 0; count < draws; count += 1) sum += draw();
  return sum / draws;
}

function share(isHit: () => boolean): number {
  return mean(() => Number(isHit()));
}

describe('the draws of a seed', () => {
  const first = (random: Random) => Array.from({ length: 4 }, random.uint32);

  test('are these on every machine', () => {
    expect(first(createRandom(1, 'test'))).toEqual([1378791423, 1795313624, 3361230517, 248997405]);
  });

  test('differ from those of another seed or stream', () => {
    expect(first(createRandom(2, 'test'))).not.toEqual(first(createRandom(1, 'test')));
    expect(first(createRandom(1, 'other'))).not.toEqual(first(createRandom(1, 'test')));
    expect(first(createRandom(Number.MAX_SAFE_INTEGER, 'test'))).not.toEqual(first(createRandom(-1, 'test')));
  });
});

describe('a draw', () => {
  const random = createRandom(1, 'draws');

  test('below a bound is uniform', () => {
    expect(mean(() => random.below(11))).toBeCloseTo(5, 1);
    expect(share(() => random.below(2 ** 32) >= 2 ** 31)).toBeCloseTo(0.5, 2);
  });

  test('by chance hits as often as it should', () => {
    expect(share(() => random.chance(0.2))).toBeCloseTo(0.2, 2);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
  });

  test('of the exponential has mean 1, and lies above 1 with chance 1/e', () => {
    expect(mean(random.exponential)).toBeCloseTo(1, 1);
    expect(share(() => random.exponential() > 1)).toBeCloseTo(1 / Math.E, 2);
    expect(share(() => random.exponential() > 3)).toBeCloseTo(1 / Math.E ** 3, 2);
  });

  test('of the log-normal has mean 1 and median 0.61', () => {
    expect(mean(random.logNormal)).toBeCloseTo(1, 1);
    expect(share(() => random.logNormal() < 0.6065)).toBeCloseTo(0.5, 2);
  });

  test('by weight takes each index in proportion, and never one without weight', () => {
    const pick = createPicker([0, 1, 3, 0]);
    expect(share(() => pick(random) === 2)).toBeCloseTo(0.75, 2);
    expect(share(() => pick(random) === 1)).toBeCloseTo(0.25, 2);
  });
});
