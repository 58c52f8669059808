import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { bigintType } from '../../src/model/column-type.ts';
import type { TableShape } from '../../src/sql/dialect.ts';
import { textLiteral } from '../../src/sql/quote.ts';
import { type ByEngine, isNotSupported, notSupported } from '../support/engine-record.ts';
import { testEngines } from '../support/targets.ts';

/** By their bytes; of the last two, UTF-16 would have the greater one first. NULL comes behind. */
const orderedTexts = ['', ' ', '"', "'", 'A', 'B', '\\', 'a', 'aa', 'e\u0301', 'é', 'ü', '\uff66', '𝄞', null];

const shape: TableShape = {
  schema: undefined,
  name: 'texts',
  columns: [
    { name: 'id', type: bigintType },
    { name: 'text', type: { kind: 'text', bytes: 8 } },
  ],
};

/** What the database makes of texts where no statement says how, which is why each of ours does. */
const leastOfItsOwn: ByEngine<string> = { duckdb: 'B', postgres: 'a', redshift: 'B' };

/** What a table says of a text with more bytes than its column has, beside landing, which rejects it. */
const tooLong: ByEngine<RegExp> = {
  duckdb: notSupported('VARCHAR(n) has no length there'),
  postgres: notSupported('the column is TEXT, as VARCHAR(n) would count characters'),
  redshift: /value too long for type character varying\(8\)/,
};

describe.each(testEngines)('what the statements of a run say on $engine', ({ engine, create }) => {
  let remove: () => void;
  let session: Session;
  beforeAll(async () => {
    const { target, ...created } = create();
    remove = created.remove;
    session = await openTarget(target, { mode: 'write' });
    await session.define(session.dialect.createTable(shape).map((ddl) => ({ title: 'create a table', ...ddl })));
    await session.insertRows(
      shape,
      orderedTexts.map((text, id): Value[] => [BigInt(id), text]),
    );
  });
  afterAll(async () => {
    await session.close();
    remove();
  });

  const columnOf = async (sql: string) => (await session.query(sql)).rows.map(([value]) => value);

  test('text is in the order of its bytes and NULL behind it, either way', async () => {
    const { inByteOrder, nullsLast } = session.dialect;
    const ids = (direction: 'ascending' | 'descending') =>
      columnOf(`select id from texts order by ${nullsLast(inByteOrder('text'), direction)}`);
    const inOrder = orderedTexts.map((_, id) => BigInt(id));
    expect(await ids('ascending')).toEqual(inOrder);
    expect(await ids('descending')).toEqual([...inOrder.slice(0, -1).toReversed(), ...inOrder.slice(-1)]);
  });

  test('and so it is in a window', async () => {
    const { inByteOrder, nullsLast } = session.dialect;
    const order = nullsLast(inByteOrder('text'), 'descending');
    const places = `select id, row_number() over (order by ${order}) as place from texts`;
    const last = `select w.id from (${places}) w where w.place = ${orderedTexts.length}`;
    expect(await columnOf(last)).toEqual([BigInt(orderedTexts.length - 1)]);
  });

  test('which the database would not do by itself, where it has a collation', async () => {
    const words = "from (select 'a' as word union all select 'B') w";
    expect(await columnOf(`select min(w.word) ${words}`)).toEqual([leastOfItsOwn[engine]]);
    const order = session.dialect.inByteOrder('w.word');
    expect(await columnOf(`select w.word ${words} order by ${order}`)).toEqual(['B', 'a']);
  });

  test.each([
    ['1', '1', false],
    ['1', '2', true],
    ['1', 'cast(null as integer)', true],
    ['cast(null as integer)', '1', true],
    ['cast(null as integer)', 'cast(null as integer)', false],
  ])('NULL is a value like any other where two are compared: %s and %s', async (left, right, differ) => {
    const differs = session.dialect.isDistinct('l', 'r');
    const answer = `case when ${differs} then 1 when not (${differs}) then 0 end`;
    const [found] = await columnOf(`select ${answer} from (select ${left} as l, ${right} as r) p`);
    expect(found).toBe(differ ? 1n : 0n);
  });

  test('the length of a text is that in characters, not in bytes or halves of surrogates', async () => {
    const length = session.dialect.characterLength('text');
    const { rows } = await session.query(`select text, ${length} from texts where text is not null`);
    expect(rows).toEqual(rows.map(([text]) => [text, BigInt(Array.from(String(text)).length)]));
  });

  test.each(['it\'s "x"', 'back\\slash \\n', "'; drop table texts --", '𝄞', '$do$', '%_', '?', ':a'])(
    'a literal is the text it was made of: %s',
    async (text) => {
      const { backslashEscapes } = session.dialect;
      expect(await columnOf(`select ${textLiteral(text, { backslashEscapes })}`)).toEqual([text]);
    },
  );

  test('a text with more bytes than its column has is refused, where columns have a length', async ({ skip }) => {
    const message = tooLong[engine];
    if (isNotSupported(message)) return skip(message.notSupported);
    // A few rows wait for the next statement.
    const add = async (text: string) => {
      await session.insertRows(shape, [[90n, text]]);
      await session.run('-- take it away\ndelete from texts where id = 90');
    };
    await add('ÿ'.repeat(4));
    await expect(add('ÿ'.repeat(5))).rejects.toThrow(message);
  });
});
