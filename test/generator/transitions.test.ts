import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/generator/random.ts';
import { createStateMachine } from '../../src/generator/states.ts';
import { firstPages, transitions } from '../../src/generator/transitions.ts';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const nameOf = ({ page, auth, level }: { page: string; auth: string; level: string }) => `${auth} ${level} ${page}`;

describe('the table of transitions', () => {
  test('has each state once', () => {
    expect(new Set(transitions.map(nameOf)).size).toBe(transitions.length);
  });

  test.each(transitions.map((row) => [nameOf(row), row] as const))(
    'leaves %s with probabilities up to 1',
    (_, { to }) => {
      expect(sum(Object.values(to))).toBeLessThanOrEqual(1 + 1e-9);
      for (const probability of Object.values(to))
        expect(probability * 10_000).toBeCloseTo(Math.round(probability * 10_000));
    },
  );

  test('has a first page for every auth and level a session can end with', () => {
    expect(firstPages.map(({ auth, level }) => `${auth} ${level}`).sort()).toEqual([
      'Guest free',
      'Logged In free',
      'Logged In paid',
      'Logged Out free',
      'Logged Out paid',
    ]);
  });
});

describe('the state machine', () => {
  const machine = createStateMachine();
  const random = createRandom(1, 'states');

  test('goes from song to song as often as the table says, and ends as often as it leaves open', () => {
    const song = machine.first('Logged In', 'free', { ...random, below: () => 0 });
    expect(nameOf(song)).toBe('Logged In free NextSong');
    const draws = 50_000;
    const next = Array.from({ length: draws }, () => machine.next(song, random));
    expect(next.filter((state) => state?.page === 'NextSong').length / draws).toBeCloseTo(0.5, 2);
    expect(next.filter((state) => state === undefined).length / draws).toBeCloseTo(0.437, 2);
  });
});
