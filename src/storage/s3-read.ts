import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { SparkifyError } from '../errors.ts';
import type { StoredObject } from './object-store.ts';
import { type S3Attempt, s3Error } from './s3-errors.ts';

/** An object to read, and the client to read it with. */
export interface S3Source {
  readonly client: S3Client;
  readonly bucket: string;
  /** The key in the bucket, with the root's prefix. */
  readonly bucketKey: string;
  readonly host: string;
  readonly object: StoredObject;
}

const breaksInARow = 5;

/**
 * The bytes of the listed version, as stored. A connection that breaks off is taken up again where it broke, with
 * the same If-Match, until five in a row brought nothing: what is delivered is whole, or ends in an error.
 * @throws OBJECT_CHANGED, OBJECT_UNREADABLE, STORAGE_DENIED, STORAGE_UNREACHABLE
 */
export async function* readS3Object(source: S3Source, fromByte = 0): AsyncGenerator<Buffer> {
  const { sizeBytes } = source.object;
  let received = fromByte;
  let breaks = 0;
  while (true) {
    const { bytes, broken } = yield* chunksOf(await getFrom(source, received));
    received += bytes;
    if (received === sizeBytes && broken === undefined) return;
    breaks = bytes > 0 ? 1 : breaks + 1;
    if (received >= sizeBytes || breaks === breaksInARow) throw brokenOff(source, received, broken);
    await sleep(100 * 2 ** (breaks - 1) * Math.random());
  }
}

// A failure of the body is returned, not thrown, to tell it from what the reader throws into the generator.
async function* chunksOf(body: Readable): AsyncGenerator<Buffer, { bytes: number; broken?: unknown }> {
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    while (true) {
      const step = await chunks.next().catch((error: unknown) => ({ broken: error }));
      if ('broken' in step) return { bytes, broken: step.broken };
      if (step.done) return { bytes };
      bytes += step.value.length;
      yield step.value;
    }
  } finally {
    body.destroy();
  }
}

async function getFrom(source: S3Source, from: number): Promise<Readable> {
  const { client, bucket, bucketKey, object } = source;
  const range = from === 0 ? {} : { Range: `bytes=${from}-` };
  const request = new GetObjectCommand({ Bucket: bucket, Key: bucketKey, IfMatch: `"${object.version}"`, ...range });
  try {
    const answer = await client.send(request);
    if (!(answer.Body instanceof Readable)) throw new TypeError('The SDK gave no Node stream.');
    confirmAnswer(answer, answer.Body, source, from);
    return answer.Body;
  } catch (error) {
    throw s3Error(error, attemptOf(source));
  }
}

// Some S3-compatible stores ignore If-Match or Range; then the answer is not what was asked for, and says so.
function confirmAnswer(answer: GetObjectCommandOutput, body: Readable, source: S3Source, from: number): void {
  const { object } = source;
  const sameVersion = answer.ETag === undefined || etagOf(answer.ETag) === object.version;
  const sameSize = answer.ContentLength === undefined || answer.ContentLength === object.sizeBytes - from;
  if (sameVersion && sameSize) return;
  body.destroy();
  if (sameVersion && from > 0) throw brokenOff(source, from, new Error('The store does not continue a broken read.'));
  throw new SparkifyError('OBJECT_CHANGED', `${object.uri} was replaced after it was listed.`, {
    hint: 'Run again: the next listing sees it as it is now.',
    details: { uri: object.uri },
    retryable: true,
  });
}

/** An ETag without its quotes, which stores write or leave out as they like. */
export function etagOf(header: string): string {
  return header.replace(/^"(.*)"$/, '$1');
}

function brokenOff({ host, object }: S3Source, received: number, cause: unknown): SparkifyError {
  const { uri, sizeBytes } = object;
  const how = received >= sizeBytes ? 'failed at its end' : `broke off after ${received} of ${sizeBytes} bytes`;
  return new SparkifyError('STORAGE_UNREACHABLE', `Reading ${uri} from ${host} ${how}.`, {
    hint: 'Check the network and try again.',
    cause,
    details: { uri, received, sizeBytes },
    retryable: true,
  });
}

function attemptOf({ bucket, host, object }: S3Source): S3Attempt {
  return { bucket, host, uri: object.uri };
}
