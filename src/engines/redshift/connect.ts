import { randomBytes } from 'node:crypto';
import type { OpenOptions, Session } from '../engine.ts';
import { resultOf } from '../wire-values.ts';
import { type Address, parseAddress, roleOf } from './address.ts';
import { ask } from './ask.ts';
import { type Answer, type Connection, openConnection } from './connection.ts';
import { dialect } from './dialect.ts';
import { statementFailure } from './failures.ts';
import { openLandingFolder } from './landing-folder.ts';
import { takeOver } from './lock.ts';
import { forgetIn } from './memory.ts';
import { confirmReader } from './reader.ts';
import { openWriterSession } from './writer-session.ts';

/** Opens a database. A reader sees it as it is at its first question, however often it asks. */
export async function openRedshift(target: string, options: OpenOptions): Promise<Session> {
  const address = parseAddress(target);
  return options.mode === 'read' ? openReader(address) : openWriter(address, options);
}

async function openReader(address: Address): Promise<Session> {
  const connection = await openConnection(address, { statement_timeout: address.statementTimeoutMs });
  try {
    await confirmReader(connection);
    await beginToRead(connection);
  } catch (error) {
    await connection.end();
    throw error;
  }
  const refuse = async () => {
    throw new TypeError('the session was opened to read');
  };
  return {
    dialect,
    schemas: connection.place.searchPath,
    run: refuse,
    all: async (sql) => resultOf(await sendToRead(connection, sql)),
    query: async (sql) => {
      try {
        return await ask(connection, sql);
      } catch (error) {
        // A failure ends the transaction, and there are no savepoints (facts 3.7).
        await endReading(connection);
        await beginToRead(connection);
        throw error;
      }
    },
    define: refuse,
    transaction: refuse,
    insertRows: refuse,
    landingTable: refuse,
    landingBytes: Number.POSITIVE_INFINITY,
    loadLanded: refuse,
    describeLoaded: refuse,
    copyObjects: undefined,
    reconnect: refuse,
    close: () => connection.end(),
  };
}

/** The warehouse itself refuses to write in it (dg:r_BEGIN). */
async function beginToRead(connection: Connection): Promise<void> {
  await sendToRead(connection, 'begin read only');
}

async function endReading(connection: Connection): Promise<void> {
  await connection.ask('rollback').catch(() => {});
}

function sendToRead(connection: Connection, sql: string): Promise<Answer> {
  return connection.ask(sql).catch((error: unknown) => {
    throw statementFailure(sql, error, connection.place);
  });
}

/** Serverless does not tell how many it has (facts 1.15): a guess, so that parts are many and alike. */
const unknownSlices = 16;

async function openWriter(address: Address, options: OpenOptions): Promise<Session> {
  const { waitMs = 0, signal, runId = `session-${randomBytes(4).toString('hex')}` } = options;
  const iamRole = roleOf(address);
  const folder = await openLandingFolder(address);
  try {
    const settings = { statement_timeout: address.statementTimeoutMs, query_group: runId };
    const connection = await openConnection(address, settings);
    try {
      await forgetIn(folder);
      if (options.takeOver) await takeOver(connection, folder);
      const slices = await countSlices(connection);
      const isDirect = address.copy === 'direct';
      return openWriterSession({ connection, folder, iamRole, runId, slices, isDirect, waitMs, signal });
    } catch (error) {
      await connection.end();
      throw error;
    }
  } catch (error) {
    folder.close();
    throw error;
  }
}

async function countSlices(connection: Connection): Promise<number> {
  const answer = await connection.ask('-- count the slices\nselect count(*) from stv_slices').catch(() => undefined);
  return Number(answer?.rows[0]?.[0]) || unknownSlices;
}
