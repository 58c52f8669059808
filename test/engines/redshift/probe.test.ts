import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { doctor } from '../../../src/pipeline/doctor.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { defaultUser } from '../../redshift/stand-in.ts';
import { firstObjects, openWarehouse, type Servers, startServers, type TestWarehouse } from './warehouse.ts';

let servers: Servers;
let warehouse: TestWarehouse;
beforeAll(async () => {
  servers = await startServers({ users: [defaultUser, { name: 'patient', password: 'Passw0rd' }] });
});
afterAll(() => servers.stop());
beforeEach(() => {
  warehouse = openWarehouse(servers);
  warehouse.put(...firstObjects);
});
afterEach(() => warehouse.remove());

const asPatient = () => warehouse.target.replace(/\/\/[^@]*@/, '//patient:Passw0rd@');
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

test('doctor asks for the rights on a ledger that is there', async () => {
  await warehouse.run();
  const [schema = ''] = grantsOf(await found(asPatient()));
  expect(schema).toBe('grant usage, create on schema etl to patient');
  await warehouse.ask(schema);
  const grants = grantsOf(await found(asPatient()));
  expect(grants).toEqual(['grant select, insert, update, delete on all tables in schema etl to patient']);
  for (const grant of grants) await warehouse.ask(grant);
  expect(await found(asPatient())).toMatchObject({ ok: true });
});

test.each([
  ['PUT', 's3:PutObject'],
  ['GET', 's3:GetObject'],
  ['DELETE', 's3:DeleteObject'],
] as const)('doctor says which policy is missing where the landing prefix refuses %s', async (method, action) => {
  const answer = { status: 403, code: 'AccessDenied' };
  await servers.s3.failNext({ method, beginning: warehouse.landing, times: 1, answer });
  expect(await found(warehouse.target)).toMatchObject({
    ok: false,
    detail: expect.stringContaining('The landing prefix: '),
    hint: expect.stringContaining(`must allow ${action} on arn:`),
  });
});

test('doctor misses a role for COPY', async () => {
  expect(await found(warehouse.target.replace(/iam_role=[^&]+&/, ''))).toMatchObject({
    ok: false,
    hint: expect.stringContaining('&iam_role=ARN'),
  });
});

test('doctor says of a target that copies directly that a folder is no root for it', async () => {
  expect(await found(`${warehouse.target}&copy=direct`)).toMatchObject({
    ok: false,
    detail: expect.stringContaining('from S3 alone'),
  });
});
