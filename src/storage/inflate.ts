import { type Readable, Transform } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { codeOf, messageOf, SparkifyError } from '../errors.ts';

/**
 * The content of a whole gzip object; members that follow each other are one content, as gzip(1) has it.
 *
 * Every byte must belong to a complete member with a right checksum. Also refused: zero bytes after the last member
 * (Node's zlib stops there and would ignore all that follows, even another member), and an empty object, which is
 * what an upload that failed leaves behind (gzip of nothing has 20 bytes).
 * @throws OBJECT_UNREADABLE, naming `uri`
 */
export function inflate(compressed: Buffer, uri: string): Buffer {
  const { content, consumed } = gunzip(compressed, uri);
  if (consumed !== compressed.length) throw followedByOtherBytes(uri, consumed);
  return content;
}

/** As `inflate`, chunk by chunk. Errors of `compressed` are passed on as they are; destroying the result destroys it. */
export function inflateStream(compressed: Readable, uri: string): Readable {
  const inflater = createGunzip();
  let received = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      done(null, chunk);
    },
  });
  const content = new Transform({
    transform: (chunk, _encoding, done) => done(null, chunk),
    // Node ends the inflater early, without an error, when a zero byte follows a member.
    flush: (done) => done(inflater.bytesWritten === received ? null : followedByOtherBytes(uri, inflater.bytesWritten)),
    destroy(error, done) {
      for (const stream of [compressed, counted, inflater]) stream.destroy();
      done(error);
    },
  });
  compressed.once('error', (error) => content.destroy(error));
  inflater.once('error', (error) => content.destroy(unreadable(error, uri)));
  compressed.pipe(counted).pipe(inflater).pipe(content);
  return content;
}

function gunzip(compressed: Buffer, uri: string): { content: Buffer; consumed: number } {
  try {
    // With `info`, which @types/node does not know as a change of the result, zlib also tells how much it consumed.
    const result = gunzipSync(compressed, { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { content: result.buffer, consumed: result.engine.bytesWritten };
  } catch (error) {
    throw unreadable(error, uri);
  }
}

function unreadable(error: unknown, uri: string): SparkifyError {
  return damaged(uri, reasonOf(error), error);
}

function followedByOtherBytes(uri: string, consumed: number): SparkifyError {
  return damaged(uri, `bytes that are not gzip follow its end at byte ${consumed}`);
}

function damaged(uri: string, reason: string, cause?: unknown): SparkifyError {
  return new SparkifyError('OBJECT_UNREADABLE', `${uri} cannot be inflated: ${reason}.`, {
    hint: 'Upload the object again, or give it a name without .gz if it is not compressed. `gzip -t` tests a copy of it.',
    cause,
    details: { uri, reason },
  });
}

function reasonOf(error: unknown): string {
  const message = messageOf(error);
  if (codeOf(error) === 'Z_BUF_ERROR') return 'it ends in the middle of the gzip data';
  if (message === 'incorrect header check') return 'it is not gzip, or other bytes follow the gzip data';
  if (message === 'incorrect data check' || message === 'incorrect length check') return 'its checksum is wrong';
  return message;
}
