import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { renderChart } from '../../../src/cli/render/chart.ts';
import { renderJson } from '../../../src/cli/render/json.ts';
import { displayWidth } from '../../../src/cli/render/printable.ts';
import { recordsOf, renderCsv, renderQueryTable } from '../../../src/cli/render/query-result.ts';
import type { QueryResult, Value, ValueKind } from '../../../src/engines/engine.ts';

const result = (columns: Readonly<Record<string, ValueKind>>, ...rows: Value[][]): QueryResult => ({
  columns: Object.entries(columns).map(([name, kind]) => ({ name, kind })),
  rows,
});
const beyond = 2n ** 53n + 1n;

describe('a result as CSV', () => {
  test('leaves NULL empty and quotes an empty text', () => {
    expect(renderCsv(result({ a: 'text', b: 'text', c: 'integer' }, [null, '', 7n]))).toBe('a,b,c\n,"",7');
  });

  test('gives every value back to a reader', () => {
    const row = ['a,b', 'say "hi"', 'two\nlines', 'Björk 日本', ' x '];
    const columns = { a: 'text', b: 'text', c: 'text', d: 'text', e: 'text' } as const;
    expect(parse(renderCsv(result(columns, row)))).toEqual([Object.keys(columns), row]);
  });

  test('keeps integers of any size, and booleans as words', () => {
    expect(renderCsv(result({ a: 'integer', b: 'boolean', c: 'boolean' }, [beyond, true, false]))).toBe(
      'a,b,c\n9007199254740993,true,false',
    );
  });
});

describe('a result as JSON', () => {
  test('has numbers where they are safe and text where they are not', () => {
    const rows = recordsOf(result({ a: 'integer', b: 'integer', c: 'text', d: 'double' }, [7n, beyond, null, 1.5]));
    expect(renderJson({ rows })).toBe('{"rows":[{"a":7,"b":"9007199254740993","c":null,"d":1.5}]}');
    expect(renderJson({ a: -beyond, b: -7n })).toBe('{"a":"-9007199254740993","b":-7}');
  });

  test('says what JSON has no number for', () => {
    expect(renderJson({ a: Number.NaN, b: Number.POSITIVE_INFINITY })).toBe('{"a":"NaN","b":"Infinity"}');
  });
});

describe('a result as a table', () => {
  test('has numbers on the right and says null', () => {
    expect(renderQueryTable(result({ song: 'text', plays: 'integer' }, ['Paper Boats', 12n], [null, 1_000n]))).toBe(
      ['song         plays', '───────────  ─────', 'Paper Boats     12', 'null          1000', '2 rows'].join('\n'),
    );
  });

  test('escapes what would steer the terminal', () => {
    const table = renderQueryTable(result({ a: 'text' }, ['\u001B[31mred\nnext\u202E']));
    expect(table.split('\n')[2]).toBe('\\u001b[31mred\\nnext\\u202e');
  });

  test('fits the terminal', () => {
    const rows = result({ a: 'text', b: 'text', n: 'integer' }, ['x'.repeat(200), '日本'.repeat(50), 5n]);
    const lines = renderQueryTable(rows, { width: 60 }).split('\n');
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(60);
    expect(lines[2]).toContain('…');
  });

  test('of very many rows shows the first thousand and says so', () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => [BigInt(index)]);
    const lines = renderQueryTable({ columns: [{ name: 'n', kind: 'integer' }], rows }).split('\n');
    expect(lines).toHaveLength(1_003);
    expect(lines.at(-1)).toBe('200,000 rows, the first 1,000 of them here; --format csv prints all');
  });
});

describe('a result as a chart', () => {
  const bars = (chart: string | undefined) => chart?.split('\n').map((line) => /█*(?= \S+$)/.exec(line)?.[0].length);

  test('has a bar as long as its number, with what it is and how much', () => {
    const chart = renderChart(
      result({ song: 'text', artist: 'text', plays: 'integer' }, ['A', 'X', 40n], ['日本', null, 10n]),
      { width: 60 },
    );
    expect(chart?.split('\n').map((line) => line.replace(/█+/, '#'))).toEqual([
      'A · X          # 40',
      '日本 · (none)  # 10',
    ]);
    const [long = 0, short = 0] = bars(chart) ?? [];
    expect(short).toBeCloseTo(long / 4, -1);
  });

  test('shows plays, else the first number that is no label', () => {
    expect(renderChart(result({ level: 'text', listeners: 'integer', plays: 'integer' }, ['free', 3n, 9n]))).toMatch(
      / 9$/,
    );
    expect(renderChart(result({ decade: 'integer', songs: 'integer' }, [1990n, 38n]))).toMatch(/^1990 {2}█+ 38$/);
  });

  test('fits the terminal', () => {
    const chart = renderChart(result({ a: 'text', plays: 'integer' }, ['x'.repeat(300), 5n]), { width: 40 });
    expect(displayWidth(chart ?? '')).toBeLessThanOrEqual(40);
  });

  test('has no bars where all is zero', () => {
    expect(bars(renderChart(result({ a: 'text', n: 'integer' }, ['x', 0n], ['y', 0n])))).toEqual([0, 0]);
  });

  test.each([
    ['no rows', result({ a: 'text', n: 'integer' })],
    ['no number', result({ a: 'text' }, ['x'])],
    ['a negative number', result({ a: 'text', n: 'integer' }, ['x', -1n])],
    ['a number that is none', result({ a: 'text', n: 'double' }, ['x', Number.NaN])],
  ])('is not drawn for %s', (_, given) => {
    expect(renderChart(given)).toBeUndefined();
  });
});
