import { describe, expect, test } from 'vitest';
import { type JsonType, type KeySample, mostKeys } from '../../src/land/key-sample.ts';
import type { KnownKey } from '../../src/ledger/known-keys.ts';
import { compareKeys, refuseDrift } from '../../src/quality/drift.ts';

const known = (key: string, fields: Partial<KnownKey> = {}): KnownKey => ({
  key,
  types: ['string'],
  lines: 100,
  sampledLines: 100,
  runId: 'r1',
  ...fields,
});

/** A sample of so many lines, all of which have these keys. */
function sample(lines: number, keys: readonly string[], isRead = false): KeySample {
  const types = new Map<JsonType, string>([['string', 'a.json']]);
  return { lines, keys: new Map(keys.map((key) => [key, { isRead, lines, uri: 'a.json', types }])) };
}

const compare = (before: readonly KnownKey[], found: KeySample, linesOfRun: number | null = found.lines) =>
  compareKeys({ source: 'events', runId: 'r2', known: before, sample: found, linesOfRun: linesOfRun ?? undefined });

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `$.${prefix}${index}`);

describe('a key is said to have disappeared', () => {
  test.each([
    ['in every line before', { lines: 100, sampledLines: 100 }, 100, 99],
    ['in one of ten before', { lines: 10, sampledLines: 100 }, 1_000, 999],
    ['in one of a thousand before', { lines: 1, sampledLines: 1_000 }, 100_000, 99_999],
  ])('where it was %s and enough lines lack it', (_, before, enough, tooFew) => {
    const of = (lines: number) => compare([known('$.x', before)], sample(lines, ['$.y'], true)).drift;
    expect(of(enough)).toMatchObject([{ key: '$.x', kind: 'disappeared' }]);
    expect(of(tooFew)).toEqual([]);
  });

  test('at the end of a run only, by all of its lines, and not where the run has seen it', () => {
    const none = sample(10, ['$.y'], true);
    expect(compare([known('$.x')], sample(500, ['$.y'], true), null).drift).toEqual([]);
    expect(compare([known('$.x')], none, 500).drift).toMatchObject([{ key: '$.x' }]);
    expect(compare([known('$.x', { runId: 'r2' })], none, 500).drift).toEqual([]);
  });
});

test('how often a key is seen is counted from the first time on, also where it is missing', () => {
  const first = compare([], sample(10, ['$.x'])).keys;
  const second = compare(first, sample(30, ['$.y'])).keys;
  expect(second).toEqual([
    { key: '$.x', types: ['string'], lines: 10, sampledLines: 40, runId: 'r2' },
    { key: '$.y', types: ['string'], lines: 30, sampledLines: 30, runId: 'r2' },
  ]);
});

test('of a source no more than a thousand keys are known and told of, those that columns read first', () => {
  const first = compare([], sample(5, names('id', mostKeys - 10)));
  expect(first.drift).toHaveLength(mostKeys - 10);
  const more = sample(5, names('more', 20));
  const read = sample(5, ['$.read'], true);
  const second = compare(first.keys, { lines: 5, keys: new Map([...more.keys, ...read.keys]) });
  expect(second.drift).toHaveLength(9);
  expect(second.keys).toHaveLength(mostKeys);
  expect(second.keys.map(({ key }) => key)).toContain('$.read');
  const earlier = second.keys.map((key) => ({ ...key, runId: 'r1' }));
  const third = compare(earlier, sample(1_000, names('new', mostKeys)));
  expect(third.drift).toEqual([]);
  expect(third.keys.map(({ key }) => key)).toEqual(second.keys.map(({ key }) => key));
});

test('a run that fails for drift names the first ten differences', () => {
  expect(() => refuseDrift([])).not.toThrow();
  const { drift } = compare([], sample(5, names('key', 12)));
  expect(() => refuseDrift(drift)).toThrow(
    expect.objectContaining({
      code: 'DRIFT',
      message: expect.stringMatching(
        /^The lines differ from those seen before:(\n {2}- events: \$\.key\d [^\n]+){10}\n {2}and 2 more$/,
      ),
    }),
  );
});
