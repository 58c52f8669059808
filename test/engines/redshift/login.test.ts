import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import type { SparkifyError } from '../../../src/errors.ts';
import { defaultUser } from '../../redshift/stand-in.ts';
import { type AwsAnswer, type AwsServer, startAwsServer } from '../../support/aws-server.ts';
import { firstObjects, openWarehouse, type Servers, starOf, startServers, type TestWarehouse } from './warehouse.ts';

/** As the first login by IAM makes it, of a role. */
const iamUser = 'IAMR:sparkify-runner';
const secretArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:warehouse';

let servers: Servers;
let aws: AwsServer;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers({ users: [defaultUser, { name: iamUser, password: 'Passw0rd', superuser: true }] });
  aws = await startAwsServer();
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
});
afterAll(async () => {
  await aws.stop();
  await servers.stop();
});
beforeEach(() => {
  warehouse = openWarehouse(servers);
  warehouse.put(...firstObjects);
  aws.reset();
});
afterEach(() => warehouse.remove());

/** The target without its user, and how to log in instead. */
const by = (settings: string) => `${warehouse.target.replace(/\/\/[^@]*@/, '//')}&${settings}`;
const databaseOf = () => new URL(warehouse.target).pathname.slice(1);
const open = async (target: string) => (await openTarget(target, { mode: 'write' })).close();
const failed = (target: string) =>
  open(target).then(
    () => expect.fail('the login went through'),
    (error: unknown) => error as SparkifyError,
  );

const ofWorkgroup: AwsAnswer = { json: { dbUser: iamUser, dbPassword: 'Passw0rd', expiration: 1_800_000_000 } };
const ofCluster: AwsAnswer = {
  xml: `<GetClusterCredentialsWithIAMResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/">
<GetClusterCredentialsWithIAMResult><DbUser>${iamUser}</DbUser><DbPassword>Passw0rd</DbPassword></GetClusterCredentialsWithIAMResult>
</GetClusterCredentialsWithIAMResponse>`,
};
const ofSecret = (value: string): AwsAnswer => ({ json: { SecretString: value } });

describe('a run logs in', () => {
  test('by IAM of a workgroup, with credentials of an hour for the database alone', async () => {
    aws.answer(ofWorkgroup);
    await warehouse.run({ target: by('workgroup=wg&region=eu-west-1') });
    expect(await warehouse.star()).toEqual(starOf(...firstObjects));
    expect(aws.requests[0]).toMatchObject({ operation: 'RedshiftServerless.GetCredentials', region: 'eu-west-1' });
    expect(JSON.parse(aws.requests[0]?.body ?? '')).toEqual({
      workgroupName: 'wg',
      dbName: databaseOf(),
      durationSeconds: 3_600,
    });
  });

  test('by IAM of a cluster', async () => {
    aws.answer(ofCluster);
    await warehouse.run({ target: by('cluster=cl&region=eu-west-1') });
    expect(await warehouse.star()).toEqual(starOf(...firstObjects));
    expect(aws.requests[0]).toMatchObject({ operation: 'GetClusterCredentialsWithIAM', region: 'eu-west-1' });
    expect(Object.fromEntries(new URLSearchParams(aws.requests[0]?.body))).toMatchObject({
      ClusterIdentifier: 'cl',
      DbName: databaseOf(),
      DurationSeconds: '3600',
    });
  });

  test.each(['', '&region=us-east-1'])('with a secret, asked for in the region of its ARN%s', async (ofWarehouse) => {
    aws.answer(ofSecret(JSON.stringify({ username: 'awsuser', password: 'Passw0rd', engine: 'redshift' })));
    await warehouse.run({ target: by(`secret=${secretArn}${ofWarehouse}`) });
    expect(await warehouse.star()).toEqual(starOf(...firstObjects));
    expect(aws.requests[0]).toMatchObject({ operation: 'secretsmanager.GetSecretValue', region: 'eu-central-1' });
    expect(JSON.parse(aws.requests[0]?.body ?? '')).toEqual({ SecretId: secretArn });
  });

  test('with other credentials for each connection, as those of the first may have expired', async () => {
    aws.answer(ofWorkgroup);
    servers.standIn.faults.add({ kind: 'copy', outcome: { cut: 'before' } });
    await warehouse.run({ target: by('workgroup=wg&region=eu-west-1') });
    expect(aws.requests).toHaveLength(2);
    expect(await warehouse.star()).toEqual(starOf(...firstObjects));
  });
});

describe('where AWS gives no credentials the message says why, without what is secret', () => {
  test.each([
    ['AccessDeniedException', 'AWS does not allow it', 'redshift-serverless:GetCredentials', false],
    ['ExpiredTokenException', 'those of AWS have expired', 'Sign in again', false],
    ['UnrecognizedClientException', 'AWS does not accept those it was asked with', 'get-caller-identity', false],
    ['ResourceNotFoundException', 'AWS knows none of that name', '&workgroup', false],
    ['ThrottlingException', 'AWS is too busy', 'Run again', true],
  ])('%s', async (error, says, hint, retryable) => {
    aws.answer({ error });
    expect(await failed(by('workgroup=wg&region=us-east-1'))).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: `There are no credentials for the workgroup wg: ${says}.`,
      hint: expect.stringContaining(hint),
      retryable,
    });
  });

  test.each([
    ['no JSON', 'S3CRET'],
    ['no user', '{"password": "S3CRET"}'],
    ['null', 'null'],
  ])('a secret that holds %s', async (_, value) => {
    aws.answer(ofSecret(value));
    const error = await failed(by(`secret=${secretArn}`));
    expect(error).toMatchObject({ code: 'TARGET_INVALID', details: { secret: secretArn } });
    expect(JSON.stringify(error) + error.message + error.hint + error.cause).not.toContain('S3CRET');
  });

  test('credentials that the warehouse does not take', async () => {
    aws.answer({ json: { dbUser: 'awsuser', dbPassword: 'S3CRET' } });
    const error = await failed(by('workgroup=wg&region=us-east-1'));
    expect(error).toMatchObject({ message: expect.stringContaining('does not take this user with this password') });
    expect(JSON.stringify(error) + error.message + error.hint + error.cause).not.toContain('S3CRET');
  });

  test('nobody who answers', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS', 'http://127.0.0.1:1');
    const error = await failed(by('workgroup=wg&region=us-east-1'));
    vi.stubEnv('AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS', aws.env.AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS);
    expect(error).toMatchObject({ message: expect.stringContaining('AWS did not answer'), retryable: true });
  });

  test('no credentials of AWS at all', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
    const error = await failed(by('workgroup=wg&region=us-east-1'));
    vi.stubEnv('AWS_ACCESS_KEY_ID', servers.s3.env.AWS_ACCESS_KEY_ID);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', servers.s3.env.AWS_SECRET_ACCESS_KEY);
    expect(error).toMatchObject({ hint: expect.stringContaining('AWS_PROFILE') });
  });

  test.each(['workgroup=wg', 'cluster=cl'])('no region to ask in for %s', async (name) => {
    const nowhere = { AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined };
    const noFiles = { AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' };
    const before = Object.keys({ ...nowhere, ...noFiles }).map(
      (variable) => [variable, process.env[variable]] as const,
    );
    for (const [variable, value] of Object.entries({ ...nowhere, ...noFiles })) vi.stubEnv(variable, value);
    const error = await failed(by(name));
    for (const [variable, value] of before) vi.stubEnv(variable, value);
    expect(error).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringMatching(/^There are no credentials for the \w+ \w+: no region is known to ask AWS in\.$/),
      hint: expect.stringContaining('Add &region=REGION to --target'),
    });
  });
});
