import type { TestProject } from 'vitest/node';
import { createTemplate, parsePostgresUrl } from '../redshift/databases.ts';
import { startStandIn } from '../redshift/stand-in.ts';
import { startPostgres } from './postgres-server.ts';
import { type S3Address, startS3Server } from './s3-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the superuser of the one PostgreSQL server of a test run. */
    postgresUrl: string;
    /** The one S3 server of a test run, from which the one stand-in for Redshift loads. */
    s3: S3Address;
    redshift: {
      /** For any database of the PostgreSQL server that was copied from `template`. */
      readonly url: string;
      readonly template: string;
      readonly owner: string;
    };
  }
}

/**
 * Before the first test file; what it gives back runs after the last. TEST_POSTGRES_URL names another server, of another
 * version for instance, whose superuser it must be.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_POSTGRES_URL;
  const [postgres, s3] = await Promise.all([
    given ? { url: given, stop: async () => {} } : startPostgres(),
    startS3Server(),
  ]);
  const standIn = await startStandIn({ s3Endpoint: s3.endpoint, postgresUrl: postgres.url });
  const url = standIn.url('');
  provide('postgresUrl', postgres.url);
  provide('s3', { endpoint: s3.endpoint, bucket: s3.bucket, env: s3.env });
  provide('redshift', {
    url,
    template: await createTemplate(parsePostgresUrl(postgres.url)),
    owner: new URL(url).username,
  });
  return async () => {
    await standIn.stop();
    await Promise.all([postgres.stop(), s3.stop()]);
  };
}
