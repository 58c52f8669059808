import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import type { SparkifyError } from '../../../src/errors.ts';
import { defaultRole, defaultUser } from '../../redshift/stand-in.ts';
import { firstObjects, openWarehouse, type Servers, starOf, startServers, type TestWarehouse } from './warehouse.ts';

const roleOf = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

let servers: Servers;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers({
    users: [
      defaultUser,
      { name: 'loader', password: 'Passw0rd' },
      { name: 'gone', password: 'Passw0rd', validUntil: new Date(0) },
      { name: 'unassuming', password: 'Passw0rd', superuser: true, mayAssumeRoles: false },
    ],
    roles: [
      { ...defaultRole, isDefault: false },
      { arn: roleOf('no-get'), denies: (action) => action === 's3:GetObject' },
    ],
  });
});
afterAll(() => servers.stop());
beforeEach(() => {
  warehouse = openWarehouse(servers);
  warehouse.put(...firstObjects);
});
afterEach(() => warehouse.remove());

const as = (user: string, password = 'Passw0rd') => warehouse.target.replace(/\/\/[^@]*@/, `//${user}:${password}@`);
const withRole = (role: string) => warehouse.target.replace(/iam_role=[^&]+/, `iam_role=${role}`);
const failed = (target: string) =>
  warehouse.run({ target }).then(
    () => expect.fail('the run went through'),
    (error: unknown) => error as SparkifyError,
  );

test('a user who only reads is told the grants it lacks, and never that there is no warehouse', async () => {
  const open = () => openTarget(as('loader'), { mode: 'read' });
  await (await open()).close();
  await warehouse.run();
  const [usage, select] = ['grant usage on schema etl to loader', 'grant select on all tables in schema etl to loader'];
  await expect(open()).rejects.toMatchObject({
    code: 'TARGET_UNUSABLE',
    message: expect.stringContaining('holds a warehouse that loader may not read'),
    hint: `An administrator grants it: ${usage}; ${select}`,
  });
  await warehouse.ask(usage);
  await expect(open()).rejects.toMatchObject({ hint: `An administrator grants it: ${select}` });
  await warehouse.ask(select);
  await (await open()).close();
});

describe('a user', () => {
  test.each([
    ['with a wrong password', () => as('awsuser', 'S3CRET')],
    ['whose temporary credentials have expired', () => as('gone')],
  ])('%s is told so, without the password', async (_, target) => {
    const error = await failed(target());
    expect(error).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('does not take this user with this password'),
      hint: expect.stringMatching(/temporary ones count for an hour/),
    });
    expect(JSON.stringify(error) + error.message).not.toMatch(/S3CRET|Passw0rd/);
  });

  test('without rights is told the grants one by one, and loads once they are given', async () => {
    await warehouse.ask('revoke create on schema public from public');
    let given = 0;
    for (; given < 8; given += 1) {
      const error = await warehouse.run({ target: as('loader') }).then(
        () => undefined,
        (thrown: unknown) => thrown as SparkifyError,
      );
      if (!error) break;
      expect(error).toMatchObject({
        code: 'TARGET_UNUSABLE',
        hint: expect.stringContaining('An administrator grants it: grant '),
      });
      await warehouse.ask(String(error.hint).replace('An administrator grants it: ', ''));
    }
    expect(given).toBeGreaterThan(0);
    expect(await warehouse.star()).toEqual(starOf(...firstObjects));
  });

  test('who may not use the role of COPY is told the grant', async () => {
    expect(await failed(as('unassuming'))).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('the user may not use the role of COPY'),
      hint: expect.stringContaining(`grant assumerole on '${defaultRole.arn}' to unassuming for copy`),
    });
  });

  test.each([
    ['no ASSUMEROLE privilege', 'grant assumerole on default to awsuser for copy'],
    ['not authorized to assume IAM Role', 'Attach the default role to the namespace'],
  ])('who has %s on the default role is told what mends it, without taking the word for a name', async (said, hint) => {
    servers.standIn.faults.add({
      kind: 'copy',
      outcome: { error: { sqlState: '42501', message: `User has ${said}` } },
    });
    expect(await failed(withRole('default'))).toMatchObject({ hint: expect.stringContaining(hint) });
  });
});

describe('a role of COPY', () => {
  test.each([
    ['that is not attached', () => withRole(roleOf('other')), /cannot take on the role/, /Attach arn:.*role\/other/],
    ['that is default where there is none', () => withRole('default'), /has no default role/, /&iam_role=ARN/],
    [
      'that may not read',
      () => withRole(roleOf('no-get')),
      /may not read from the bucket/,
      /no-get must allow s3:GetObject/,
    ],
  ])('%s is told with what mends it, and nothing is loaded', async (_, target, message, hint) => {
    expect(await failed(target())).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    expect(await warehouse.ask('select count(*)::int as lines from staging_events')).toEqual([{ lines: 0 }]);
    await warehouse.run();
    expect(await warehouse.star()).toEqual(starOf(...firstObjects));
  });
});
