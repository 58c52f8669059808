import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { parseAddress } from '../../../src/engines/redshift/address.ts';
import { findCredentials } from '../../../src/engines/redshift/credentials.ts';

afterEach(() => vi.unstubAllEnvs());

const settings = 'iam_role=default&landing=s3://bucket/prefix';

test('a secret is asked for in its own region, wherever the warehouse is', async () => {
  const regions: (string | undefined)[] = [];
  const aws = createServer(({ headers: { authorization = '' } }, response) => {
    regions.push(/Credential=[^/]+\/\d+\/([^/]+)\/secretsmanager/.exec(authorization)?.[1]);
    response.end(JSON.stringify({ SecretString: '{"username": "loader", "password": "S3CRET"}' }));
  });
  await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${(aws.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  const host = 'wg.123456789012.us-east-1.redshift-serverless.amazonaws.com';
  const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:warehouse';
  for (const region of ['', '&region=us-east-1']) {
    const address = parseAddress(`redshift://${host}/dev?secret=${secret}&${settings}${region}`);
    expect(await findCredentials(address)).toEqual({ user: 'loader', password: 'S3CRET' });
  }
  aws.close();
  expect(regions).toEqual(['eu-central-1', 'eu-central-1']);
});

test.each(['workgroup=wg', 'cluster=cl'])('who logs in by IAM where no region is known is told so: %s', async (by) => {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) vi.stubEnv(name, undefined);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nowhere');
  const address = parseAddress(`redshift://warehouse.example/dev?${by}&${settings}`);
  await expect(findCredentials(address)).rejects.toMatchObject({
    code: 'TARGET_UNUSABLE',
    message: expect.stringMatching(/^There are no credentials for the \w+ \w+: no region is known to ask AWS in\.$/),
    hint: expect.stringContaining('Add &region=REGION to --target'),
  });
});
