import { commitUnknown } from '../commit-unknown.ts';
import type { Session } from '../engine.ts';
import { resultOf } from '../wire-values.ts';
import { ask } from './ask.ts';
import type { Answer, Connection } from './connection.ts';
import { define } from './define.ts';
import { dialect } from './dialect.ts';
import { isConnectionLost, statementFailure } from './failures.ts';
import type { LandingFolder } from './landing-folder.ts';
import { type Loader, openLoader } from './load.ts';
import { beginExclusively, rollBack, type Waiting } from './lock.ts';
import { type PendingRows, pendingRows } from './pending-rows.ts';

export interface WriterOptions extends Waiting {
  readonly connection: Connection;
  readonly folder: LandingFolder;
  readonly iamRole: string;
  readonly runId: string;
  readonly slices: number;
  /** Whether it copies objects straight from the source's bucket. */
  readonly isDirect: boolean;
}

/** A session that loads. It takes the lock for each transaction, and a transaction is whole or was not (facts 3.7). */
export function openWriterSession(options: WriterOptions): Session {
  const { connection, folder, isDirect } = options;
  const loader = openLoader(options);
  const pending = pendingRows();
  const send = async (sql: string): Promise<Answer> => {
    await addPending(pending, loader);
    return connection.ask(sql).catch((error: unknown) => {
      throw statementFailure(sql, error, connection.place);
    });
  };
  const transaction: Session['transaction'] = async (work) => {
    await beginExclusively(connection, folder, options);
    try {
      const result = await work();
      await addPending(pending, loader);
      await commit(connection);
      return result;
    } catch (error) {
      pending.take();
      await rollBack(connection);
      throw error;
    } finally {
      await loader.endTransaction();
    }
  };
  return {
    dialect,
    schemas: [connection.place.schema],
    run: async (sql) => changedRows(sql, await send(sql)),
    all: async (sql) => resultOf(await send(sql)),
    query: async (sql) => {
      await addPending(pending, loader);
      return ask(connection, sql);
    },
    define: (statements, before) => define({ connection, statements, transaction, before }),
    transaction,
    insertRows: async (shape, rows) => {
      if (pending.add(shape, rows)) await addPending(pending, loader);
    },
    landingTable: (staging) => loader.landingTable(staging),
    // Several COPYs into a table come one after the other (facts 1.11), and each has parts for every slice.
    landingBytes: Number.POSITIVE_INFINITY,
    loadLanded: async (staging, landing) => {
      await addPending(pending, loader);
      await loader.loadLanded(staging, landing);
    },
    describeLoaded: async () => {},
    copyObjects: isDirect
      ? async (objects) => {
          await addPending(pending, loader);
          return loader.copyObjects(objects);
        }
      : undefined,
    reconnect: () => connection.reopen(),
    close: async () => {
      try {
        await addPending(pending, loader);
      } finally {
        loader.close();
        await connection.end();
      }
    },
  };
}

async function addPending(pending: PendingRows, loader: Loader): Promise<void> {
  for (const [shape, rows] of pending.take()) await loader.insertRows(shape, rows);
}

/** Tables are refreshed by these numbers: a statement that changes rows and does not say how many is a failure. */
function changedRows(sql: string, { rowCount, command }: Answer): number {
  if (rowCount !== null || !['INSERT', 'UPDATE', 'DELETE'].includes(command)) return rowCount ?? 0;
  throw new TypeError(`the warehouse does not say how many rows were changed: ${sql.split('\n', 1)[0]}`);
}

/** @throws COMMIT_UNKNOWN where the connection is lost meanwhile, and nobody knows what became of it (facts 3.7) */
async function commit(connection: Connection): Promise<void> {
  try {
    await connection.ask('-- commit\ncommit');
  } catch (error) {
    const { place } = connection;
    throw isConnectionLost(error) ? commitUnknown(place.shown, error) : statementFailure('-- commit', error, place);
  }
}
