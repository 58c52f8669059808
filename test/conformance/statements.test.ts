import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { bigintType, type ColumnType } from '../../src/model/column-type.ts';
import type { TableShape } from '../../src/sql/dialect.ts';
import { identifier, textLiteral } from '../../src/sql/quote.ts';
import { tableName } from '../../src/sql/shapes.ts';
import { testEngines } from '../support/targets.ts';
import { notSupported, testExpecting } from './per-engine.ts';

const words: ColumnType = { kind: 'text', bytes: 8 };

describe.each(testEngines)('what a statement means on $engine', ({ engine, create }) => {
  const { target, remove } = create();
  let session: Session;
  beforeAll(async () => {
    session = await openTarget(target, { mode: 'write' });
    await createTable(
      textsShape,
      orderedTexts.map((text, id): Value[] => [BigInt(id), text]),
    );
    await createTable(
      momentsShape,
      moments.map(({ ms }): Value[] => [BigInt(ms)]),
    );
  });
  afterAll(async () => {
    await session.close();
    remove();
  });

  async function createTable(shape: TableShape, rows: readonly (readonly Value[])[]): Promise<void> {
    await session.define(session.dialect.createTable(shape).map((ddl) => ({ title: 'create a table', ...ddl })));
    await session.insertRows(shape, rows);
  }

  const rowsOf = async (sql: string) => (await session.query(sql)).rows;
  const columnOf = async (sql: string) => (await rowsOf(sql)).map(([value]) => value);

  test('a time is that of its milliseconds in UTC, about DST, leap days and the ends of what there is', async () => {
    const at = session.dialect.fromEpochMillis('ms');
    expect(await columnOf(`select ${at} from moments order by ms`)).toEqual(moments.map(({ shown }) => shown));
  });

  test('its parts are those of UTC, the week that of ISO 8601, the days of the week counted from Sunday', async () => {
    const at = session.dialect.fromEpochMillis('ms');
    const parts = (['hour', 'day', 'week', 'month', 'year', 'weekday'] as const).map((part) =>
      session.dialect.datePart(part, at),
    );
    const found = await rowsOf(`select ${parts.join(', ')} from moments order by ms`);
    expect(found.map((row) => row.map(Number))).toEqual(moments.map(({ parts: expected }) => expected));
  });

  test('text is ordered by its bytes and NULL comes last, either way', async () => {
    const { inByteOrder, nullsLast } = session.dialect;
    const ids = (direction: 'ascending' | 'descending') =>
      columnOf(`select id from texts order by ${nullsLast(inByteOrder('text'), direction)}`);
    const inOrder = orderedTexts.map((_, id) => BigInt(id));
    expect(await ids('ascending')).toEqual(inOrder);
    expect(await ids('descending')).toEqual([...inOrder.slice(0, -1).toReversed(), ...inOrder.slice(-1)]);
  });

  test('so it is in a window', async () => {
    const { inByteOrder, nullsLast } = session.dialect;
    const order = nullsLast(inByteOrder('text'), 'descending');
    const [last] = await rowsOf(
      `select w.id from (select id, row_number() over (order by ${order}) as place from texts) w where w.place = ${orderedTexts.length}`,
    );
    expect(last).toEqual([BigInt(orderedTexts.length - 1)]);
  });

  testExpecting(
    'which no statement may leave to the database: it has an order of its own',
    engine,
    { duckdb: 'B', postgres: 'a', redshift: 'B' },
    async (first) => {
      expect(await columnOf("select min(w.word) from (select 'a' as word union all select 'B') w")).toEqual([first]);
    },
  );

  test('NULL is a value like any other where two are compared, and the answer is never NULL', async () => {
    const { isDistinct } = session.dialect;
    const pairs = [
      ['1', '1', false],
      ['1', '2', true],
      ['1', 'cast(null as integer)', true],
      ['cast(null as integer)', '1', true],
      ['cast(null as integer)', 'cast(null as integer)', false],
    ] as const;
    for (const [left, right, differs] of pairs) {
      const when = `case when ${isDistinct('l', 'r')} then 1 when not (${isDistinct('l', 'r')}) then 0 end`;
      const [found] = await columnOf(`select ${when} from (select ${left} as l, ${right} as r) p`);
      expect([left, right, Number(found)]).toEqual([left, right, differs ? 1 : 0]);
    }
  });

  test('the length of a text counts characters, not bytes or halves of surrogates', async () => {
    const length = session.dialect.characterLength('text');
    const found = await rowsOf(`select text, ${length} from texts where text is not null`);
    expect(found.map(([text, count]) => [text, Number(count)])).toEqual(
      found.map(([text]) => [text, Array.from(String(text)).length]),
    );
  });

  test.each(['it\'s "x"', 'back\\slash \\n', "'; drop table texts --", '𝄞', '$do$', '%_'])(
    'a literal is the text it was: %s',
    async (text) => {
      const { backslashEscapes } = session.dialect;
      expect(await columnOf(`select ${textLiteral(text, { backslashEscapes })}`)).toEqual([text]);
    },
  );

  test('a table and its columns can have any name in lower case, a word of SQL and quotes too', async () => {
    const names = ['order', 'a "quoted" one', "it's", 'ünï', 'select'];
    const columns = names.map((name) => ({ name, type: bigintType }));
    const shape: TableShape = { schema: undefined, name: 'a "table"', columns };
    await createTable(shape, [names.map((_, index) => BigInt(index))]);
    const list = names.map((name) => identifier(name)).join(', ');
    expect(await rowsOf(`select ${list} from ${tableName(shape)}`)).toEqual([names.map((_, index) => BigInt(index))]);
  });

  testExpecting(
    'a text of more bytes than its column has is refused by the table too',
    engine,
    {
      duckdb: notSupported('VARCHAR(n) has no length there; landing rejects such text'),
      postgres: notSupported('the column is TEXT, as VARCHAR(n) would count characters; landing rejects such text'),
      redshift: /value too long/,
    },
    async (message) => {
      // A few rows wait for the next statement.
      const add = async (text: string) => {
        await session.insertRows(textsShape, [[90n, text]]);
        await session.run('-- take it away\ndelete from texts where id = 90');
      };
      await add('ÿ'.repeat(4));
      await expect(add('ÿ'.repeat(5))).rejects.toThrow(message);
    },
  );
});

/** By their bytes: of the last two, UTF-16 would have the greater one first. */
const orderedTexts = ['', ' ', '"', "'", 'A', 'B', '\\', 'a', 'aa', 'e\u0301', 'é', 'ü', '\uff66', '𝄞', null];

const textsShape: TableShape = {
  schema: undefined,
  name: 'texts',
  columns: [
    { name: 'id', type: bigintType },
    { name: 'text', type: words },
  ],
};

const momentsShape: TableShape = { schema: undefined, name: 'moments', columns: [{ name: 'ms', type: bigintType }] };

/** In their order; parts are hour, day, ISO week, month, year and weekday. */
const moments = [
  ['1970-01-01 00:00:00.000', [0, 1, 1, 1, 1970, 4]],
  ['1999-12-31 23:59:59.999', [23, 31, 52, 12, 1999, 5]],
  ['2000-02-29 12:00:00.001', [12, 29, 9, 2, 2000, 2]],
  // Clocks in Europe and in the United States are put forward and back.
  ['2018-03-11 09:59:59.999', [9, 11, 10, 3, 2018, 0]],
  ['2018-03-11 10:00:00.000', [10, 11, 10, 3, 2018, 0]],
  ['2018-03-25 00:59:59.999', [0, 25, 12, 3, 2018, 0]],
  ['2018-03-25 01:00:00.000', [1, 25, 12, 3, 2018, 0]],
  ['2018-10-28 00:30:00.000', [0, 28, 43, 10, 2018, 0]],
  ['2018-10-28 01:30:00.000', [1, 28, 43, 10, 2018, 0]],
  ['2018-11-04 06:30:00.796', [6, 4, 44, 11, 2018, 0]],
  // Weeks that belong to the year before or after.
  ['2018-12-30 23:59:59.999', [23, 30, 52, 12, 2018, 0]],
  ['2018-12-31 00:00:00.000', [0, 31, 1, 12, 2018, 1]],
  ['2020-12-31 23:59:59.999', [23, 31, 53, 12, 2020, 4]],
  ['2021-01-03 23:59:59.999', [23, 3, 53, 1, 2021, 0]],
  ['2021-01-04 00:00:00.000', [0, 4, 1, 1, 2021, 1]],
  // Seconds beyond 32 bits, and the last millisecond that is taken.
  ['2038-01-19 03:14:08.000', [3, 19, 3, 1, 2038, 2]],
  ['9999-12-31 23:59:59.999', [23, 31, 52, 12, 9999, 5]],
].map(([shown, parts]) => ({ shown, parts, ms: Date.parse(`${String(shown).replace(' ', 'T')}Z`) }));
