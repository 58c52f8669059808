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
  /** An empty table of its own for the rows of a table. */
  create(shape: TableShape): Promise<LandingTable>;
  /** Takes a table away that has been loaded, and with it the memory it took. */
  drop(landing: LandingTable): Promise<void>;
  close(): void;
}

/** It lives in memory, and spills what does not fit into a folder that goes with it. */
export async function openLandingDatabase(): Promise<LandingDatabase> {
  const folder = join(tmpdir(), `${await temporaryPrefix('landing')}${randomBytes(6).toString('hex')}`);
  const instance = await DuckDBInstance.create(':memory:', { ...boundedMemory, temp_directory: folder });
  const connection = await instance.connect();
  return {
    create: async (shape) => {
      const { table, create } = landingTableOf(shape);
      // A batch that failed has left what it landed.
      await run(connection, `drop table if exists ${table}`);
      await run(connection, create);
      return { connection, name: table };
    },
    drop: ({ name }) => run(connection, `drop table ${name}`),
    close: () => {
      connection.closeSync();
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
