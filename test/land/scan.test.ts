import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitLines } from '../../src/land/lines.ts';
import { linesAt, type Scan, startScan } from '../../src/land/scan.ts';
import { badLines, goodLines } from './line-cases.ts';
import { joined } from './support.ts';

const good = '{"id":1}';

function scanOf(content: string | Buffer, cuts: readonly number[] = [], limitBytes = 1_000): Scan {
  const bytes = Buffer.from(content);
  const scanner = startScan(limitBytes);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  // One buffer for all chunks, as files are read.
  const chunk = Buffer.alloc(bytes.length);
  ends.reduce((start, end) => {
    const length = bytes.copy(chunk, 0, start, end);
    scanner.add(chunk.subarray(0, length));
    return end;
  }, 0);
  return scanner.end();
}

describe('a scan', () => {
  test('is the same however the content is cut into chunks', () => {
    const line = fc.constantFrom<string | Buffer>(
      ...[...goodLines, ...badLines].map((each) => each.line),
      '',
      ' ',
      '{"a":[',
      '1,',
      ']}',
      '"x\\u0000"',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 6 }), (lines, cuts) => {
        const content = joined(lines);
        expect(scanOf(content, cuts)).toEqual(scanOf(content));
      }),
      { numRuns: 500 },
    );
  });

  test('finds an escaped U+0000 wherever it is cut', () => {
    const content = `${good}\n{"id":"\\u0000"}\n${good}`;
    for (let cut = 0; cut <= content.length; cut++) expect(scanOf(content, [cut]).hasEscapedNul).toBe(true);
    expect(scanOf(`${good}\n${good}`).hasEscapedNul).toBe(false);
  });

  test('counts lines, blank lines and the longest, however long', () => {
    const content = `${'x'.repeat(5_000)}\n\n \t\r\n${good}`;
    expect(scanOf(content, [10, 2_000, 5_001])).toMatchObject({
      contentBytes: content.length,
      lines: 4,
      blankLines: 2,
      longestLineBytes: 5_000,
    });
  });

  test.each([
    ['objects', `${good}\n${good}\n`],
    ['whitespace around objects', ` ${good} \t\r\n\n\t${good}\r\n`],
    ['an object that is no JSON', `{"id":oops}\n${good}\n`],
    ['an object that lacks its end before a whole one', `{"id":1,"x":{"y":1}\n${good}\n`],
  ])('leaves %s to DuckDB', (_, content) => {
    expect(scanOf(content).irregular).toEqual([]);
  });

  test.each([
    ['a vertical tab before a line', `${good}\n«\v${good}»\n`],
    ['a form feed after a line', `${good}\n  «${good} \f\r»\n`],
    ['garbage', `«oops»\n${good}\n«2018-11-01 error»\n «1»\n«null»`],
    ['an object over two lines', `${good}\n«{"id":1,»\n«"page":2}»\n`],
    ['an array over three lines', `«[»\n«${good},»\n«${good}]»\n`],
    ['an object that seems to end, and a brace', `{"id":1,"x":{"y":1}\n«}»\n`],
    ['a line that is longer than the limit', `${good}\n«{${'x'.repeat(1_000)}}»\n«x»\n`],
  ])('keeps %s from DuckDB', (_, marked) => {
    const bytes = (text: string) => Buffer.byteLength(text.replaceAll(/[«»]/g, ''));
    const places = [...marked.matchAll(/«/g)].map(({ index }) => index);
    const irregular = places.map((place) => ({
      start: bytes(marked.slice(0, place)),
      end: bytes(marked.slice(0, marked.indexOf('»', place))),
    }));
    const content = marked.replaceAll(/[«»]/g, '');
    expect(scanOf(content).irregular).toEqual(irregular);
    expect(scanOf(content, [3, 7, 12]).irregular).toEqual(irregular);
  });

  test('knows where every line stands', () => {
    const lines = [good, '', ' \t\r', 'é', good, 'x'.repeat(3_000), '', good];
    const content = Buffer.from(lines.join('\n'));
    const found = [...linesAt([0, 1, 3, 4], scanOf(content, [5, 12, 40]))];
    expect(found.map(({ number }) => number)).toEqual([1, 4, 6, 8]);
    expect(found.map(({ start, end }) => content.toString('utf8', start, end))).toEqual(
      [0, 3, 5, 7].map((at) => lines[at]),
    );
    const many = scanOf(`${good}\n`.repeat(5_000));
    expect([...linesAt([4_999], many)]).toEqual([{ number: 5_000, start: 4_999 * 9, end: 4_999 * 9 + 8 }]);
  });

  test('finds a byte order mark, which is no part of the first line', () => {
    expect(scanOf(`\ufeff${good}\n${good}`, [1, 2])).toMatchObject({ hasMark: true, irregular: [], blankLines: 0 });
    expect(scanOf('\ufeff \nx')).toMatchObject({ hasMark: true, blankLines: 1, irregular: [{ start: 5, end: 6 }] });
    expect(scanOf(`${good}\n\ufeff${good}`)).toMatchObject({ hasMark: false, irregular: [{ start: 9, end: 20 }] });
  });

  test('gives up noting irregular lines when there are very many', () => {
    expect(scanOf('x\n'.repeat(100_000)).irregular).toHaveLength(100_000);
    expect(scanOf('x\n'.repeat(100_001)).irregular).toBeUndefined();
  });
});

test('lines longer than the limit are cut, and their length is told', () => {
  const lines: [string, number][] = [];
  const splitter = splitLines(5, (bytes, start, end, lineBytes) =>
    lines.push([bytes.toString('utf8', start, end), lineBytes]),
  );
  for (const chunk of ['123', '45\n12345', '6\n', '1234567\n\n', 'abcdef', 'gh']) splitter.add(Buffer.from(chunk));
  splitter.end();
  expect(lines).toEqual([
    ['12345', 5],
    ['12345', 6],
    ['12345', 7],
    ['', 0],
    ['abcde', 8],
  ]);
});
