import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsSeveralValues } from '../../src/land/json-values.ts';
import { isWholeLine, rawTextOf } from '../../src/land/raw-text.ts';

const bytes = (...values: (string | number)[]) =>
  Buffer.concat(values.map((value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from([value]))));

describe('the raw text of a reject', () => {
  test.each<[string, Buffer, string]>([
    ['text as it is', bytes('{"a":"é😀"}'), '{"a":"é😀"}'],
    ['a line without its carriage return', bytes('oops\r'), 'oops'],
    ['other whitespace', bytes(' a\rb\t\n'), ' a\rb\t\n'],
    ['nothing', bytes(), ''],
    ['bytes that are no UTF-8', bytes('a', 0xff, 'é', 0xc3), 'a\\xFFé\\xC3'],
    ['an encoded surrogate', bytes(0xed, 0xa0, 0x80), '\\xED\\xA0\\x80'],
    ['an overlong encoding', bytes(0xc0, 0x80), '\\xC0\\x80'],
    ['U+0000', bytes('a', 0, 'b'), 'a\\x00b'],
  ])('holds %s', (_, line, text) => {
    expect(rawTextOf(line)).toBe(text);
  });

  test('is cut at a character', () => {
    expect(rawTextOf(bytes('x'.repeat(65_001)))).toBe('x'.repeat(65_000));
    expect(rawTextOf(bytes('x', '😀'.repeat(20_000)))).toBe(`x${'😀'.repeat(16_249)}`);
    expect(rawTextOf(bytes('x'.repeat(64_998), 0xff))).toBe('x'.repeat(64_998));
    expect(rawTextOf(bytes('x'.repeat(64_996), 0xff, 'y'))).toBe(`${'x'.repeat(64_996)}\\xFF`);
  });

  test('is always well-formed, without U+0000 and within the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(70_000), (noise, padding) => {
        const text = rawTextOf(Buffer.concat([Buffer.alloc(padding, 'x'), noise]));
        expect(Buffer.from(text).toString()).toBe(text);
        expect(text).not.toContain('\0');
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_000);
      }),
    );
  });

  test('is told to be the whole line only where it is', () => {
    const noise = fc.uint8Array({ maxLength: 50 });
    const padding = fc.oneof(fc.nat(70_000), fc.integer({ min: 64_900, max: 65_010 }));
    fc.assert(
      fc.property(noise, padding, (tail, length) => {
        const line = Buffer.concat([Buffer.alloc(length, 'x'), tail]);
        const text = rawTextOf(line);
        fc.pre(isWholeLine(text));
        expect(text).toBe(line.toString('utf8').replace(/\r$/, ''));
      }),
    );
    expect(['', '{"a":"\\u0041 \\\\ é"}', 'x'.repeat(64_996)].map(isWholeLine)).toEqual([true, true, true]);
    expect(['a\\xFF', 'x'.repeat(65_000)].map(isWholeLine)).toEqual([false, false]);
  });
});

describe('a text that is no JSON value', () => {
  test.each([
    ['{"a":1}{"a":2}', true],
    ['{"a":"}{"} {"b":[1,{"c":"]"}]}', true],
    [' [1] [2]\n', true],
    ['"a" "b\\"" 1', true],
    ['1 2', true],
    ['{"a":1} x', false],
    ['{"a":1},{"a":2}', false],
    ['{"a":1}{', false],
    ['{"a":1}]', false],
    ['{"a":NaN}{"a":1}', false],
    ['{"a":1', false],
    ['"a', false],
    ['', false],
    [' ', false],
    ['x', false],
  ])('%j holds several values: %s', (text, several) => {
    expect(holdsSeveralValues(text)).toBe(several);
  });

  test('may be megabytes long', () => {
    const long = 15_000_000;
    expect(holdsSeveralValues(`"${'a'.repeat(long)}" 1`)).toBe(true);
    expect(holdsSeveralValues('a'.repeat(long))).toBe(false);
    expect(holdsSeveralValues(`1${' '.repeat(long)}2`)).toBe(true);
    expect(holdsSeveralValues(`${'['.repeat(long)}`)).toBe(false);
  });

  test('is found to hold several whenever values stand side by side', () => {
    const value = fc.json();
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 2, maxLength: 4 }),
        fc.constantFrom(' ', '\n', '\t \r'),
        (values, space) => {
          expect(holdsSeveralValues(values.join(space))).toBe(true);
        },
      ),
    );
  });
});
