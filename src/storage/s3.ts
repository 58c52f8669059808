import { Readable } from 'node:stream';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { inflate, inflateStream } from './inflate.ts';
import { folderPrefix, isGzipKey } from './keys.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';
import { openS3Client, s3Concurrency } from './s3-client.ts';
import { listingOf, listS3Objects } from './s3-list.ts';
import { readS3Object } from './s3-read.ts';

/** A bucket and the folder in it, without slashes at its end; '' is the whole bucket. */
export interface S3Location {
  readonly bucket: string;
  readonly prefix: string;
}

/**
 * The objects below a prefix of a bucket. The version is the ETag, and every read is conditional on it (If-Match), so
 * there is nothing left for `confirmUnchanged`. Needs s3:ListBucket on the bucket and s3:GetObject on the keys.
 */
export async function openS3Root({ bucket, prefix }: S3Location, config: S3ClientConfig = {}): Promise<ObjectStore> {
  const { client, host } = await openS3Client(config);
  const rootPrefix = folderPrefix(prefix);
  const root = `s3://${bucket}/${rootPrefix}`.slice(0, -1);
  const place = { client, bucket, host, root, rootPrefix };
  const chunks = (object: StoredObject, fromByte = 0) =>
    readS3Object({ ...place, object, bucketKey: rootPrefix + object.key }, fromByte);
  const list = (folder: string) => listS3Objects({ ...place, prefix: rootPrefix + folderPrefix(folder) });
  return {
    root,
    concurrency: s3Concurrency,
    survey: async (folder) => listingOf(await list(folder)),
    list,
    find: async (key) => {
      const beginning = await listS3Objects({ ...place, prefix: rootPrefix + key, flat: true });
      return beginning.find((object) => object.key === key);
    },
    read: async (object) => {
      const stored = await collect(chunks(object));
      return isGzipKey(object.key) ? inflate(stored, object.uri) : stored;
    },
    open: (object, fromByte = 0) => {
      const isGzip = isGzipKey(object.key);
      const stored = Readable.from(chunks(object, isGzip ? 0 : fromByte), { objectMode: false });
      return isGzip ? inflateStream(stored, object.uri) : stored;
    },
    localPath: () => undefined,
    confirmUnchanged: async () => {},
    close: () => client.destroy(),
  };
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}
