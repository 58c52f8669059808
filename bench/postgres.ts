import { createWriteStream, existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import { build } from 'rolldown';
import { dialect } from '../src/engines/postgres/dialect.ts';
import { stagingEvents } from '../src/sparkify/staging.ts';
import { stagingShape } from '../src/sql/shapes.ts';
import { type PostgresServer, startPostgres } from '../test/support/postgres-server.ts';
import { sqlOf } from '../test/support/sql-of.ts';
import { script } from './case.ts';
import { type Comparison, compare, type Measurement, measure } from './measure.ts';

/**
 * Compares what a command does with a database that is empty with COPY of the same staged events into an empty table,
 * both on one server.
 */
export async function againstCopy(
  root: string,
  folder: string,
  pairs: number,
  ours: (target: string) => Promise<Measurement>,
): Promise<Comparison> {
  const server = await startPostgres();
  try {
    const file = join(folder, 'staging_events.txt');
    await (await stager(folder))(root, await emptyDatabase(server));
    await writeRows(server, file);
    return await compare(
      pairs,
      async () => ours(await emptyDatabase(server)),
      async () => copyAlone(await emptyDatabase(server), file),
    );
  } finally {
    await server.stop();
  }
}

/** What lands a root and loads it into the staging table, without a star: bundled, as what is published is. */
export async function stager(folder: string): Promise<(root: string, target: string) => Promise<Measurement>> {
  const output = { file: join(folder, 'stage-only.mjs'), codeSplitting: false };
  await build({ input: script('stage-only.ts'), platform: 'node', external: /^(?![./])/, output, logLevel: 'silent' });
  const packages = join(folder, 'node_modules');
  if (!existsSync(packages)) symlinkSync(script('../node_modules'), packages, 'junction');
  return (root, target) => measure({ script: output.file, args: [root, target] });
}

const database = 'bench';

async function emptyDatabase({ url }: PostgresServer): Promise<string> {
  await within(url, async (client) => {
    await client.query(`drop database if exists ${database} with (force)`);
    await client.query(`create database ${database}`);
    await client.query('checkpoint');
  });
  return Object.assign(new URL(url), { pathname: database }).href;
}

async function writeRows({ url }: PostgresServer, file: string): Promise<void> {
  const target = Object.assign(new URL(url), { pathname: database }).href;
  await within(target, (client) =>
    pipeline(client.query(to('copy staging_events to stdout')), createWriteStream(file)),
  );
}

async function copyAlone(target: string, file: string): Promise<Measurement> {
  const shape = stagingShape(stagingEvents);
  await within(target, (client) => client.query(sqlOf(dialect.createTable(shape))));
  return measure({ script: script('copy-alone.mjs'), args: [target, shape.name, file] });
}

async function within(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
