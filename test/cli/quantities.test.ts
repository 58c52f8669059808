import { expect, test } from 'vitest';
import { bytesOf, rejectLimitOf } from '../../src/cli/quantities.ts';

test.each([
  ['1', 1],
  ['500', 500],
  ['500B', 500],
  ['500kB', 500_000],
  ['1.5 MB', 1_500_000],
  ['2g', 2_000_000_000],
  ['1KiB', 1_024],
  ['4GiB', 4_294_967_296],
  ['1T', 1e12],
])('a size of %s is %d bytes', (text, size) => {
  expect(bytesOf(text)).toBe(size);
});

test.each(['', '0', '0.2', '-1', '1e3', 'MB', '1XB', '1PB', '1 GB 2', '99999999999999999999', '9999999TB', '1iB'])(
  '%j is no size',
  (text) => {
    expect(bytesOf(text)).toBeUndefined();
  },
);

test('a limit on rejects is a number of lines or a percentage, up to all', () => {
  expect(['0', '12', '0%', '1%', '0.5 %', '100%'].map(rejectLimitOf)).toEqual([
    { lines: 0 },
    { lines: 12 },
    { percent: 0 },
    { percent: 1 },
    { percent: 0.5 },
    { percent: 100 },
  ]);
  expect(['', '%', '-1', '1.5', '100.1%', '1e2', '1 2', 'ten'].map(rejectLimitOf)).toEqual(Array(8).fill(undefined));
});
