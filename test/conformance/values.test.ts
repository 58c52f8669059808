import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Value } from '../../src/engines/engine.ts';
import { loadLanded, oddShape, openWithOddValues } from '../support/odd-values.ts';
import { testEngines } from '../support/targets.ts';

/** All that a format on the way, or an older reader of it, could take for something else. */
const texts = [
  null,
  '',
  ' ',
  '\\',
  '\\N',
  '\\.',
  '\\\\',
  '\\t',
  '\t',
  '\n',
  '\r',
  '\r\n',
  'a\n\\.\nb',
  '\\x41',
  '\\101',
  '"',
  '""',
  "'",
  ',',
  'NULL',
  'null',
  '\u0001',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufffd',
  'ÿ',
  '𝄞',
  'BjÃ¶rk',
  '\u{10ffff}',
  'e\u0301',
  'x'.repeat(65_535),
  '\\'.repeat(65_535),
  'é'.repeat(32_767),
  '𝄞'.repeat(16_383),
];

const numbers = [
  null,
  0,
  -0,
  1.5,
  0.1,
  1e16,
  1e21,
  1e22,
  1e23,
  5e-324,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  -1e-7,
  123456789.12345679,
  0.1 + 0.2,
  1540919166796.5,
];

describe.each(testEngines)('values on $engine', ({ create }) => {
  let target: string;
  let remove: () => void;
  let session: Session;
  beforeAll(async () => {
    ({ target, remove } = create());
    session = await openWithOddValues(target);
  });
  afterAll(async () => {
    await session.close();
    remove();
  });

  const waysIn = {
    'that landed': (rows: readonly (readonly Value[])[]) => loadLanded(session, rows),
    'from memory': (rows: readonly (readonly Value[])[]) => session.insertRows(oddShape, rows),
  };

  describe.each(Object.entries(waysIn))('%s', (_, load) => {
    async function confirmSame(rows: readonly (readonly Value[])[]): Promise<void> {
      await session.transaction(async () => {
        await session.run(`delete from ${oddShape.name}`);
        await load(rows);
      });
      const { rows: found } = await session.query(`select * from ${oddShape.name} order by id`);
      expect(found).toEqual(rows);
    }

    test('are in the table as they were: every text, NULL and the empty text apart', () =>
      confirmSame(
        texts.map((value, index) => [
          BigInt(index),
          value,
          texts[texts.length - index - 1] ?? null,
          null,
          null,
          null,
          1n,
        ]),
      ));

    test('are in the table as they were: every number to the last bit', () =>
      confirmSame([
        ...numbers.map((value, index): Value[] => [BigInt(index), 'x', '', 0n, 0n, value, 1n]),
        [1_000n, null, null, -32_768n, -2_147_483_648n, null, -9_223_372_036_854_775_808n],
        [1_001n, null, null, 32_767n, 2_147_483_647n, null, 9_223_372_036_854_775_807n],
      ]));

    test('are in the table as they were: any values', async () => {
      const anyText = fc.option(
        fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\0', '')),
      );
      const row = fc.tuple(anyText, anyText, fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })));
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), (rows) =>
          confirmSame(rows.map(([one, two, number], index) => [BigInt(index), one, two, null, null, number, 1n])),
        ),
        { numRuns: 20 },
      );
    });

    test('are all there, many at once', async () => {
      const many = Array.from({ length: 30_000 }, (_, id): Value[] =>
        [
          BigInt(id),
          `${id} ’é\\ ${'x'.repeat(id % 97)}`,
          id % 3 === 0 ? null : '',
          (id % 65_536) - 32_768,
          id,
          id / 7,
          BigInt(id % 11),
        ].map((value, index) => (typeof value === 'number' && index < 5 ? BigInt(value) : value)),
      );
      await confirmSame(many);
    });
  });
});
