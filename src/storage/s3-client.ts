import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { SparkifyError } from '../errors.ts';

/** Reads at once against one bucket: the latency of S3, not the CPU, is what small objects cost. */
export const s3Concurrency = 64;

export interface OpenedClient {
  readonly client: S3Client;
  /** Where requests go, for messages: `s3.us-west-2.amazonaws.com`, or the host of a custom endpoint. */
  readonly host: string;
}

/**
 * An S3 client by the SDK's own chain (environment, profiles, instance roles; AWS_ENDPOINT_URL), with bounded
 * waiting: 5 attempts a request, 5 s to connect, 30 s to the first byte, 60 s without a byte. The region is
 * us-east-1 only if none is configured. A custom endpoint is addressed by path, as most S3-compatible stores need it.
 * @throws USAGE for an endpoint that is no URL
 */
export async function openS3Client(overrides: S3ClientConfig = {}): Promise<OpenedClient> {
  const endpoint = customEndpoint(overrides);
  const config: S3ClientConfig = {
    maxAttempts: 5,
    retryMode: 'standard',
    forcePathStyle: endpoint !== undefined,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      socketTimeout: 60_000,
      httpAgent: { keepAlive: true, maxSockets: 2 * s3Concurrency },
      httpsAgent: { keepAlive: true, maxSockets: 2 * s3Concurrency },
    },
    ...overrides,
  };
  const client = await inConfiguredRegion(config);
  return { client, host: endpoint ?? `s3.${await client.config.region()}.amazonaws.com` };
}

// The SDK throws when neither AWS_REGION nor a profile names a region; AWS_DEFAULT_REGION, which the AWS CLI reads, it ignores.
async function inConfiguredRegion(config: S3ClientConfig): Promise<S3Client> {
  const client = new S3Client(config);
  try {
    await client.config.region();
    return client;
  } catch {
    client.destroy();
    return new S3Client({ ...config, region: process.env.AWS_DEFAULT_REGION || 'us-east-1' });
  }
}

function customEndpoint({ endpoint }: S3ClientConfig): string | undefined {
  const url = endpoint ?? (process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL);
  if (url === undefined || url === '') return undefined;
  if (typeof url !== 'string') return 'the given endpoint';
  if (/^https?:/i.test(url) && URL.canParse(url)) return new URL(url).host;
  throw new SparkifyError('USAGE', 'The S3 endpoint is not a URL.', {
    hint: 'AWS_ENDPOINT_URL looks like https://minio.example.org:9000; unset it to use AWS.',
  });
}
