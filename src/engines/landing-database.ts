import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

interface LandingOptions {
  /** How many cores its statements leave to others, as long as there is one for them. Default 0. */
  readonly sparedCores?: number;
}

/** It lives in memory, and spills what does not fit into a folder that goes with it. */
export async function openLandingDatabase({ sparedCores = 0 }: LandingOptions = {}): Promise<LandingDatabase> {
  const folder = join(tmpdir(), `${await temporaryPrefix('landing')}${randomBytes(6).toString('hex')}`);
  const instance = await DuckDBInstance.create(':memory:', { ...boundedMemory, temp_directory: folder });
  if (sparedCores > 0) await spareCores(await instance.connect(), sparedCores);
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

/** Of the cores that DuckDB counts, which a container may have fewer of than the machine. */
async function spareCores(connection: DuckDBConnection, cores: number): Promise<void> {
  try {
    const counted = await connection.runAndReadAll("select current_setting('threads')");
    await run(connection, `set threads = ${Math.max(1, Number(counted.getRows()[0]?.[0]) - cores)}`);
  } finally {
    connection.closeSync();
  }
}

async function run(connection: DuckDBConnection, sql: string): Promise<void> {
  await connection.run(sql).catch((error: unknown) => {
    throw engineFailure('-- make room for what lands', error);
  });
}
