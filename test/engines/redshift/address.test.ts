import { describe, expect, test } from 'vitest';
import { engineOf, openTarget } from '../../../src/engines/index.ts';
import { parseAddress } from '../../../src/engines/redshift/address.ts';
import type { SparkifyError } from '../../../src/errors.ts';

const shown = (target: string) => engineOf(target).shown(target);
const failed = (target: string) =>
  openTarget(target, { mode: 'read' }).then(
    () => expect.fail('the target was taken'),
    (error: unknown) => error as SparkifyError,
  );

describe('the host of a target', () => {
  test.each([
    ['wg.123456789012.eu-west-1.redshift-serverless.amazonaws.com', 'workgroup', 'wg', 'eu-west-1'],
    ['WG.123456789012.eu-west-1.redshift-serverless.amazonaws.com', 'workgroup', 'WG', 'eu-west-1'],
    ['wg.123456789012.cn-north-1.redshift-serverless.amazonaws.com.cn', 'workgroup', 'wg', 'cn-north-1'],
    ['cl.abc123xyz789.us-east-2.redshift.amazonaws.com', 'cluster', 'cl', 'us-east-2'],
    ['cl.abc123xyz789.cn-northwest-1.redshift.amazonaws.com.cn', 'cluster', 'cl', 'cn-northwest-1'],
  ])('%s tells the %s %s in %s', (host, kind, name, region) => {
    const address = parseAddress(`redshift://${host}`);
    expect(address).toMatchObject({ host, port: 5439, database: 'dev', region });
    expect(address.login).toEqual({ kind: 'iam', endpoint: { kind, name, region } });
  });

  test.each([
    'localhost',
    'warehouse.example',
    'wg.123.eu-west-1.redshift-serverless.amazonaws.com',
    'cl.abc123xyz789.us-east-2.redshift.amazonaws.com.evil.example',
  ])('%s tells nothing, so that settings must', async (host) => {
    expect(await failed(`redshift://${host}`)).toMatchObject({
      code: 'TARGET_INVALID',
      hint: expect.stringContaining('&workgroup=NAME or &cluster=NAME'),
    });
    const { login } = parseAddress(`redshift://${host}?cluster=cl&region=us-east-1`);
    expect(login).toEqual({ kind: 'iam', endpoint: { kind: 'cluster', name: 'cl', region: 'us-east-1' } });
  });

  test('gives way to a workgroup that is named, and only one way to log in is taken', async () => {
    const host = 'cl.abc123xyz789.us-east-2.redshift.amazonaws.com';
    expect(parseAddress(`redshift://${host}?workgroup=wg`).login).toMatchObject({
      endpoint: { kind: 'workgroup', name: 'wg', region: 'us-east-2' },
    });
    for (const target of [`redshift://me@${host}?workgroup=wg`, `redshift://${host}?workgroup=wg&cluster=cl`]) {
      expect(await failed(target)).toMatchObject({ message: expect.stringContaining('more than one way to log in') });
    }
  });
});

describe('a setting of a target', () => {
  test('that is a time counts in seconds for the connection and in milliseconds for statements, or as it says', () => {
    const of = (settings: string) => parseAddress(`redshift://me@host?${settings}`);
    expect(of('connect_timeout=1&statement_timeout=1')).toMatchObject({
      connectTimeoutMs: 1_000,
      statementTimeoutMs: 1,
    });
    expect(of('connect_timeout=500ms&statement_timeout=5min')).toMatchObject({
      connectTimeoutMs: 500,
      statementTimeoutMs: 300_000,
    });
    expect(of('statement_timeout=0')).toMatchObject({ connectTimeoutMs: 60_000, statementTimeoutMs: 0 });
  });

  test.each([
    ['stetement_timeout=1', 'stetement_timeout is unknown'],
    ['region=', 'region is unknown, empty or given twice'],
    ['region=a&region=b', 'region is unknown, empty or given twice'],
    ['connect_timeout=soon', 'The connect_timeout of the target is no time'],
    ['iam_role=me', 'The iam_role of the target is no role'],
    ['landing=s3://bucket', 'no prefix in a bucket'],
    ['copy=fast', 'no way to load'],
  ])('%s is refused', async (settings, message) => {
    expect(await failed(`redshift://me:S3CRET@host/dev?${settings}`)).toMatchObject({
      code: 'TARGET_INVALID',
      message: expect.stringContaining(message),
    });
  });
});

describe('a password', () => {
  test.each([
    '12?S3CRET',
    '12?S3=CRET',
    '12?S3&CRET',
    '12?#S3CRET',
    '12#S3CRET',
    '12/S3CRET',
    '12/?S3CRET',
    'S3CRET#1',
  ])('with a character that has another meaning in a URL (%s) is never repeated', async (password) => {
    const target = `redshift://u:${password}@host/db`;
    const error = await failed(target);
    expect(error).toMatchObject({ code: 'TARGET_INVALID', hint: expect.stringContaining('? # %') });
    expect(JSON.stringify(error) + error.message + error.hint + error.cause).not.toMatch(/S3|CRET|12/);
    expect(shown(target)).toBe('redshift://…');
  });

  test('is not shown, while what is no secret is', () => {
    const settings = 'iam_role=arn:aws:iam::123456789012:role/team@load&landing=s3://bucket/prefix';
    expect(shown(`redshift://me:S3CRET@host:5439/dev?${settings}&password=S3CRET`)).toBe('redshift://…');
    expect(shown(`redshift://me:S3CRET@host:5439/dev?${settings}`)).toBe(
      `redshift://me@host:5439/dev?${settings.replace('@', '%40')}`,
    );
  });
});
