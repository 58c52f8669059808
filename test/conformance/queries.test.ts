import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { type ByEngine, isNotSupported, notSupported } from '../support/engine-record.ts';
import { oddShape, openWithOddValues } from '../support/odd-values.ts';
import { testEngines } from '../support/targets.ts';

/** The first three columns of odd_values; `one` in the order of its bytes. */
const rows = [
  [1n, '', null],
  [2n, 'B', 'x'],
  [3n, 'a', ''],
  [4n, 'a\\b', 'it\'s "quoted"'],
  [5n, 'Ä', 'ä'],
  [6n, 'é', 'e\u0301'],
  [7n, '🎵', '\u00a0'],
  [8n, null, null],
] as const;

/** What a person may ask, with the same answer wherever it is asked. */
const same: readonly (readonly [question: string, sql: string, answer: readonly (readonly Value[])[]])[] = [
  ['integers divide as integers, towards zero', 'select 7 / 2, -7 / 2, 7 % 3, -7 % 3', [[3n, -3n, 1n, -1n]]],
  ['BIGINTs are lossless', 'select 9007199254740993 + 0, -9223372036854775807 - 1', [[2n ** 53n + 1n, -(2n ** 63n)]]],
  ['NULL comes last when ascending', 'select id from odd_values order by one, id', rows.map(([id]) => [id])],
  [
    'NULL comes first when descending',
    'select id from odd_values order by one desc, id',
    [...rows].reverse().map(([id]) => [id]),
  ],
  ['text is compared by its bytes', "select id from odd_values where one > 'a' and one < 'Ä' order by id", [[4n]]],
  ['the greatest text is that by its bytes', 'select min(one), max(one) from odd_values', [['', '🎵']]],
  ['the empty text is a text', "select count(*) from odd_values where one = ''", [[1n]]],
  ['NULL equals nothing', 'select count(*) from odd_values where two = null or two <> null', [[0n]]],
  [
    'NULL is counted by nothing but *',
    'select count(*), count(two), count(distinct two) from odd_values',
    [[8n, 6n, 6n]],
  ],
  ['NULL is a group', 'select count(*) from (select two from odd_values group by two) g', [[7n]]],
  ['characters that look alike are different', "select count(*) from odd_values where two = 'é' or one = 'Ä'", [[1n]]],
  ['a text joined to NULL is NULL', "select 'a' || two from odd_values where id = 8", [[null]]],
  ['quotes in a text are its own', "select two from odd_values where two like 'it''s %'", [['it\'s "quoted"']]],
  ['sums of nothing are NULL', 'select sum(id), count(id) from odd_values where id > 100', [[null, 0n]]],
  [
    'a window has its frame',
    'select id, cast(sum(id) over (order by id rows between 1 preceding and current row) as bigint) from odd_values where id < 4 order by id',
    [
      [1n, 1n],
      [2n, 3n],
      [3n, 5n],
    ],
  ],
  [
    'an outer join keeps what has no partner',
    'select count(*), count(other.id) from odd_values left join odd_values other on other.one = odd_values.two',
    [[8n, 1n]],
  ],
];

/** Where engines differ, and people have to know. */
const different: readonly (readonly [
  question: string,
  sql: string,
  answers: ByEngine<readonly (readonly Value[])[]>,
])[] = [
  [
    'the mean of integers',
    'select avg(id) from odd_values where id < 3',
    // dg:r_AVG
    { duckdb: [[1.5]], postgres: [['1.5000000000000000']], redshift: [[1n]] },
  ],
  [
    'the sum of BIGINTs',
    'select sum(id) from odd_values',
    // dg:r_SUM: a NUMERIC
    { duckdb: [[36n]], postgres: [['36']], redshift: [['36']] },
  ],
  [
    'a backslash in a literal',
    "select 'a\\\\b'",
    // facts 3.3
    { duckdb: [['a\\\\b']], postgres: [['a\\\\b']], redshift: [['a\\b']] },
  ],
  [
    'a condition on an aggregate',
    'select count(*) filter (where id > 5) from odd_values',
    { duckdb: [[3n]], postgres: [[3n]], redshift: notSupported('there is no FILTER (facts 3.3)') },
  ],
  [
    'rows out of nothing',
    "select * from (values (1, 'a')) t (n, c)",
    { duckdb: [[1n, 'a']], postgres: [[1n, 'a']], redshift: notSupported('VALUES is no table (facts 3.3)') },
  ],
];

describe.each(testEngines)('queries on $engine', ({ engine, create }) => {
  let remove: () => void;
  let session: Session;
  beforeAll(async () => {
    const { target, ...created } = create();
    remove = created.remove;
    const writer = await openWithOddValues(target);
    await writer.insertRows(
      oddShape,
      rows.map((row) => [...row, null, null, null, 1n]),
    );
    await writer.close();
    session = await openTarget(target, { mode: 'read' });
  });
  afterAll(async () => {
    await session.close();
    remove();
  });

  test.each(same)('%s', async (_, sql, answer) => {
    expect((await session.query(sql)).rows).toEqual(answer);
  });

  test.each(different)('%s', async (_, sql, answers) => {
    const answer = answers[engine];
    if (isNotSupported(answer)) {
      await expect(session.query(sql), answer.notSupported).rejects.toMatchObject({ code: 'QUERY_FAILED' });
      return;
    }
    expect((await session.query(sql)).rows).toEqual(answer);
  });
});

/** Names that no declaration may have, and that tables altered by hand have all the same. */
describe.each(testEngines)('names on $engine', ({ create }) => {
  test('are quoted, whatever they are', async () => {
    const { target, remove } = create();
    const session = await openTarget(target, { mode: 'write' });
    try {
      const shape = {
        schema: undefined,
        name: 'a "quoted" table',
        columns: ['select', 'with "quotes"', "it's", 'größe', 'a; drop table b', 'back\\slash'].map((name) => ({
          name,
          type: { kind: 'text', bytes: 100 } as const,
        })),
      };
      await session.define(session.dialect.createTable(shape).map((ddl) => ({ title: 'create a table', ...ddl })));
      const values = shape.columns.map(({ name }) => `value of ${name}`);
      await session.insertRows(shape, [values]);
      const { columns, rows: found } = await session.query('select * from "a ""quoted"" table"');
      expect(columns.map(({ name }) => name)).toEqual(shape.columns.map(({ name }) => name));
      expect(found).toEqual([values]);
    } finally {
      await session.close();
      remove();
    }
  });
});
