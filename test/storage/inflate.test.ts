import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inflate, inflateStream } from '../../src/storage/inflate.ts';

const uri = 's3://bucket/events.json.gz';
const text = Buffer.from('{"page":"NextSong"}\n'.repeat(20_000));
const more = Buffer.from('{"page":"Home"}\n');
const member = gzipSync(text);

const readable: Record<string, { stored: Buffer; content: Buffer }> = {
  'one member': { stored: member, content: text },
  'several members': {
    stored: Buffer.concat([member, gzipSync(more), member]),
    content: Buffer.concat([text, more, text]),
  },
  'an empty member': { stored: gzipSync(''), content: Buffer.alloc(0) },
  'an empty member between others': {
    stored: Buffer.concat([member, gzipSync(''), member]),
    content: Buffer.concat([text, text]),
  },
};

const damaged: Record<string, { stored: Buffer; reason: RegExp }> = {
  'an empty object': { stored: Buffer.alloc(0), reason: /in the middle/ },
  'plain JSON': { stored: text, reason: /not gzip/ },
  'a header only': { stored: member.subarray(0, 5), reason: /in the middle/ },
  'a truncated member': { stored: member.subarray(0, member.length >> 1), reason: /in the middle/ },
  'a member without the last byte': { stored: member.subarray(0, -1), reason: /in the middle/ },
  'a truncated second member': { stored: Buffer.concat([member, member.subarray(0, 12)]), reason: /in the middle/ },
  'the first byte of a second member': {
    stored: Buffer.concat([member, member.subarray(0, 1)]),
    reason: /in the middle/,
  },
  'a wrong CRC': { stored: flipped(member, -8), reason: /checksum/ },
  'a wrong length': { stored: flipped(member, -1), reason: /checksum/ },
  'garbage after the end': { stored: Buffer.concat([member, Buffer.from('garbage')]), reason: /other bytes follow/ },
  'zero bytes after the end': { stored: Buffer.concat([member, Buffer.alloc(3)]), reason: /follow its end/ },
  'garbage after zero bytes': { stored: Buffer.concat([member, Buffer.from('\0garbage')]), reason: /follow its end/ },
  'a member after zero bytes': { stored: Buffer.concat([member, Buffer.alloc(1), member]), reason: /follow its end/ },
};

describe.each([1, 7, 1000, Number.POSITIVE_INFINITY])('in chunks of %d bytes', (chunkBytes) => {
  test.each(Object.entries(readable))('%s is read', async (_name, { stored, content }) => {
    expect(inflate(stored, uri).equals(content)).toBe(true);
    expect((await buffer(inflateStream(inChunks(stored, chunkBytes), uri))).equals(content)).toBe(true);
  });

  test.each(Object.entries(damaged))('%s is an error that names the object', async (_name, { stored, reason }) => {
    const expected = {
      code: 'OBJECT_UNREADABLE',
      message: expect.stringContaining(uri),
      details: { uri, reason: expect.stringMatching(reason) },
    };
    expect(() => inflate(stored, uri)).toThrowError(expect.objectContaining(expected));
    await expect(buffer(inflateStream(inChunks(stored, chunkBytes), uri))).rejects.toMatchObject(expected);
  });
});

test('an error of the compressed stream is passed on as it is', async () => {
  const failing = Readable.from(
    (async function* () {
      yield member.subarray(0, 30);
      throw new Error('the line is dead');
    })(),
  );
  await expect(buffer(inflateStream(failing, uri))).rejects.toThrow('the line is dead');
});

test('destroying the inflated stream destroys the compressed one', async () => {
  const compressed = inChunks(gzipSync(Buffer.alloc(50_000_000)), 100);
  for await (const _chunk of inflateStream(compressed, uri)) break;
  expect(compressed.destroyed).toBe(true);
});

function inChunks(stored: Buffer, chunkBytes: number): Readable {
  const starts = Array.from(
    { length: Math.ceil(stored.length / Math.min(chunkBytes, stored.length || 1)) },
    (_, i) => i * chunkBytes || 0,
  );
  return Readable.from(
    starts.map((start) => stored.subarray(start, start + chunkBytes)),
    { objectMode: false },
  );
}

function flipped(bytes: Buffer, index: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length + index] = (copy.at(index) ?? 0) ^ 1;
  return copy;
}
