import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { SparkifyError } from '../../errors.ts';
import { openS3Client } from '../../storage/s3-client.ts';
import { s3Error } from '../../storage/s3-errors.ts';
import type { Address, LandingPlace } from './address.ts';

/** The folder of the landing prefix that belongs to one warehouse: others may share the prefix. Keys are relative to it. */
export interface LandingFolder {
  /** `s3://bucket/prefix/warehouse/key` */
  uriOf(key: string): string;
  put(key: string, body: Buffer | string): Promise<void>;
  /** undefined where there is none. */
  get(key: string): Promise<string | undefined>;
  /** Every key that begins so. */
  list(beginning: string): Promise<readonly string[]>;
  remove(keys: readonly string[]): Promise<void>;
  close(): void;
}

/** @throws TARGET_INVALID where the target names no landing prefix */
export async function openLandingFolder(address: Address): Promise<LandingFolder> {
  const { landing, region } = address;
  if (!landing) throw missing();
  // Parquet is loaded from buckets in the warehouse's own region alone (facts 4.1).
  const { client, host } = await openS3Client(region === undefined ? {} : { region });
  return folderIn({ client, host, landing, prefix: `${landing.prefix}/${folderName(address)}/` });
}

interface Folder {
  readonly client: S3Client;
  readonly host: string;
  readonly landing: LandingPlace;
  /** With a slash at its end. */
  readonly prefix: string;
}

function folderIn(folder: Folder): LandingFolder {
  const { client, landing, prefix } = folder;
  const at = (key: string) => ({ Bucket: landing.bucket, Key: prefix + key });
  const attempt = async <T>(action: Action, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw failure(folder, action, error);
    }
  };
  return {
    uriOf: (key) => `s3://${landing.bucket}/${prefix}${key}`,
    put: (key, body) =>
      attempt('s3:PutObject', async () => {
        await client.send(new PutObjectCommand({ ...at(key), Body: body, ContentLength: Buffer.byteLength(body) }));
      }),
    get: (key) =>
      attempt('s3:GetObject', () => client.send(new GetObjectCommand(at(key))))
        .then(({ Body }) => Body?.transformToString())
        .catch((error: unknown) => {
          if (error instanceof SparkifyError && error.details.reason === 'NoSuchKey') return undefined;
          throw error;
        }),
    list: (beginning) => attempt('s3:ListBucket', () => listKeys(folder, beginning)),
    remove: async (keys) => {
      for (const key of keys) await attempt('s3:DeleteObject', () => client.send(new DeleteObjectCommand(at(key))));
    },
    close: () => client.destroy(),
  };
}

async function listKeys({ client, landing: { bucket }, prefix }: Folder, beginning: string): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix + beginning,
        ...(token !== undefined && { ContinuationToken: token }),
      }),
    );
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key.slice(prefix.length)])));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

/** One for each database of each warehouse, by the name under which it is reached. */
function folderName({ host, port, database }: Address): string {
  const digest = createHash('sha256').update(`${host.toLowerCase()}:${port}/${database}`).digest('hex').slice(0, 8);
  return `${database.replaceAll(/[^\w-]/g, '_')}-${digest}`;
}

type Action = 's3:PutObject' | 's3:GetObject' | 's3:ListBucket' | 's3:DeleteObject';

/** S3 says of a key that one may not use what it says of an object. */
const ofKey: Readonly<Partial<Record<Action, string>>> = {
  's3:PutObject': ' (and kms:GenerateDataKey where the bucket is encrypted with a KMS key)',
  's3:GetObject': ' (and kms:Decrypt where it is encrypted with a KMS key)',
};

function failure({ host, landing: { bucket }, prefix }: Folder, action: Action, error: unknown): SparkifyError {
  const { code, message, hint = '', cause, details, retryable } = s3Error(error, { bucket, host });
  const arn = `arn:aws:s3:::${action === 's3:ListBucket' ? bucket : `${bucket}/${prefix}*`}`;
  const { reason, region } = details;
  const mend =
    region !== undefined || reason === 'PermanentRedirect'
      ? 'COPY loads parts from a bucket in the region of the warehouse alone: name one there in &landing of --target.'
      : reason === 'AccessDenied'
        ? `The policy of the user or role that runs this must allow ${action} on ${arn}${ofKey[action] ?? ''}.`
        : hint;
  return new SparkifyError(code === 'ROOT_NOT_FOUND' ? 'TARGET_INVALID' : code, `The landing prefix: ${message}`, {
    hint: mend,
    cause,
    details: { ...details, action },
    retryable,
  });
}

function missing(): SparkifyError {
  return new SparkifyError('TARGET_INVALID', 'The target names no landing prefix, where rows are put for COPY.', {
    hint: 'Add &landing=s3://BUCKET/PREFIX, in the region of the warehouse, to --target.',
  });
}
