import { fileURLToPath } from 'node:url';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { SparkifyError } from '../errors.ts';
import { openLocalRoot } from './local.ts';
import type { ObjectStore } from './object-store.ts';
import type { S3Location } from './s3.ts';

export interface OpenRootOptions {
  /** Overrides what the AWS SDK finds by itself (credentials, region, endpoint). */
  readonly s3?: S3ClientConfig;
}

const allowed = 'A root is a folder (./data), a file:// URL of one, or s3://bucket/prefix.';

/**
 * The store behind a root: `s3://bucket/prefix`, a folder or its `file://` URL. Nothing is read yet, so a root that
 * does not exist is reported by the first `list`. The AWS SDK is loaded for an S3 root only.
 * @throws USAGE for another scheme or a bucket name that cannot be one
 */
export async function openRoot(root: string, { s3 = {} }: OpenRootOptions = {}): Promise<ObjectStore> {
  const scheme = schemeOf(root);
  if (scheme === undefined) return openLocalRoot(root);
  if (scheme === 'file') return openLocalRoot(pathOfFileUrl(root));
  if (scheme !== 's3') throw unknownScheme(scheme);
  const location = parseS3Root(root);
  const { openS3Root } = await import('./s3.ts');
  return openS3Root(location, s3);
}

function schemeOf(root: string): string | undefined {
  if (root === '') throw new SparkifyError('USAGE', 'The root is empty.', { hint: allowed });
  if (/^s3:(?!\/\/)/i.test(root)) {
    throw new SparkifyError('USAGE', 'An S3 root begins with s3:// and a bucket name.', { hint: allowed });
  }
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(root)?.[1]?.toLowerCase();
}

// Taken apart by hand, since a URL parser would decode % and cut at # and ?, all of which a prefix may hold.
function parseS3Root(root: string): S3Location {
  const [bucket = '', ...folders] = root.slice('s3://'.length).split('/');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/.test(bucket)) {
    // Not repeated in the message: people paste credentials (s3://KEY:SECRET@bucket) here.
    const what =
      bucket === '' ? 'The S3 root has no bucket name.' : 'The bucket name of the S3 root is not a bucket name.';
    throw new SparkifyError('USAGE', what, { hint: `${allowed} Credentials come from the AWS credential chain.` });
  }
  return { bucket, prefix: folders.join('/').replace(/\/+$/, '') };
}

function pathOfFileUrl(root: string): string {
  try {
    return fileURLToPath(root);
  } catch (cause) {
    throw new SparkifyError('USAGE', 'The file:// URL of the root names no local folder.', { hint: allowed, cause });
  }
}

// The URL itself stays out of the message: a presigned one is a secret.
function unknownScheme(scheme: string): SparkifyError {
  return new SparkifyError('USAGE', `A root cannot be read from ${scheme}://.`, { hint: allowed, details: { scheme } });
}
