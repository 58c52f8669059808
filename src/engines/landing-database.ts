import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableShape } from '../sql/dialect.ts';
import { temporaryPrefix } from '../storage/temporary-folders.ts';
import { DuckDBInstance } from './duckdb/binding.ts';
import { boundedMemory } from './duckdb/bounded-memory.ts';
import { engineFailure } from './duckdb/failures.ts';
import type { LandingTable } from './engine.ts';
import { landingTableOf } from './landing-table.ts';

/** The embedded database in which rows land before an engine loads them that is a server. */
export interface LandingDatabase {
  /** An empty table of its own for the rows of a table, on a connection of its own. */
  create(shape: TableShape): Promise<LandingTable>;
  /** Takes a table away that has been loaded, and with it the memory it took. */
  drop(landing: LandingTable): Promise<void>;
  /** Takes away what a batch that failed has left. Never fails, as why the batch did is to be told. */
  clear(): Promise<void>;
  close(): void;
}

/**
 * It lives in memory, and spills what does not fit into a folder that goes with it. A statement takes `threads` threads
 * at most; by default as many as there are cores.
 */
export async function openLandingDatabase(threads = availableParallelism()): Promise<LandingDatabase> {
  const folder = join(tmpdir(), `${await temporaryPrefix('landing')}${randomBytes(6).toString('hex')}`);
  const settings = { ...boundedMemory, temp_directory: folder, threads: String(threads) };
  const instance = await DuckDBInstance.create(':memory:', settings);
  const opened = new Map<LandingTable, string>();
  let databases = 0;
  const drop = async (landing: LandingTable): Promise<void> => {
    try {
      await run(landing.connection, `use memory; detach ${opened.get(landing)}`);
    } finally {
      landing.connection.closeSync();
      opened.delete(landing);
    }
  };
  return {
    create: async (shape) => {
      const { table, create } = landingTableOf(shape);
      databases += 1;
      const database = `landing_${databases}`;
      const connection = await instance.connect();
      await run(connection, `attach ':memory:' as ${database}; use ${database}; ${create}`);
      const landing = { connection, name: table };
      opened.set(landing, database);
      return landing;
    },
    drop,
    clear: async () => {
      for (const landing of opened.keys()) await drop(landing).catch(() => {});
    },
    close: () => {
      for (const { connection } of opened.keys()) connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function run(connection: DuckDBConnection, sql: string): Promise<void> {
  await connection.run(sql).catch((error: unknown) => {
    throw engineFailure('-- make room for what lands', error);
  });
}
