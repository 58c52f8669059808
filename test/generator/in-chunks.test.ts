import { expect, test } from 'vitest';
import { inChunks } from '../../src/generator/in-chunks.ts';

const joined = (lines: readonly (string | Uint8Array)[]) =>
  Buffer.concat([...inChunks(lines)].map((chunk) => Buffer.from(chunk))).toString('latin1');

test('lines are parted by newlines, and none stands at the end', () => {
  expect(joined(['a', 'b', '', 'c'])).toBe('a\nb\n\nc');
  expect([...inChunks([])]).toEqual([]);
});

test('bytes stay what they are wherever they stand', () => {
  const bytes = Uint8Array.of(0xff);
  expect(joined([bytes, 'a', bytes, bytes, 'b'])).toBe('\xff\na\n\xff\n\xff\nb');
  expect(joined(['a', bytes])).toBe('a\n\xff');
});

test('a chunk has about a megabyte, so that no day is held as a whole', () => {
  const line = 'x'.repeat(499);
  const lines = Array.from({ length: 10_000 }, () => line);
  const chunks = [...inChunks(lines)];
  expect(chunks.join('')).toBe(lines.join('\n'));
  expect(chunks.length).toBeGreaterThanOrEqual(4);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(1_100_000);
});
