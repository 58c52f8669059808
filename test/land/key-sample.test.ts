import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonPath, shownPath } from '../../src/land/json-path.ts';
import { collectKeys, type KeySample, mergeSamples, mostKeys } from '../../src/land/key-sample.ts';
import { keyTree } from '../../src/land/key-tree.ts';
import { defaultLimits } from '../../src/land/limits.ts';
import { cards, joined, landFiles, ways } from './support.ts';

const paths = [['id'], ['page'], ['place', 'city'], ['place', 'at', 'lat']];

/** What a sample says, as plain data, in the order of the keys. */
function told({ lines, keys }: KeySample) {
  const all = [...keys].map(([key, { isRead, lines: count, types }]) => [
    key,
    { isRead, lines: count, types: [...types.keys()].toSorted() },
  ]);
  return { lines, keys: Object.fromEntries(all.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))) };
}

function sampleOf(lines: readonly (string | Buffer)[], uri = 'a'): KeySample {
  const collector = collectKeys(keyTree(paths));
  for (const line of lines) {
    // Between other bytes, as lines stand in a chunk.
    const bytes = joined(['{"before":1}', line, '{"after":1}']);
    collector.add(bytes, 13, bytes.length - 12, uri);
  }
  return collector.sample();
}

/** The same by parsing every line. */
function naiveSample(lines: readonly string[]) {
  const read = new Set(paths.flatMap((path) => path.map((_, length) => JSON.stringify(path.slice(0, length + 1)))));
  const keys: Record<string, { isRead: boolean; lines: number; types: string[] }> = {};
  const look = (object: object, above: readonly string[]) => {
    for (const [key, value] of Object.entries(object)) {
      const path = [...above, key];
      const found = keys[shownPath(path)] ?? { isRead: read.has(JSON.stringify(path)), lines: 0, types: [] };
      keys[shownPath(path)] = found;
      found.lines++;
      const type = Array.isArray(value) ? 'array' : value === null ? undefined : typeof value;
      if (type && !found.types.includes(type)) found.types.push(type);
      const isAbove = paths.some((each) => each.length > path.length && path.every((step, at) => each[at] === step));
      if (type === 'object' && isAbove) look(value, path);
    }
  };
  const objects = lines.map((line) => JSON.parse(line)).filter((value) => /^\{/.test(JSON.stringify(value)));
  for (const object of objects) look(object, []);
  for (const { types } of Object.values(keys)) types.sort();
  return { lines: objects.length, keys };
}

describe('the keys of lines', () => {
  test('are the same as those of every line parsed, whatever the lines', () => {
    const key = fc.constantFrom('id', 'page', 'place', 'city', 'ts', 'é', '__proto__', 'a"b', '1', '');
    const scalar = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        false,
        0,
        -1.5,
        1e300,
        '',
        '"',
        '\\',
        '\\"',
        '}',
        '{"id":1}',
        'ü\u0000',
        ',',
      ),
      fc.string(),
    );
    const inner = fc.dictionary(key, scalar, { maxKeys: 3 });
    const value = fc.oneof(
      { weight: 8, arbitrary: scalar },
      { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
      { weight: 1, arbitrary: inner },
    );
    const object = fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true });
    const line = fc
      .tuple(
        fc.oneof({ weight: 9, arbitrary: object }, scalar),
        fc.constantFrom(undefined, 1),
        fc.constantFrom('', ' ', '\r'),
      )
      .map(([json, indent, space]) => `${space}${JSON.stringify(json, null, indent).replaceAll('\n', ' ')}${space}`);
    // Few different lines, many times, since lines are compared with those before.
    const lines = fc
      .array(line, { minLength: 1, maxLength: 6 })
      .chain((some) => fc.array(fc.constantFrom(...some), { maxLength: 20 }));
    fc.assert(
      fc.property(lines, (all) => {
        const naive = naiveSample(all);
        const sample = told(sampleOf(all));
        expect(sample.lines).toBe(naive.lines);
        expect(sample.keys).toEqual(naive.keys);
      }),
      { numRuns: 1_000 },
    );
  });

  test('are looked for beside the keys that columns are filled from, and not inside others', () => {
    const line = '{"id":1,"place":{"city":"x","zip":2,"at":{"lat":1,"alt":[]}},"other":{"inside":1}}';
    expect(Object.keys(told(sampleOf([line])).keys)).toEqual([
      '$.id',
      '$.other',
      '$.place',
      '$.place.at',
      '$.place.at.alt',
      '$.place.at.lat',
      '$.place.city',
      '$.place.zip',
    ]);
    const unread = [...sampleOf([line]).keys].filter(([, { isRead }]) => !isRead).map(([key]) => key);
    expect(unread).toEqual(['$.place.zip', '$.place.at.alt', '$.other']);
  });

  test.each([
    ['nothing', ''],
    ['white space', ' \t'],
    ['a list', '[{"id":1}]'],
    ['a text', '"{"'],
    ['broken JSON', '{"id":1,"x":}'],
    ['an object that lacks its end', '{"id":1,"page":"x"'],
    ['an object cut inside a text', '{"id":1,"page":"x'],
    ['an object cut inside an escape', '{"id":1,"page":"x\\'],
    ['an object cut between an escaped quote and a brace', '{"id":1,"page":"x\\"}'],
    ['an object with something behind', '{"id":1,"page":"x"} x'],
    ['two objects', '{"id":1,"page":"x"}{"id":1,"page":"x"}'],
    ['an object that has one more key', '{"id":1,"page":"x","more":}'],
    [
      'an object of invalid UTF-8',
      Buffer.concat([Buffer.from('{"id":1,"pag'), Buffer.from([0xff]), Buffer.from('":1}')]),
    ],
  ])('are not those of %s', (_, line) => {
    const good = '{"id":1,"page":"x"}';
    expect(told(sampleOf([good, line, good]))).toEqual(told(sampleOf([good, good])));
  });

  test('are counted on where a line like those before has values of another type', () => {
    const lines = ['{"id":1}', '{"id":2}', '{"id":"x"}', '{"id":"y"}', '{"id":null}', '{"id":3}', '{"id":true}'];
    expect(told(sampleOf(lines))).toEqual({
      lines: 7,
      keys: { '$.id': { isRead: true, lines: 7, types: ['boolean', 'number', 'string'] } },
    });
  });

  test('are no more than a thousand, those known being counted on', () => {
    const lines = Array.from({ length: mostKeys + 500 }, (_, index) => `{"id":1,"key${index}":"x"}`);
    const { keys, lines: count } = sampleOf(lines);
    expect(keys.size).toBe(mostKeys);
    expect(count).toBe(mostKeys + 500);
    expect(keys.get('$.id')?.lines).toBe(mostKeys + 500);
    const merged = mergeSamples([
      sampleOf(['{"first":1}']),
      sampleOf(lines),
      sampleOf(['{"id":"text"}', '{"id":2}'], 'b'),
    ]);
    expect(merged.keys.size).toBe(mostKeys);
    expect(merged.keys.get('$.id')).toEqual({
      isRead: true,
      lines: mostKeys + 502,
      uri: 'a',
      types: new Map([
        ['string', 'b'],
        ['number', 'a'],
      ]),
    });
  });
});

describe.each(ways)('of objects landed $way', ({ landing }) => {
  test('the first lines are sampled, blank and bad ones among them', async () => {
    const lines = ['\ufeff{"id":1,"page":"Home","a":1}', '', 'oops', '{"id":2,"page":"Home","b":1}', '{"c":1}'];
    const files = { 'plays/1.json': lines.join('\n'), 'plays/2.json': '{"id":3,"page":"Home","d":"x"}' };
    const { keys } = await landFiles(files, (root) => {
      const { limits, ...rest } = landing(root);
      return { ...rest, limits: { ...limits, sampleLines: 4 } };
    });
    expect(told(keys)).toEqual({
      lines: 3,
      keys: {
        '$.a': { isRead: false, lines: 1, types: ['number'] },
        '$.b': { isRead: false, lines: 1, types: ['number'] },
        '$.d': { isRead: false, lines: 1, types: ['string'] },
        '$.id': { isRead: true, lines: 3, types: ['number'] },
        '$.page': { isRead: true, lines: 3, types: ['string'] },
      },
    });
    expect(keys.keys.get('$.d')?.uri).toMatch(/plays\/2\.json$/);
  });

  test('no more bytes are sampled than the limit, and no line that goes on beyond it', async () => {
    const long = `{"id":1,"page":"Home","long":"${'x'.repeat(3_000_000)}"}`;
    const files = { 'plays/1.json': `{"id":2,"page":"Home"}\n${long}\n{"id":3,"page":"Home","late":1}\n` };
    const { keys } = await landFiles(files, (root) => {
      const { limits, ...rest } = landing(root);
      return { ...rest, limits: { ...limits, sampleBytes: 1_000 } };
    });
    expect(told(keys)).toMatchObject({ lines: 1 });
    expect([...keys.keys.keys()]).toEqual(['$.id', '$.page']);
  });
});

test('an object that is one line is not sampled where it is longer than the limit', async () => {
  const files = { 'plays/1.json': '{"id":1,"page":"Home","x":1}', 'plays/2.json': '{"id":2,\n"page":"Home"}' };
  const { keys } = await landFiles(files, { staging: cards, limits: { sampleBytes: 27 } });
  expect([keys.lines, [...keys.keys.keys()]]).toEqual([1, ['$.id', '$.page']]);
});

test('an object that cannot be read to its end adds nothing', async () => {
  const line = (id: number) => `{"id":${id},"page":"Home","x${id % 7}":${Math.sin(id)}}`;
  const content = Array.from({ length: 20_000 }, (_, index) => line(index)).join('\n');
  const cut = gzipSync(content).subarray(0, -2_000);
  const files = { 'plays/1.json.gz': cut, 'plays/2.json': '{"id":1,"page":"Home"}' };
  const unreadable: string[] = [];
  const landing = { onUnreadable: ({ object }: { object: { key: string } }) => unreadable.push(object.key) };
  for (const more of [{}, { staging: cards }]) {
    const { keys } = await landFiles(files, { ...landing, ...more });
    expect(told(keys)).toMatchObject({ lines: 1 });
    expect([...keys.keys.keys()]).toEqual(['$.id', '$.page']);
  }
  expect(unreadable).toEqual(['plays/1.json.gz', 'plays/1.json.gz']);
  expect(cut.length * 8).toBeGreaterThan(defaultLimits.fileBytes);
});

describe('a path is shown', () => {
  test('as JSONPath, which reads back to the same keys where they are plain or in need of brackets only', () => {
    expect(shownPath(['userId'])).toBe('$.userId');
    expect(shownPath(['place', 'a key', 'é_1-$'])).toBe('$.place["a key"].é_1-$');
    for (const path of [['userId'], ['place', 'a key', 'é_1-$'], ['a.b', "it's"]]) {
      expect(parseJsonPath(shownPath(path))).toEqual(path);
    }
  });

  test('printable and no longer than 201 characters, whatever the keys', () => {
    expect(shownPath(['a\nb\u001b[31m\u202e\u2028'])).toBe('$["a\\nb\\u001b[31m\\u202e\\u2028"]');
    expect(shownPath(['\ud800"\\'])).toBe('$["\\ud800\\"\\\\"]');
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 3 }), (keys) => {
        const path = shownPath(keys);
        expect([...path].length).toBeLessThanOrEqual(201);
        expect(path).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
        expect(Buffer.from(path).toString()).toBe(path);
      }),
    );
  });
});
