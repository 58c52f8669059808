import { Client } from 'pg';
import { inject, vi } from 'vitest';
import type { Effects, RunReport } from '../../../src/pipeline/report.ts';
import { type RunOptions, run } from '../../../src/pipeline/run.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../../oracle/build-bucket.ts';
import { oracle } from '../../oracle/oracle.ts';
import type { BucketObject } from '../../oracle/read-objects.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../../redshift/stand-in.ts';
import { writeBucket } from '../../support/bucket.ts';
import { createBeside } from '../../support/engine-beside.ts';
import { readStar, sorted, tablesOf } from '../../support/read-star.ts';
import { type S3Server, startS3Server } from '../../support/s3-server.ts';
import { removeFolder, temporaryFolder } from '../../support/targets.ts';

/** A stand-in with an S3 server of its own, so that both can be told to fail, and their use be counted. */
export interface Servers {
  readonly s3: S3Server;
  readonly standIn: StandIn;
  stop(): Promise<void>;
}

export async function startServers(options: Omit<StandInOptions, 's3Endpoint'> = {}): Promise<Servers> {
  const s3 = await startS3Server();
  for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
  const standIn = await startStandIn({ s3Endpoint: s3.endpoint, postgresUrl: inject('postgresUrl'), ...options });
  return {
    s3,
    standIn,
    stop: async () => {
      vi.unstubAllEnvs();
      await standIn.stop();
      await s3.stop();
    },
  };
}

/** What a warehouse is loaded from first, and what comes then. */
export const firstObjects: readonly BucketObject[] = [
  logOf(eventLine(), eventLine({ itemInSession: 1, page: 'Home' }), '{broken'),
  songFile(),
];
export const laterObjects: readonly BucketObject[] = [
  { key: 'log_data/2018/11/2018-11-16-events.json', content: eventLine({ sessionId: 8, level: 'paid' }) },
  songFile({ song_id: 'SO2', title: 'Other', artist_id: 'AR2' }),
];

/** An empty database, and a folder to load it from. */
export interface TestWarehouse {
  readonly target: string;
  readonly root: string;
  /** Below this all keys lie that the warehouse has in the landing bucket. */
  readonly landing: string;
  put(...objects: readonly BucketObject[]): void;
  /** Waits for nothing, unless told otherwise. */
  run(options?: Partial<RunOptions>, effects?: Partial<Effects>): Promise<RunReport>;
  star(): Promise<unknown>;
  /** Rows of a query, asked past our own code. */
  ask(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  remove(): Promise<void>;
}

export function openWarehouse({ s3, standIn }: Servers): TestWarehouse {
  const { target, remove } = createBeside(standIn, s3);
  const root = temporaryFolder();
  const database = new URL(target).pathname.slice(1);
  const client = new Client({ connectionString: standIn.url(database) });
  client.on('error', () => {});
  let connected: Promise<unknown> | undefined;
  return {
    target,
    root,
    landing: `landing/${database}/`,
    put: (...objects) => writeBucket(root, objects),
    run: (options, effects) =>
      run(
        { warehouse: sparkify, root, target, toolVersion: 'test', ...options },
        { pause: async () => {}, ...effects },
      ),
    star: async () => sorted(await readStar(target)),
    ask: async (sql) => {
      connected ??= client.connect();
      await connected;
      return (await client.query<Record<string, unknown>>(sql)).rows;
    },
    remove: async () => {
      await client.end();
      removeFolder(root);
      remove();
    },
  };
}

/** What the oracle makes of objects, to compare with `star`. */
export const starOf = (...objects: readonly BucketObject[]) => sorted(tablesOf(oracle(objects)));

/** A warehouse loaded from the first objects, with the later ones in its root. */
export async function openLoadedWarehouse(servers: Servers): Promise<TestWarehouse> {
  const warehouse = openWarehouse(servers);
  warehouse.put(...firstObjects);
  await warehouse.run();
  warehouse.put(...laterObjects);
  return warehouse;
}
