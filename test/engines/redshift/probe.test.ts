import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { doctor } from '../../../src/pipeline/doctor.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../../oracle/build-bucket.ts';
import { defaultRole, defaultUser } from '../../redshift/stand-in.ts';
import { openDirect } from './direct-warehouse.ts';
import {
  firstObjects,
  laterObjects,
  openWarehouse,
  type Servers,
  starOf,
  startServers,
  type TestWarehouse,
} from './warehouse.ts';

const roleOf = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

let servers: Servers;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers({
    users: [
      defaultUser,
      { name: 'patient', password: 'Passw0rd' },
      { name: 'unassuming', password: 'Passw0rd', superuser: true, mayAssumeRoles: false },
    ],
    roles: [
      { ...defaultRole, isDefault: false },
      { arn: roleOf('no-get'), denies: (action) => action === 's3:GetObject' },
      { arn: roleOf('no-lake'), denies: (action, _, key) => action === 's3:GetObject' && key.startsWith('lake-') },
    ],
    bucketRegions: { elsewhere: 'eu-west-1' },
  });
  await servers.s3.createBucket('elsewhere');
});
afterAll(() => servers.stop());
beforeEach(() => {
  warehouse = openWarehouse(servers);
  warehouse.put(...firstObjects);
});
afterEach(() => warehouse.remove());

const as = (user: string) => warehouse.target.replace(/\/\/[^@]*@/, `//${user}:Passw0rd@`);
const asPatient = () => as('patient');
const withRole = (role: string) => warehouse.target.replace(/iam_role=[^&]+/, `iam_role=${role}`);
const found = async (target: string) => {
  const findings = await doctor({ warehouse: sparkify, root: warehouse.root, target });
  return findings.find(({ name }) => name === 'target');
};
const grantsOf = (finding: Awaited<ReturnType<typeof found>>) =>
  String(finding?.hint).replace('An administrator grants them: ', '').split('; ');

test('doctor names version and state, and leaves nothing behind', async () => {
  expect(await found(warehouse.target)).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^Amazon Redshift [\d.]+, a run can create it$/),
  });
  expect(await servers.s3.list(warehouse.landing)).toEqual([]);
  expect(await warehouse.ask("select 1 from pg_namespace where nspname = 'etl'")).toEqual([]);
  await warehouse.run();
  expect(await found(warehouse.target)).toMatchObject({ ok: true, detail: expect.stringMatching(/can be written$/) });
});

test('doctor lists every grant that is missing, and is content when they are given', async () => {
  await warehouse.ask('revoke create on schema public from public');
  const finding = await found(asPatient());
  expect(finding).toMatchObject({ ok: false, detail: expect.stringContaining('with the rights of patient') });
  expect(grantsOf(finding)).toEqual([
    expect.stringMatching(/^grant create on database \w+ to patient$/),
    'grant usage, create on schema public to patient',
  ]);
  for (const grant of grantsOf(finding)) await warehouse.ask(grant);
  expect(await found(asPatient())).toMatchObject({ ok: true });
  expect(await warehouse.run({ target: asPatient() })).toMatchObject({ outcome: 'loaded' });
});

test('doctor asks for the rights on a warehouse that is there, which are what a run needs', async () => {
  await warehouse.run();
  const [schema = ''] = grantsOf(await found(asPatient()));
  expect(schema).toBe('grant usage, create on schema etl to patient');
  await warehouse.ask(schema);
  const grants = grantsOf(await found(asPatient()));
  expect(grants).toEqual([
    'grant select, insert, update, delete on all tables in schema etl to patient',
    'grant select, insert, update, delete on public.artists, public.songplays, public.songs, public.staging_events, public.staging_songs, public.time, public.users to patient',
    'grant select on public.plays to patient',
  ]);
  for (const grant of grants) await warehouse.ask(grant);
  expect(await found(asPatient())).toMatchObject({ ok: true });
  warehouse.put(...laterObjects);
  expect(await warehouse.run({ target: asPatient() })).toMatchObject({ outcome: 'loaded' });
  expect(await warehouse.star()).toEqual(starOf(...firstObjects, ...laterObjects));
});

test.each([
  ['a user who may not use the role', () => as('unassuming'), `grant assumerole on '${defaultRole.arn}' to unassuming`],
  ['a role that is not attached', () => withRole(roleOf('other')), `Attach ${roleOf('other')}`],
  ['no default role', () => withRole('default'), '&iam_role=ARN'],
  ['a role that may not read', () => withRole(roleOf('no-get')), 'must allow s3:GetObject'],
  [
    'a landing bucket in another region',
    () => warehouse.target.replace('//test-bucket/', '//elsewhere/'),
    'in the region of the warehouse',
  ],
])('doctor tries COPY itself and finds %s, and leaves nothing behind', async (_, target, hint) => {
  expect(await found(target())).toMatchObject({ ok: false, hint: expect.stringContaining(hint) });
  expect(await servers.s3.list(warehouse.landing)).toEqual([]);
});

test.each([
  ['PUT', 's3:PutObject', 'kms:GenerateDataKey'],
  ['GET', 's3:GetObject', 'kms:Decrypt'],
  ['DELETE', 's3:DeleteObject', ''],
] as const)('doctor says which policy is missing where the landing prefix refuses %s', async (method, action, key) => {
  const answer = { status: 403, code: 'AccessDenied' };
  await servers.s3.failNext({ method, beginning: warehouse.landing, times: 1, answer });
  expect(await found(warehouse.target)).toMatchObject({
    ok: false,
    detail: expect.stringContaining('The landing prefix: '),
    hint: expect.stringMatching(new RegExp(`must allow ${action} on arn:\\S+.*${key}`)),
  });
});

test('doctor misses a role for COPY', async () => {
  expect(await found(warehouse.target.replace(/iam_role=[^&]+&/, ''))).toMatchObject({
    ok: false,
    hint: expect.stringContaining('&iam_role=ARN'),
  });
});

test.each([
  ['a log that fits', eventLine(), defaultRole.arn, { ok: true }],
  ['a line that a load would refuse', '{"ts": "no number"}', defaultRole.arn, { ok: true }],
  [
    'a role that may not read the source',
    eventLine(),
    roleOf('no-lake'),
    { ok: false, hint: expect.stringContaining(`The policy of ${roleOf('no-lake')} must allow s3:GetObject`) },
  ],
])('doctor has a target that copies directly read %s, and leaves nothing behind', async (_, line, role, expected) => {
  const direct = await openDirect(servers);
  await direct.put(logOf(line), songFile());
  servers.standIn.reset();
  const target = direct.direct.replace(/iam_role=[^&]+/, `iam_role=${role}`);
  const findings = await doctor({ warehouse: sparkify, root: direct.root, target });
  expect(findings.filter(({ name }) => name !== 'target').map(({ ok }) => ok)).not.toContain(false);
  expect(findings.find(({ name }) => name === 'target')).toMatchObject(expected);
  expect(direct.copies()).toHaveLength(1);
  expect(await servers.s3.list(direct.landing)).toEqual([]);
  await direct.remove();
});

test('doctor says of a target that copies directly that a folder is no root for it', async () => {
  expect(await found(`${warehouse.target}&copy=direct`)).toMatchObject({
    ok: false,
    detail: expect.stringContaining('from S3 alone'),
  });
});
