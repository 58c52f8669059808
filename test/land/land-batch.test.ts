import { describe, expect, test } from 'vitest';
import { type BadLine, badLines, type GoodLine, goodLines } from './line-cases.ts';
import { cards, joined, type Landed, landFiles, outcomes, ways } from './support.ts';

const least = '{"id":1,"page":"Home"}';

/** A byte order mark is wrong inside an object and skipped at its start. */
const alone = badLines.filter(({ what }) => what !== 'a byte order mark');

function rowOf({ row }: GoodLine, objectId = 1): string {
  const values = { id: 1, page: 'Home', song: null, place: null, status: null, length: null, year: null, ...row };
  return JSON.stringify([String(values.id), ...Object.values(values).slice(1), String(objectId)]);
}

/** One object for each case. */
function objectsOf(
  cases: readonly { line: string | Buffer }[],
  before: readonly string[] = [],
): Record<string, Buffer> {
  return Object.fromEntries(
    cases.map(({ line }, index) => [`plays/${String(index).padStart(4, '0')}.json`, joined([...before, line])]),
  );
}

/** What was told, and what was expected, each with the case it is about. */
function expectRejects(
  landed: Landed,
  cases: readonly BadLine[],
  place: (index: number) => [objectId: number, line: number],
) {
  const label = <T>(found: readonly T[]) => found.map((each, index) => ({ ...each, what: cases[index]?.what }));
  const expected = cases.map(({ column, reason }, index) => {
    const [objectId, line] = place(index);
    return { objectId, line, column, reason };
  });
  expect(label(outcomes(landed))).toEqual(label(expected));
}

describe.each(ways)('lines landed $way', ({ landing }) => {
  test('are rejects where they do not fit, each with its line, column and reason', async () => {
    const result = await landFiles({ 'plays/a.json': joined([least, ...badLines.map(({ line }) => line)]) }, landing);
    expectRejects(result, badLines, (index) => [1, index + 2]);
    expect(result.objects[0]).toMatchObject({ linesRead: badLines.length + 1, linesLoaded: 1, linesBlank: 0 });
  });

  test('are the same rejects when each is in an object of its own', async () => {
    const result = await landFiles(objectsOf(badLines, [least]), landing);
    expectRejects(result, badLines, (index) => [index + 1, 2]);
  });

  test('are the same rejects when each is the only line, which not every file can begin with', async () => {
    expectRejects(await landFiles(objectsOf(alone), landing), alone, (index) => [index + 1, 1]);
  });

  test('become typed rows where they fit', async () => {
    const result = await landFiles({ 'plays/a.json': joined(goodLines.map(({ line }) => line)) }, landing);
    expect(outcomes(result)).toEqual([]);
    expect(result.rows).toEqual(goodLines.map((line) => rowOf(line)).sort());
  });
});

describe('objects that are one line', () => {
  test('are rejects by the same rules', async () => {
    const result = await landFiles(objectsOf(alone), { staging: cards });
    expectRejects(result, alone, (index) => [index + 1, 1]);
  });

  test('become rows by the same rules', async () => {
    const result = await landFiles(objectsOf(goodLines), { staging: cards });
    expect(result.rows).toEqual(goodLines.map((line, index) => rowOf(line, index + 1)).sort());
  });

  test('take newlines between values for whitespace, and for a fault inside a string', async () => {
    const files = {
      'plays/a.json': '\n{"id":\n1,\r\n"page":"Home"\n}\n\n',
      'plays/b.json': '{"id":1,"page":"Ho\nme"}',
      'plays/c.json': '{"id":1,"page":"Home"}\n{"id":2,"page":"Home"}\n',
      'plays/d.json': ' \n\t\r\n',
      'plays/e.json': '',
      'plays/f.json': '\ufeff{"id":1,"page":"Home"}',
      'plays/g.json': '\ufeff\n',
    };
    const result = await landFiles(files, { staging: cards });
    expect(outcomes(result)).toEqual([
      { objectId: 2, line: 1, column: undefined, reason: 'not valid JSON' },
      { objectId: 3, line: 1, column: undefined, reason: 'more than one JSON value' },
    ]);
    expect(result.rejects.map(({ rawText }) => rawText)).toEqual([files['plays/b.json'], files['plays/c.json']]);
    expect(
      result.objects.map(({ linesRead, linesLoaded, linesBlank }) => [linesRead, linesLoaded, linesBlank]),
    ).toEqual([
      [1, 1, 0],
      [1, 0, 0],
      [1, 0, 0],
      [1, 0, 1],
      [0, 0, 0],
      [1, 1, 0],
      [1, 0, 1],
    ]);
  });

  test('are rejects when they are longer than the limit, however long', async () => {
    const long = `{"id":1,"page":"Home","x":"${'y'.repeat(3_000_000)}"}`;
    const files = { 'plays/a.json': long, 'plays/b.json': `${' '.repeat(3_000_000)}`, 'plays/c.json': least };
    const result = await landFiles(files, { staging: cards, limits: { lineBytes: 1_000_000 } });
    expect(outcomes(result)).toEqual([
      { objectId: 1, line: 1, column: undefined, reason: 'longer than 1000000 bytes' },
    ]);
    expect(result.rejects[0]?.rawText).toBe(long.slice(0, 65_000));
    expect(result.objects).toMatchObject([{ contentBytes: long.length }, { linesBlank: 1 }, { linesLoaded: 1 }]);
  });
});
