import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { engineOf, openTarget } from '../../../src/engines/index.ts';
import type { SparkifyError } from '../../../src/errors.ts';
import { createDatabase, execute, type TestDatabase } from '../../support/postgres-databases.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import { removeFolder, temporaryFolder } from '../../support/targets.ts';

/** A target like another but for some parts. */
function altered(
  url: string,
  parts: Partial<Pick<URL, 'username' | 'password' | 'hostname' | 'port' | 'pathname' | 'search'>>,
): string {
  return Object.assign(new URL(url), parts).href;
}

async function failureOf(target: string, mode: 'read' | 'write' = 'read'): Promise<SparkifyError> {
  const opened = await openTarget(target, { mode }).catch((error: unknown) => error as SparkifyError);
  if (!(opened instanceof Error)) {
    await opened.close();
    throw new Error(`${mode} was possible`);
  }
  expect(JSON.stringify(opened) + opened.message + opened.hint).not.toMatch(/S3CRET/);
  return opened;
}

describe('a target that cannot be opened', () => {
  let database: TestDatabase;
  beforeAll(() => {
    database = createDatabase();
  });
  afterAll(() => database.drop());
  afterEach(() => vi.unstubAllEnvs());

  test('tells what is wrong with server, user, password and database', async () => {
    const { url, name } = database;
    const { host } = new URL(url);
    expect(await failureOf(altered(url, { port: '1' }))).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: `127.0.0.1:1/${name} does not take connections: nothing listens there.`,
      retryable: true,
    });
    expect(await failureOf(altered(url, { hostname: 'nowhere.invalid' }))).toMatchObject({
      message: expect.stringMatching(/^nowhere\.invalid:\d+\/.* its host has no address\.$/),
    });
    expect(await failureOf(altered(url, { password: 'wrong-S3CRET' }))).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: `${host}/${name} does not take this user with this password.`,
      hint: expect.stringContaining('PGPASSWORD'),
    });
    expect(await failureOf(altered(url, { pathname: 'no_such_database' }))).toMatchObject({
      message: `${host}/no_such_database is a database that does not exist.`,
      hint: expect.stringContaining('create database'),
    });
    vi.stubEnv('HOME', '/nowhere');
    expect(await failureOf(altered(url, { password: '' }))).toMatchObject({
      message: `${host}/${name} does not take this user with this password.`,
    });
  });

  test('takes the password from the environment', async () => {
    vi.stubEnv('PGPASSWORD', new URL(database.url).password);
    await (await openTarget(altered(database.url, { password: '' }), { mode: 'read' })).close();
  });

  test.each([
    ['postgres://user:S3CRET#x@host/db', 'no URL'],
    ['postgres://user:S3CRET%zz@host/db', 'two digits'],
    ['postgres://user:S3CRET@host/db?sslmode=sometimes', 'sslmode'],
    ['postgres://user:S3CRET@host/db?pasword=S3CRET', 'there is no pasword'],
    ['postgres://user:S3CRET@host/db?statement_timeout=soon', 'statement_timeout: must be written like'],
    ['postgres://user:S3CRET@host/db?connect_timeout=x', 'connect_timeout: must be a whole number of seconds'],
    ['postgres://user:S3CRET@host/db?connect_timeout=0', 'connect_timeout: must be a whole number of seconds'],
    ['postgres://user:S3CRET@host/db?sslmode=verify-ca', 'needs the certificate'],
    ['postgres://user:S3CRET@host/db?sslrootcert=/nowhere.pem', '/nowhere.pem cannot be read: ENOENT'],
  ])('is refused where it is written wrongly: %s', async (target, problem) => {
    expect(await failureOf(target)).toMatchObject({
      code: 'TARGET_INVALID',
      message: expect.stringContaining(problem),
    });
  });

  test.each(['abc', '5432x', '0', '70000'])(
    'is refused where PGPORT, which it leaves the port to, is none: %s',
    async (port) => {
      vi.stubEnv('PGPORT', port);
      expect(await failureOf(altered(database.url, { port: '' }))).toMatchObject({
        code: 'TARGET_INVALID',
        message: expect.stringContaining('PGPORT'),
        hint: expect.stringContaining('65535'),
      });
      await (await openTarget(database.url, { mode: 'read' })).close();
    },
  );

  test.each([true, false])('takes the port from PGPORT, unless it names one: %s', async (isNamed) => {
    vi.stubEnv('PGPORT', isNamed ? '' : new URL(database.url).port);
    await (await openTarget(isNamed ? database.url : altered(database.url, { port: '' }), { mode: 'read' })).close();
  });

  test.each(['12?S3CRET', '12?S3=CRET', '12?S3&CRET', '12?#S3CRET', '12#S3CRET', '12/S3CRET', 'S3CRET#1'])(
    'repeats nothing of a password with a character that has another meaning in a URL: %s',
    async (password) => {
      const target = `postgres://u:${password}@host/db`;
      const error = (await failureOf(target)) as SparkifyError;
      expect(error).toMatchObject({ code: 'TARGET_INVALID', hint: expect.stringContaining('? # %') });
      expect(JSON.stringify(error) + error.message + error.hint + error.cause).not.toMatch(/S3|CRET|12/);
      expect(engineOf(target).shown(target)).toBe('postgres://…');
    },
  );

  test('is shown without its password', () => {
    const shown = (target: string) => engineOf(target).shown(target);
    expect(shown('postgres://me:S3CRET@host:5433/db?sslmode=require&password=S3CRET')).toBe(
      'postgres://me@host:5433/db?sslmode=require',
    );
    expect(shown('postgres://me:S3CRET#x@host/db')).toBe('postgres://…');
  });

  test('of a server that says nothing is given up', async () => {
    const { server: silent, port } = await listening(() => {});
    expect(await failureOf(altered(database.url, { port: String(port), search: 'connect_timeout=1' }))).toMatchObject({
      message: expect.stringContaining('does not answer'),
      hint: expect.stringContaining('connect_timeout'),
    });
    silent.close();
  });

  test('of a server that speaks otherwise says so', async () => {
    const { server: other, port } = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await failureOf(altered(database.url, { port: String(port) }))).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('broke the connection off'),
    });
    other.close();
  });

  test('asks for another encoding than UTF-8 to be given up', async () => {
    const latin = createDatabase("template template0 encoding 'LATIN1' locale 'C'");
    expect(await failureOf(latin.url)).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('encoding LATIN1'),
      hint: expect.stringContaining("encoding 'UTF8'"),
    });
    latin.drop();
  });

  test('names the right that a role lacks to connect', async () => {
    const role = `no_connect_${process.pid}`;
    execute(`create role ${role} login password 'S3CRET'`);
    execute(`revoke connect on database ${database.name} from public`);
    expect(await failureOf(altered(database.url, { username: role, password: 'S3CRET' }))).toMatchObject({
      code: 'TARGET_UNUSABLE',
      hint: `An administrator grants it: grant connect on database ${database.name} to ${role}`,
    });
    execute(`drop role ${role}`);
  });
});

describe.skipIf(spawnSync('openssl', ['version']).status !== 0)(
  'a connection by TLS, where openssl can make the certificates',
  () => {
    let folder: string;
    let server: PostgresServer;
    let authority: string;
    beforeAll(async () => {
      folder = temporaryFolder();
      authority = makeCertificates(folder);
      server = await startPostgres([
        'ssl=on',
        `ssl_cert_file=${join(folder, 'server.pem')}`,
        `ssl_key_file=${join(folder, 'server.key')}`,
      ]);
    });
    afterAll(async () => {
      await server.stop();
      removeFolder(folder);
    });

    const secured = async (search: string, hostname = 'localhost') => {
      const session = await openTarget(altered(server.url, { hostname, search }), { mode: 'read' });
      const { rows } = await session.all('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      await session.close();
      return rows[0]?.[0];
    };

    test('is encrypted unless that is turned off', async () => {
      expect(await secured('')).toBe(true);
      expect(await secured('sslmode=require')).toBe(true);
      expect(await secured('sslmode=disable')).toBe(false);
    });

    test('is verified as far as it is asked to be', async () => {
      expect(await secured(`sslmode=verify-full&sslrootcert=${authority}`)).toBe(true);
      expect(await secured(`sslmode=verify-ca&sslrootcert=${authority}`, '127.0.0.1')).toBe(true);
      const target = (search: string) => altered(server.url, { hostname: '127.0.0.1', search });
      expect(await failureOf(target(`sslmode=verify-full&sslrootcert=${authority}`))).toMatchObject({
        message: expect.stringContaining('certificate of another name'),
      });
      for (const search of ['sslmode=verify-full', `sslmode=require&sslrootcert=${join(folder, 'server.pem')}`]) {
        expect(await failureOf(target(search))).toMatchObject({
          message: expect.stringContaining('not trusted'),
          hint: expect.stringContaining('sslrootcert'),
        });
      }
    });

    test('is not made with a server that has none, when it must be', async () => {
      const database = createDatabase();
      expect(await failureOf(`${database.url}?sslmode=require`)).toMatchObject({
        message: expect.stringContaining('does not offer TLS'),
      });
      database.drop();
    });
  },
);

async function listening(answer: (socket: Socket) => void) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** A certificate of an authority of our own for `localhost`, with its key as the server wants it. Gives the authority's. */
function makeCertificates(folder: string): string {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority');
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'server.key',
    '-out',
    'server.pem',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
  );
  chmodSync(folder, 0o755);
  chmodSync(join(folder, 'server.key'), 0o600);
  if (process.geteuid?.() === 0) {
    const id = (kind: string) => Number(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8' }));
    chownSync(join(folder, 'server.key'), id('-u'), id('-g'));
  }
  return join(folder, 'ca.pem');
}
