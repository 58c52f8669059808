import fc from 'fast-check';
import { expect, test } from 'vitest';
import { badLines, goodLines } from './line-cases.ts';
import { asText, joined, type Landing, land, outcomes, type Root, rootWith } from './support.ts';

const fragments = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"id":1',
  '"page":"Home"',
  '"x"',
  '1',
  'null',
  ' ',
  '\t',
  '\r',
  '\v',
  '\\',
  '"',
  '\0',
];

const anyJson = fc
  .record(
    {
      id: fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String), fc.jsonValue()),
      page: fc.oneof(
        fc.constantFrom('Home', 'Next', 'Next '),
        fc.string({ unit: 'binary', maxLength: 9 }),
        fc.jsonValue(),
      ),
      song: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 14 }), fc.jsonValue({ maxDepth: 2 })),
      place: fc.oneof(fc.integer({ min: -5, max: 70_000 }), fc.float().map(String)),
      status: fc.oneof(fc.double(), fc.constantFrom('', '0', '00', '-0', '1e2', ' 1')),
      length: fc.oneof(fc.double(), fc.double().map(String), fc.jsonValue({ maxDepth: 1 })),
      x: fc.jsonValue(),
    },
    { requiredKeys: ['id'] },
  )
  .map((value) => JSON.stringify(value));

const line: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...goodLines.map((each) => each.line)) },
  { weight: 3, arbitrary: fc.constantFrom(...badLines.map((each) => each.line)) },
  { weight: 4, arbitrary: anyJson },
  { weight: 2, arbitrary: anyJson.chain((text) => fc.nat(text.length).map((length) => text.slice(0, length))) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...fragments), { maxLength: 6 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\t', '\r', ' \r') },
);

const content = fc
  .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean())
  .map(([lines, end, isEnded, hasMark]) =>
    Buffer.concat([
      Buffer.from(hasMark && lines.length % 5 === 0 ? '\ufeff' : ''),
      joined(lines.map((each) => Buffer.concat([Buffer.from(each), Buffer.from(end.slice(0, -1))]))),
      Buffer.from(isEnded ? '\n' : ''),
    ]),
  );

const limits = fc.record({
  fileBytes: fc.constantFrom(0, 100, 400),
  groupBytes: fc.constantFrom(1, 500, 1_000_000),
  copyBytes: fc.constantFrom(1, 500, 1_000_000),
  asideBytes: fc.constantFrom(0, 500, 1_000_000),
  chunkBytes: fc.constantFrom(1, 300, 1_000_000),
  chunkLines: fc.constantFrom(1, 3, 1_000),
  suspects: fc.constantFrom(0, 2, 1_000),
});

async function everything(root: Root, landing: Landing) {
  const result = await land(root, landing);
  const texts = result.rejects.map(({ rawText }) => rawText);
  return { rows: result.rows, rejects: outcomes(result), texts, objects: result.objects };
}

/** Counted as simply as can be. */
function linesOf(bytes: Buffer): number {
  const newlines = bytes.filter((byte) => byte === 0x0a).length;
  return newlines + (bytes.length > 0 && bytes.at(-1) !== 0x0a ? 1 : 0);
}

test('whatever the lines and whatever is done at a time, both paths give the same and every line is accounted for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 4 }), limits, async (contents, anyLimits) => {
      const root = await rootWith(Object.fromEntries(contents.map((bytes, index) => [`plays/${index}.json`, bytes])));
      try {
        const byText = await everything(root, { limits: asText });
        expect(await everything(root, { limits: anyLimits })).toEqual(byText);
        expect(byText.objects.map(({ linesRead }) => linesRead)).toEqual(contents.map(linesOf));
      } finally {
        root.remove();
      }
    }),
    { numRuns: Number(process.env.SPARKIFY_RUNS ?? 60) },
  );
}, 300_000);
