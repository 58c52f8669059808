import { createHash } from 'node:crypto';
import { isGzipKey } from '../storage/keys.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';
import { isBlank, markLength } from './lines.ts';

/** The content of an object, from its beginning at each call. */
export type Content = () => AsyncIterable<Buffer>;

/** A whole object in memory. */
export interface WholeContent {
  /** Without a byte order mark; the beginning only, where the object is longer than the limit. */
  readonly bytes: Buffer;
  /** Length without a byte order mark. */
  readonly lineBytes: number;
  readonly isBlank: boolean;
  readonly contentBytes: number;
  readonly contentHash: string;
}

const readAtOnceBytes = 1024 * 1024;
/** Deflate makes 1,032 bytes of one at most. */
const inflateAtOnceBytes = 16 * 1024;

/** Reads an object of any size, keeping about `limitBytes` of it at most, but no less than a small one. */
export async function readWhole(store: ObjectStore, object: StoredObject, limitBytes: number): Promise<WholeContent> {
  const isSmall = object.sizeBytes <= (isGzipKey(object.key) ? inflateAtOnceBytes : readAtOnceBytes);
  return gather(isSmall ? [await store.read(object)] : store.open(object), limitBytes);
}

async function gather(chunks: Iterable<Buffer> | AsyncIterable<Buffer>, limitBytes: number): Promise<WholeContent> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let contentBytes = 0;
  let blank = true;
  for await (const chunk of chunks) {
    hash.update(chunk);
    const mark = contentBytes === 0 ? markLength(chunk, 0) : 0;
    contentBytes += chunk.length;
    blank &&= isBlank(chunk, mark, chunk.length);
    if (keptBytes > limitBytes) continue;
    kept.push(chunk);
    keptBytes += chunk.length;
  }
  const bytes = kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept);
  const mark = markLength(bytes, 0);
  const lineBytes = contentBytes - mark;
  return { bytes: bytes.subarray(mark), lineBytes, isBlank: blank, contentBytes, contentHash: hash.digest('hex') };
}

export async function hashOf(content: Content): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content()) hash.update(chunk);
  return hash.digest('hex');
}
