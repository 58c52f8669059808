import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys, folderPrefix } from '../../src/storage/keys.ts';

test('keys are ordered as their UTF-8 bytes are', () => {
  const key = fc.string({
    unit: fc.constantFrom('a', 'b', '/', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '𐀀'),
    maxLength: 6,
  });
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('a folder is the same with and without a slash at its end', () => {
  expect(['', '/', 'song_data', 'song_data/', 'a/b'].map(folderPrefix)).toEqual([
    '',
    '',
    'song_data/',
    'song_data/',
    'a/b/',
  ]);
});
