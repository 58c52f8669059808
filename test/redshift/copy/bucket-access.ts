import { GetObjectCommand, ListObjectsV2Command, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { nodeError, Refusal } from '../refusal.ts';

/** A role attached to the warehouse. */
export interface IamRole {
  readonly arn: string;
  /** What IAM_ROLE default means. */
  readonly isDefault?: boolean;
  /** True where a policy lacks; the key is empty for ListBucket. Default: everything is allowed. */
  readonly denies?: (action: 's3:GetObject' | 's3:ListBucket', bucket: string, key: string) => boolean;
}

export interface BucketAccessOptions {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly roles: readonly IamRole[];
  /** Of the warehouse; buckets lie there too, save those listed. */
  readonly region: string;
  readonly bucketRegions: Readonly<Record<string, string>>;
}

/** S3 with the rights of one role, as COPY sees it. */
export interface BucketAccess {
  /** The bytes of an object; undefined if there is none. */
  get(bucket: string, key: string): Promise<Buffer | undefined>;
  /** The keys below a prefix, in order. */
  list(bucket: string, prefix: string): Promise<string[]>;
}

/** An address like `s3://bucket/key`. */
export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

/** @throws Refusal for anything else */
export function parseAddress(url: string): S3Address {
  const found = /^s3:\/\/([^/]+)\/(.*)$/s.exec(url) ?? /^s3:\/\/([^/]+)$/.exec(url);
  if (found === null) throw nodeError(8001, `Invalid S3 path ${url}`, 'The path must begin with s3://');
  return { bucket: found[1] ?? '', key: found[2] ?? '' };
}

/** Which role a COPY runs under. @throws Refusal when none with this name is attached, or the user may not use it */
export function assumeRole(
  roles: readonly IamRole[],
  wanted: string,
  user: { name: string; mayAssumeRoles: boolean },
): IamRole {
  const arn = wanted.split(',').at(-1)?.trim() ?? '';
  const role = roles.find((one) => (wanted === 'default' ? one.isDefault === true : one.arn === arn));
  if (role === undefined && wanted === 'default')
    throw new Refusal('XX000', 'The default IAM role is not set for this warehouse');
  if (role === undefined) {
    const who = `arn:aws:redshift:us-east-1:123456789012:dbuser:stand-in/${user.name}`;
    throw nodeError(8001, `User ${who} is not authorized to assume IAM Role ${arn}`, `IAM Role=${arn}`);
  }
  if (!user.mayAssumeRoles)
    throw new Refusal(
      '42501',
      `permission denied: user ${user.name} has no ASSUMEROLE privilege on ${role.arn} for COPY`,
    );
  return role;
}

/** Opens S3 with a role; `region` is that of the COPY's REGION option. */
export function openBuckets(options: BucketAccessOptions, role: IamRole, region: string | undefined): BucketAccess {
  const client = new S3Client({
    endpoint: options.endpoint,
    region: options.region,
    credentials: options.credentials,
    forcePathStyle: true,
    maxAttempts: 2,
  });
  const enter = (action: 's3:GetObject' | 's3:ListBucket', bucket: string, key: string) => {
    if (role.denies?.(action, bucket, key) === true) throw s3Error(403, 'AccessDenied', 'Access Denied', key);
    if ((options.bucketRegions[bucket] ?? options.region) !== (region ?? options.region))
      throw s3Error(
        301,
        'PermanentRedirect',
        'The S3 bucket addressed by the query is in a different region from this cluster.',
        key,
      );
  };
  return {
    get: async (bucket, key) => {
      enter('s3:GetObject', bucket, key);
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } catch (cause) {
        if (!isMissing(cause)) throw asRefusal(cause, key);
        // Facts 6: without the right to list, a missing object looks like a forbidden one.
        if (role.denies?.('s3:ListBucket', bucket, '') === true)
          throw s3Error(403, 'AccessDenied', 'Access Denied', key);
        return undefined;
      }
    },
    list: async (bucket, prefix) => {
      enter('s3:ListBucket', bucket, '');
      try {
        return await listAll(client, bucket, prefix);
      } catch (cause) {
        throw asRefusal(cause, prefix);
      }
    },
  };
}

async function listAll(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token && { ContinuationToken: token }) }),
    );
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

function isMissing(cause: unknown): boolean {
  return cause instanceof S3ServiceException && cause.name === 'NoSuchKey';
}

function asRefusal(cause: unknown, key: string): Refusal {
  if (cause instanceof S3ServiceException)
    return s3Error(cause.$metadata.httpStatusCode ?? 500, cause.name, cause.message, key);
  return s3Error(500, 'InternalError', cause instanceof Error ? cause.message : String(cause), key);
}

function s3Error(status: number, code: string, text: string, key: string): Refusal {
  return nodeError(
    8001,
    `S3ServiceException:${text},Status ${status},Error ${code},Rid 0,ExtRid 0,CanRetry 1`,
    `S3 key being read : ${key}`,
  );
}
