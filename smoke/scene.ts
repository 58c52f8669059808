import { setTimeout as wait } from 'node:timers/promises';
import type { Address } from '../src/engines/redshift/address.ts';
import { type Connection, openConnection } from '../src/engines/redshift/connection.ts';
import { type LandingFolder, openLandingFolder } from '../src/engines/redshift/landing-folder.ts';
import { identifier } from '../src/sql/quote.ts';

/** A database of the smoke test's own, and the folder of the landing prefix that belongs to it. */
export interface Scene {
  readonly address: Address;
  /** In the database, outside a transaction. */
  readonly connection: Connection;
  readonly folder: LandingFolder;
  /** Another session there; whoever asks ends it. */
  connect(): Promise<Connection>;
  close(): Promise<void>;
}

/** A statement that takes longer fails, so that no question holds the test up. */
const settings = { statement_timeout: 300_000, query_group: 'sparkify smoke test' };

/** @throws TARGET_INVALID, TARGET_UNUSABLE */
export async function openScene(address: Address): Promise<Scene> {
  const folder = await openLandingFolder(address);
  const connection = await openConnection(address, settings);
  return {
    address,
    connection,
    folder,
    connect: () => openConnection(address, settings),
    close: async () => {
      await folder.remove(await folder.list('')).finally(() => folder.close());
      await connection.end();
    },
  };
}

/** Creates a database beside the one that an address names. */
export async function createDatabase(beside: Address, name: string): Promise<void> {
  await within(beside, (connection) => connection.ask(`create database ${identifier(name)}`));
}

/** Sessions that were just closed may count for a moment, and keep a database from being dropped. */
export async function dropDatabase(beside: Address, name: string): Promise<void> {
  await within(beside, async (connection) => {
    for (let tries = 1; ; tries += 1) {
      try {
        await connection.ask(`drop database ${identifier(name)}`);
        return;
      } catch (error) {
        if (tries === 5) throw error;
        await wait(2_000);
      }
    }
  });
}

async function within(address: Address, work: (connection: Connection) => Promise<unknown>): Promise<void> {
  const connection = await openConnection(address, settings);
  try {
    await work(connection);
  } finally {
    await connection.end();
  }
}
