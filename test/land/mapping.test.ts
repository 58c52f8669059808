import { describe, expect, test } from 'vitest';
import { parseJsonPath } from '../../src/land/json-path.ts';
import { readMapping } from '../../src/land/mapping.ts';
import { defineSource } from '../../src/model/source.ts';
import { asFiles, asText, joined, land, outcomes, plays, rootWith, stagingOf } from './support.ts';

const source = defineSource({
  name: 'plays',
  doc: 'for a test',
  folder: 'plays',
  framing: 'line',
  jsonPaths: 'paths.json',
});
const staging = stagingOf(source);
const columns = Object.keys(staging.columns);
const paths = ['$.id', '$.page', '$.song', '$.place', '$.status', '$.length', '$.year'];

const fileOf = (jsonpaths: unknown) => ({ 'paths.json': JSON.stringify({ jsonpaths }) });

/** The mapping that this file gives, or the error. */
async function read(files: Record<string, string | Buffer>) {
  const root = await rootWith(files);
  try {
    return await readMapping({ source, staging, store: root.store });
  } finally {
    root.remove();
  }
}

describe('a JSONPath', () => {
  test.each<[string, string[]]>([
    ['$.a', ['a']],
    ['$.a_b-c$1', ['a_b-c$1']],
    ['$.é', ['é']],
    ["$['a']", ['a']],
    ['$["a"]', ['a']],
    [`$['a b."c[*]']`, ['a b."c[*]']],
    [`$["it's"]`, ["it's"]],
    ['$.a.b', ['a', 'b']],
    [`$['a'].b["c"]['d']`, ['a', 'b', 'c', 'd']],
    ['$.0', ['0']],
  ])('%s leads through keys', (path, keys) => {
    expect(parseJsonPath(path)).toEqual(keys);
  });

  test.each<[string, number, RegExp]>([
    ['', 1, /begins with \$/],
    ['a', 1, /begins with \$/],
    ['.a', 1, /begins with \$/],
    ['$', 2, /whole object/],
    ['$a', 2, /'\.' or '\['/],
    ['$.', 3, /key of letters/],
    ['$..a', 3, /all levels/],
    ['$.a..b', 5, /all levels/],
    ['$.*', 3, /wildcard/],
    ['$.a b', 4, /'\.' or '\['/],
    ['$. a', 3, /key of letters/],
    ['$.a ', 4, /'\.' or '\['/],
    ['$.a[0]', 5, /array index/],
    ['$[-1]', 3, /array index/],
    ['$[*]', 3, /wildcard/],
    ["$['a'][*]", 8, /wildcard/],
    ['$[?(@.a)]', 3, /filter/],
    ['$[a]', 3, /key in quotes/],
    ['$[', 3, /not closed/],
    ["$['a", 3, /quote is not closed/],
    ["$['a'", 6, /closing \]/],
    ["$['a'x]", 6, /closing \]/],
    ["$['a','b']", 6, /closing \]/],
    ["$['a']b", 7, /'\.' or '\['/],
    ["$['']", 4, /empty/],
    ["$['a\\'b']", 5, /backslash/],
    ["$['a\0']", 5, /U\+0000/],
  ])('%j is refused at character %i', (path, at, problem) => {
    expect(parseJsonPath(path)).toEqual({ at, problem: expect.stringMatching(problem) });
  });
});

describe('the mapping', () => {
  test('is the keys that the columns declare where there is no file', async () => {
    const { paths } = await readMapping({ ...(await storeOf({})), source: plays.source, staging: plays });
    expect(paths).toEqual(Object.fromEntries(columns.map((name) => [name, [name]])));
  });

  test('is element i for column i', async () => {
    const mapping = await read(fileOf(paths.map((path) => `${path}.x`)));
    expect(mapping.paths).toEqual(Object.fromEntries(columns.map((name) => [name, [name, 'x']])));
    expect(Object.keys(mapping.paths)).toEqual(columns);
    expect(structuredClone(mapping)).toEqual(mapping);
  });

  test('may fill two columns from one key, and may have a byte order mark', async () => {
    const text = `\ufeff${JSON.stringify({ jsonpaths: paths.map(() => '$.a') })}`;
    expect(new Set(Object.values((await read({ 'paths.json': text })).paths).flat())).toEqual(new Set(['a']));
  });

  test.each<[string, Record<string, string | Buffer>, RegExp]>([
    ['is missing', {}, /has no JSONPaths file 'paths\.json'/],
    ['is empty', { 'paths.json': '' }, /not JSON/],
    ['is not JSON', { 'paths.json': "{'jsonpaths': []}" }, /not JSON/],
    ['is not UTF-8', { 'paths.json': Buffer.from([0x22, 0xff, 0x22]) }, /not valid UTF-8/],
    ['is an array', { 'paths.json': '[]' }, /no key "jsonpaths".*'auto'/],
    ['is null', { 'paths.json': 'null' }, /no key "jsonpaths"/],
    ['has another key', { 'paths.json': '{"jsonPaths": []}' }, /no key "jsonpaths".*'auto'/],
    ['holds no array', fileOf('$.a'), /"jsonpaths" is no array/],
    ['holds other than text', fileOf(['$.a', 1, null]), /element 2 is no text\n.*element 3 is no text/],
    ['has too few paths', fileOf(paths.slice(1)), /it has 6 paths, and staging_plays has 7 columns/],
    ['has too many paths', fileOf([...paths, '$.x']), /it has 8 paths/],
    [
      'has wrong paths',
      fileOf(['$.a', '$', '$.b', '$.c[0]', '$.d', '$.e', 'f']),
      /element 2 \(\$\), character 2.*\n.*element 4 \(\$\.c\[0\]\), character 5.*\n.*element 7/,
    ],
    [
      'has keys that differ in case',
      fileOf(['$.a', '$.b', '$.B', '$.c', '$.d', '$.e', '$.f']),
      /page \(\$\["b"\]\) and song \(\$\["B"\]\): they differ in letter case only/,
    ],
    [
      'has nested keys that differ in case',
      fileOf(['$.a', '$.b.x', '$.B.y', '$.c', '$.d', '$.e', '$.f']),
      /letter case only/,
    ],
    [
      'has a key inside another',
      fileOf(['$.a', '$.b', '$.b.c', '$.c', '$.d', '$.e', '$.f']),
      /one lies inside the other/,
    ],
  ])('is refused where the file %s', async (_, files, message) => {
    await expect(read(files)).rejects.toMatchObject({
      code: 'JSONPATHS_INVALID',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
  });

  test('is refused where declared keys differ in letter case only', async () => {
    const clashing = stagingOf(plays.source, 'PAGE');
    const mapping = readMapping({ ...(await storeOf({})), source: plays.source, staging: clashing });
    await expect(mapping).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/page .*song .*letter case/),
    });
  });

  async function storeOf(files: Record<string, string>) {
    const root = await rootWith(files);
    root.remove();
    return { store: root.store };
  }
});

test('nested keys are read alike on both paths', async () => {
  const nested = ["$['the id'].v", '$.page', '$.a.song', '$.a.b.place', '$.a.b.c.status', "$.x['y.z']", '$.a.year'];
  const lines = [
    '{"the id":{"v":1},"page":"Home"}',
    '{"the id":{"v":"2"},"page":"Home","a":{"song":"s ","b":{"place":3,"c":{"status":"4"}},"year":5},"x":{"y.z":6.5}}',
    '{"the id":{"v":3},"page":"Home","a":null,"x":[1]}',
    '{"the id":{"v":4},"page":"Home","a":"{\\"song\\":1}","x":5}',
    '{"the id":{"v":5},"page":"Home","a":{"b":[{"place":1}],"song":null},"x":{}}',
    '{"the id":{"v":6},"page":"Home","a":{"song":"first"},"a":{"song":{}}}',
    '{"the id":7,"page":"Home"}',
    '{"the id":{"v":8},"page":"Home","a":{"b":{"place":"x"}}}',
    '{"the id":{"v":9},"page":"Home","a":{"song":{"x":1}}}',
    '{"the id":{"v":10},"page":"Home","a":{"song":["x"]}}',
    '{"the id.v":11,"page":"Home"}',
  ];
  const root = await rootWith({ ...fileOf(nested), 'plays/a.json': joined(lines) });
  for (const limits of [asText, asFiles]) {
    const result = await land(root, { staging, limits });
    expect(result.rows).toEqual([
      '["1","Home",null,null,null,null,null,"1"]',
      '["2","Home","s",3,4,6.5,5,"1"]',
      '["3","Home",null,null,null,null,null,"1"]',
      '["4","Home",null,null,null,null,null,"1"]',
      '["5","Home",null,null,null,null,null,"1"]',
      '["6","Home","first",null,null,null,null,"1"]',
    ]);
    expect(outcomes(result).map(({ line, column, reason }) => [line, column, reason])).toEqual([
      [7, 'id', 'required but missing'],
      [8, 'place', 'not an integer'],
      [9, 'song', 'an object or an array, not text'],
      [10, 'song', 'an object or an array, not text'],
      [11, 'id', 'required but missing'],
    ]);
  }
  root.remove();
});
