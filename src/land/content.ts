import { createHash, hash } from 'node:crypto';
import { isGzipKey } from '../storage/keys.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';
import { isBlank, markLength } from './lines.ts';

/** The content of an object, from its beginning at each call. */
export type Content = () => Iterable<Buffer> | AsyncIterable<Buffer>;

/** A whole object in memory. */
export interface WholeContent {
  /** The beginning only, where the object is longer than what was to be kept. */
  readonly bytes: Buffer;
  readonly contentBytes: number;
  readonly contentHash: string;
  /** Whether there is nothing but whitespace, after a byte order mark perhaps. */
  readonly isBlank: boolean;
}

const readAtOnceBytes = 1024 * 1024;
/** Deflate makes 1,032 bytes of one at most. */
const inflateAtOnceBytes = 16 * 1024;

/** Reads an object, keeping all of it when it is small and else no more than about `keepBytes`. */
export async function readWhole(store: ObjectStore, object: StoredObject, keepBytes: number): Promise<WholeContent> {
  const isSmall = object.sizeBytes <= (isGzipKey(object.key) ? inflateAtOnceBytes : readAtOnceBytes);
  return isSmall ? wholeOf(await store.read(object)) : gather(store.open(object), keepBytes);
}

/** In one go, since there may be thousands of them. */
function wholeOf(bytes: Buffer): WholeContent {
  const contentHash = hash('sha256', bytes);
  return {
    bytes,
    contentBytes: bytes.length,
    contentHash,
    isBlank: isBlank(bytes, markLength(bytes, 0), bytes.length),
  };
}

async function gather(chunks: AsyncIterable<Buffer>, keepBytes: number): Promise<WholeContent> {
  const hashing = createHash('sha256');
  const kept: Buffer[] = [];
  let contentBytes = 0;
  let blank = true;
  for await (const chunk of chunks) {
    hashing.update(chunk);
    blank &&= isBlank(chunk, contentBytes === 0 ? markLength(chunk, 0) : 0, chunk.length);
    if (contentBytes <= keepBytes) kept.push(chunk);
    contentBytes += chunk.length;
  }
  const bytes = kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept);
  return { bytes, contentBytes, contentHash: hashing.digest('hex'), isBlank: blank };
}

export async function hashOf(content: Content): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content()) hash.update(chunk);
  return hash.digest('hex');
}
