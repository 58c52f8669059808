import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { badLines, type GoodLine, goodLines } from './line-cases.ts';
import { asFiles, asText, cards, land, type Landed, type Landing, plays, remote, type Root, rootWith } from './support.ts';

/** Every way that lines can take into the landing table. */
const ways: readonly { readonly way: string; readonly landing: (root: Root) => Landing }[] = [
  { way: 'as text', landing: () => ({ limits: asText }) },
  { way: 'as a file', landing: () => ({ limits: asFiles }) },
  { way: 'as a copied file', landing: ({ store }) => ({ limits: asFiles, store: remote(store) }) },
  { way: 'as a file into a database file', landing: ({ folder }) => ({ limits: asFiles, database: join(folder, 'w.duckdb') }) },
];

const least = '{"id":1,"page":"Home"}';
const newline = Buffer.from('\n');
const joined = (lines: readonly (string | Buffer)[]) =>
  Buffer.concat(lines.flatMap((line, index) => [...(index > 0 ? [newline] : []), Buffer.from(line)]));

function rowOf({ row }: GoodLine, objectId = 1): string {
  const values = { id: 1, page: 'Home', song: null, place: null, status: null, length: null, year: null, ...row };
  return JSON.stringify([String(values.id), ...Object.values(values).slice(1), String(objectId)]);
}

async function landed(files: Record<string, string | Buffer>, landing: (root: Root) => Landing): Promise<Landed> {
  const root = await rootWith(files);
  try {
    return await land(root, landing(root));
  } finally {
    root.remove();
  }
}

const outcomes = ({ rejects }: Landed) => rejects.map(({ line, column, reason }) => ({ line, column, reason }));

describe.each(ways)('lines landed $way', ({ landing }) => {
  test('that do not fit are rejects with their line, column and reason', async () => {
    const content = joined([least, ...badLines.map(({ line }) => line)]);
    const result = await landed({ 'plays/a.json': content }, landing);
    const expected = badLines.map(({ column, reason }, index) => ({ line: index + 2, column, reason }));
    expect(outcomes(result).map((reject, index) => ({ ...reject, what: badLines[index]?.what }))).toEqual(
      expected.map((reject, index) => ({ ...reject, what: badLines[index]?.what })),
    );
    expect(result.objects[0]).toMatchObject({ linesRead: badLines.length + 1, linesLoaded: 1, linesBlank: 0 });
  });

  test.each(badLines)('alone do not fit either: $what', async ({ line, column, reason }) => {
    const result = await landed({ 'plays/a.json': joined([least, line]) }, landing);
    expect(outcomes(result)).toEqual([{ line: 2, column, reason }]);
  });

  test('that fit become typed rows', async () => {
    const content = joined(goodLines.map(({ line }) => line));
    const result = await landed({ 'plays/a.json': content }, landing);
    expect(outcomes(result)).toEqual([]);
    expect(result.rows).toEqual(goodLines.map((line) => rowOf(line)).sort());
  });
});

test('an object that is one line takes newlines inside for whitespace', async () => {
  const files = { 'plays/a.json': '\n{"id":\n1,\r\n"page":"Home"\n}\n\n' };
  const result = await landed(files, () => ({ staging: cards }));
  expect(result.rejects).toEqual([]);
  expect(result.objects[0]).toMatchObject({ linesRead: 1, linesLoaded: 1, linesBlank: 0 });
});
