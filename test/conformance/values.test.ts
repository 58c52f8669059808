import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { loadLanded, oddValues, oddShape as shape } from '../support/odd-values.ts';
import { testEngines } from '../support/targets.ts';
import { notSupported, testExpecting } from './per-engine.ts';

/** All that a format of rows, a literal or an older reader of them could take for something else. */
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
  '\ufffd',
  'ÿ',
  '𝄞',
  'BjÃ¶rk',
  '\u{10ffff}',
  'e\u0301',
  'x'.repeat(65_535),
  '\\'.repeat(65_535),
];

const numbers = [
  null,
  0,
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

describe.each(testEngines)('rows that come into a table of $engine', ({ engine, create }) => {
  const { target, remove } = create();
  let session: Session;
  beforeAll(async () => {
    session = await openTarget(target, { mode: 'write' });
    await session.define(session.dialect.createTable(shape).map((ddl) => ({ title: 'create a table', ...ddl })));
  });
  afterAll(async () => {
    await session.close();
    remove();
  });

  const copiedBy = {
    'from the embedded database': (rows: readonly (readonly Value[])[]) => loadLanded(session, rows),
    'from memory': (rows: readonly (readonly Value[])[]) => session.insertRows(shape, rows),
  };

  describe.each(Object.entries(copiedBy))('%s', (_, copy) => {
    async function confirmSame(rows: readonly (readonly Value[])[]): Promise<void> {
      await session.run(`-- empty it\ndelete from ${shape.name}`);
      await copy(rows);
      const { rows: found } = await session.query(`select * from ${shape.name} order by id`);
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
        { numRuns: 30 },
      );
    });
  });

  testExpecting('keep the sign of zero, landed', engine, { duckdb: -0, postgres: -0, redshift: -0 }, async (zero) => {
    await confirmNumber(session, (rows) => loadLanded(session, rows), zero);
  });

  testExpecting(
    'keep the sign of zero, from memory',
    engine,
    {
      duckdb: -0,
      postgres: -0,
      redshift: notSupported('-0 in an INSERT is an integer; no row from memory has a double'),
    },
    async (zero) => {
      await confirmNumber(session, (rows) => session.insertRows(shape, rows), zero);
    },
  );

  testExpecting(
    'keep a byte order mark at the beginning of a text',
    engine,
    {
      duckdb: notSupported('it stands in the table, but the client for Node drops it from what it reads'),
      postgres: '\ufeffx',
      redshift: '\ufeffx',
    },
    async (text) => {
      await session.run(`-- empty it\ndelete from ${shape.name}`);
      await loadLanded(session, [[1n, '\ufeffx', '', 0n, 0n, 0, 1n]]);
      expect((await session.query(`select one from ${shape.name}`)).rows).toEqual([[text]]);
    },
  );

  test('are all there, however many statements the embedded database needs for them', async () => {
    await session.run(`-- empty it\ndelete from ${shape.name}`);
    const landing = await session.landingTable(oddValues);
    await landing.connection.run(`insert into ${landing.name} (id, one, object_id)
      select i, case when i % 50_000 = 7 then repeat('wide\\', 12_000) else 'narrow' end, i // 1000 from range(300_000) numbers(i)`);
    await landing.connection.run(`delete from ${landing.name} where id between 4_000 and 20_000`);
    await session.loadLanded(oddValues, landing);
    const sums =
      'select count(*), cast(sum(id) as bigint), cast(sum(length(one)) as bigint), count(distinct object_id)';
    expect((await session.query(`${sums} from ${shape.name}`)).rows).toEqual([
      [283_999n, 44_999_850_000n - 192_012_000n, 6n * 283_993n + 6n * 60_000n, 284n],
    ]);
  });

  test('that landed for nothing load nothing', async () => {
    await session.run(`-- empty it\ndelete from ${shape.name}`);
    await session.loadLanded(oddValues, await session.landingTable(oddValues));
    expect((await session.query(`select count(*) from ${shape.name}`)).rows).toEqual([[0n]]);
  });
});

async function confirmNumber(
  session: Session,
  load: (rows: readonly (readonly Value[])[]) => Promise<void>,
  expected: number,
): Promise<void> {
  await session.run(`-- empty it\ndelete from ${shape.name}`);
  await load([[1n, 'x', '', 0n, 0n, -0, 1n]]);
  expect((await session.query(`select number from ${shape.name}`)).rows).toEqual([[expected]]);
}
