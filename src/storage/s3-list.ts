import { createHash } from 'node:crypto';
import { type _Object, ListObjectsV2Command, type ListObjectsV2Output, type S3Client } from '@aws-sdk/client-s3';
import { SparkifyError } from '../errors.ts';
import { compareKeys } from './keys.ts';
import type { Listing, StoredObject } from './object-store.ts';
import { s3Error } from './s3-errors.ts';
import { etagOf } from './s3-read.ts';

/** What to list: every key of the bucket that begins with `prefix`. */
export interface S3Listing {
  readonly client: S3Client;
  readonly bucket: string;
  readonly host: string;
  /** The root as written; uris are this and the key. */
  readonly root: string;
  /** What the keys of the root begin with in the bucket; it is cut off. */
  readonly rootPrefix: string;
  readonly prefix: string;
  /** Leave out what lies in folders below `prefix`. */
  readonly flat?: boolean;
}

/**
 * Every object, in byte order of the key (directory buckets and some S3-compatible stores list in another). Folder
 * markers, empty objects whose key ends in a slash, are left out.
 * @throws ROOT_NOT_FOUND, STORAGE_DENIED, STORAGE_UNREACHABLE (also when a page is missing)
 */
export async function listS3Objects(listing: S3Listing): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  let token: string | undefined;
  do {
    const page = await pageAfter(token, listing);
    for (const entry of page.Contents ?? []) {
      if (!isFolderMarker(entry)) objects.push(objectOf(entry, page, listing));
    }
    token = nextToken(page, token, listing);
  } while (token !== undefined);
  return objects.sort((a, b) => compareKeys(a.key, b.key));
}

/** The listing that objects make which are there already. */
export function listingOf(objects: StoredObject[]): Listing {
  const identities = objects.map(({ key, version, sizeBytes }) => [key, version, sizeBytes]);
  return {
    digest: createHash('sha256').update(JSON.stringify(identities)).digest('hex'),
    keys: objects.map(({ key }) => key),
    objects: () => objects,
  };
}

async function pageAfter(token: string | undefined, listing: S3Listing): Promise<ListObjectsV2Output> {
  const { client, bucket, host, prefix, flat = false } = listing;
  try {
    return await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        // XML cannot hold every character of a key.
        EncodingType: 'url',
        ...(flat && { Delimiter: '/' }),
        ...(token !== undefined && { ContinuationToken: token }),
      }),
    );
  } catch (error) {
    throw s3Error(error, { bucket, host });
  }
}

// The console makes one for an empty folder; that of the root itself would have the key ''.
function isFolderMarker({ Key, Size }: _Object): boolean {
  return Size === 0 && Key?.endsWith('/') === true;
}

function objectOf(entry: _Object, page: ListObjectsV2Output, { root, rootPrefix, host }: S3Listing): StoredObject {
  const { Key, Size, ETag } = entry;
  if (Key === undefined || Size === undefined || ETag === undefined) {
    throw incomplete(root, `${host} lists an object without its key, size or ETag`);
  }
  // S3-compatible stores that do not know the encoding do not echo it either.
  const key = (page.EncodingType === 'url' ? decodeKey(Key) : Key).slice(rootPrefix.length);
  return { key, uri: `${root}/${key}`, sizeBytes: Size, version: etagOf(ETag) };
}

function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

// The SDK's paginator takes a missing token for the end, and would lose the rest without a word.
function nextToken(page: ListObjectsV2Output, last: string | undefined, { root, host }: S3Listing): string | undefined {
  if (!page.IsTruncated) return undefined;
  const next = page.NextContinuationToken;
  if (next === undefined || next === last) throw incomplete(root, `${host} does not say where its listing goes on`);
  return next;
}

function incomplete(root: string, what: string): SparkifyError {
  return new SparkifyError('STORAGE_UNREACHABLE', `${root} cannot be listed: ${what}.`, {
    hint: 'The endpoint must speak the S3 protocol, ListObjectsV2 included.',
    details: { root },
  });
}
