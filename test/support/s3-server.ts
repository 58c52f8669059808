import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

export type S3Method = 'GET' | 'LIST' | 'PUT' | 'DELETE';

/** How the next requests fail, each fault so many `times`, on requests of one `method` or on all. */
export interface S3Fault {
  readonly method?: S3Method;
  /** Only requests of keys that begin so. Default: all. */
  readonly beginning?: string;
  readonly times: number;
  /** The connection is dropped after so many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** Request headers (in lower case) the server knows nothing of, as some S3-compatible stores do. */
  readonly ignoredHeaders?: readonly string[];
  /** It answers this error instead. */
  readonly answer?: {
    readonly status: number;
    readonly code: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** More elements of the error document. */
    readonly fields?: Readonly<Record<string, string>>;
  };
}

/** Where a server is, and its bucket. */
export interface S3Address {
  readonly endpoint: string;
  readonly bucket: string;
  /** The AWS_* variables that lead a client here, and nowhere else. */
  readonly env: Readonly<Record<string, string>>;
}

/** The bucket, for writing. */
export interface S3Bucket extends S3Address {
  put(key: string, body: string | Buffer): Promise<void>;
  remove(key: string): Promise<void>;
  /** The keys that begin so, in order. */
  list(beginning: string): Promise<readonly string[]>;
  close(): void;
}

/** A server that speaks the S3 protocol, with one empty bucket, in a process of its own. */
export interface S3Server extends S3Bucket {
  failNext(fault: S3Fault): Promise<void>;
  /** Another one beside the one it has. */
  createBucket(name: string): Promise<void>;
  /** What it was asked since this was called last; the key of a LIST is empty. */
  requests(): Promise<readonly { readonly method: string; readonly key: string }[]>;
  /** Ends the server and removes what it stored. */
  stop(): Promise<void>;
}

/** Returns when the server answers; on a free port, with a temporary directory. It also ends with this process. */
export async function startS3Server(): Promise<S3Server> {
  const bucket = 'test-bucket';
  const directory = await mkdtemp(join(tmpdir(), 's3-server-'));
  const child = fork(fileURLToPath(new URL('./s3-server-child.mjs', import.meta.url)), [directory, bucket], {
    env: { ...process.env, NODE_OPTIONS: '--openssl-legacy-provider --no-deprecation' },
    execArgv: [],
  });
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`The S3 server ended with ${code}.`)));
  const [{ port }] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number }];
  failed.catch(() => {});
  const endpoint = `http://127.0.0.1:${port}`;
  const opened = openBucket({ endpoint, bucket, env: environment(endpoint) });
  const ask = async (told: S3Fault | 'requests'): Promise<unknown> => {
    child.send(told);
    const [answer] = await once(child, 'message');
    return answer;
  };
  return {
    ...opened,
    createBucket: async (name) => {
      const client = writer(endpoint);
      await client.send(new CreateBucketCommand({ Bucket: name }));
      client.destroy();
    },
    failNext: async (fault) => void (await ask(fault)),
    requests: async () => ((await ask('requests')) as { requests: Awaited<ReturnType<S3Server['requests']>> }).requests,
    stop: async () => {
      opened.close();
      const exit = once(child, 'exit');
      if (child.exitCode === null && child.kill()) await exit;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The bucket of a server that is there already. */
export function openBucket(address: S3Address): S3Bucket {
  const { endpoint, bucket } = address;
  const client = writer(endpoint);
  return {
    ...address,
    put: async (key, body) =>
      void (await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: Buffer.byteLength(body) }),
      )),
    remove: async (key) => void (await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))),
    list: async (beginning) => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: beginning }));
      return Contents.map(({ Key = '' }) => Key);
    },
    close: () => client.destroy(),
  };
}

// The one pair of keys that s3rver knows.
const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

function environment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_SESSION_TOKEN: '',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

function writer(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: keys,
    forcePathStyle: true,
    // s3rver does not know the checksum trailers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}
