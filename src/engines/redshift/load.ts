import { randomBytes } from 'node:crypto';
import { SparkifyError } from '../../errors.ts';
import type { Staging } from '../../model/staging.ts';
import type { TableShape } from '../../sql/dialect.ts';
import { stagingShape, tableName } from '../../sql/shapes.ts';
import { insertRows as appendRows } from '../duckdb/load.ts';
import type { CopiedObjects, LandingTable, ObjectsToCopy, Value } from '../engine.ts';
import { type LandingDatabase, openLandingDatabase } from '../landing-database.ts';
import type { Connection } from './connection.ts';
import { copyObjects } from './copy-objects.ts';
import { copyParquet } from './copy-statement.ts';
import { insertStatements } from './insert.ts';
import type { LandingFolder } from './landing-folder.ts';
import { uploadParts } from './parts.ts';
import { runCopy, send } from './run-copy.ts';
import { inTableOrder } from './table-order.ts';

/** Brings rows into tables, by way of S3 where they are many. */
export interface Loader {
  /** A place for rows of a staging table. */
  landingTable(staging: Staging): Promise<LandingTable>;
  loadLanded(staging: Staging, landing: LandingTable): Promise<void>;
  /** Brings objects in straight from the source's bucket. */
  copyObjects(objects: ObjectsToCopy): Promise<CopiedObjects>;
  insertRows(shape: TableShape, rows: readonly (readonly Value[])[]): Promise<void>;
  /** Removes what was put into the folder since this was called last, and what landed and was not loaded. */
  endTransaction(): Promise<void>;
  close(): void;
}

export interface LoaderOptions {
  readonly connection: Connection;
  readonly folder: LandingFolder;
  readonly iamRole: string;
  /** In the names of parts. */
  readonly runId: string;
  readonly slices: number;
}

const partsBeginning = 'parts/';

export function openLoader({ connection, folder, iamRole, runId, slices }: LoaderOptions): Loader {
  let landings: LandingDatabase | undefined;
  let keys: string[] = [];
  let copies = 0;
  let attempt = newAttempt(runId);

  const database = async (): Promise<LandingDatabase> => {
    landings ??= await openLandingDatabase();
    return landings;
  };

  const onKey = (key: string) => void keys.push(key);

  /** What the keys of the next COPY into a table begin with. */
  async function nextBeginning({ name }: Pick<TableShape, 'name'>): Promise<string> {
    if (keys.length === 0) await removeOrphans(folder, attempt);
    copies += 1;
    return `${attempt}${copies}-${name.replaceAll(/\W/g, '_')}/`;
  }

  async function copyTable(declared: TableShape, landing: LandingTable, title: string): Promise<void> {
    const shape = await inTableOrder(connection, declared);
    const beginning = await nextBeginning(shape);
    const { manifest, rows } = await uploadParts({ landing, shape, folder, beginning, slices, onKey });
    if (rows > 0) await copyChecked({ connection, shape, manifest, rows, iamRole, title });
  }

  return {
    landingTable: async (staging) => (await database()).create(stagingShape(staging)),
    loadLanded: async (staging, landing) => {
      await copyTable(stagingShape(staging), landing, `load what landed into ${staging.name}`);
      await (await database()).drop(landing);
    },
    copyObjects: async (objects) => {
      const beginning = await nextBeginning(objects.staging);
      return copyObjects({ ...objects, connection, folder, iamRole, beginning, onKey });
    },
    insertRows: async (shape, rows) => {
      const statements = insertStatements(shape, rows);
      const title = `add rows to ${shape.name}`;
      for (const sql of statements ?? []) await send(connection, title, sql);
      if (statements) return;
      const landing = await (await database()).create(shape);
      await appendRows(landing.connection, { ...shape, schema: undefined, name: `landing_${shape.name}` }, rows);
      await copyTable(shape, landing, title);
      await (await database()).drop(landing);
    },
    endTransaction: async () => {
      const gone = keys;
      [keys, copies, attempt] = [[], 0, newAttempt(runId)];
      await landings?.clear();
      // What cannot be removed is an orphan to the next run.
      await folder.remove(gone).catch(() => {});
    },
    close: () => {
      landings?.close();
      folder.close();
    },
  };
}

/** A name never used before: what a run that died writes late lands elsewhere. */
function newAttempt(runId: string): string {
  return `${partsBeginning}${runId}-${randomBytes(8).toString('hex')}/`;
}

/** Whoever holds the lock is the only one to load: what others have put here belongs to runs that died. */
async function removeOrphans(folder: LandingFolder, attempt: string): Promise<void> {
  const keys = await folder.list(partsBeginning);
  await folder.remove(keys.filter((key) => !key.startsWith(attempt)));
}

interface Copy {
  readonly connection: Connection;
  readonly shape: TableShape;
  readonly manifest: string;
  readonly rows: number;
  readonly iamRole: string;
  readonly title: string;
}

/** One COPY of all parts, since several into a table would come one after the other (facts 1.11). @throws BALANCE */
async function copyChecked({ connection, shape, manifest, rows, iamRole, title }: Copy): Promise<void> {
  const copy = copyParquet(shape, { manifest, iamRole });
  const copied = await runCopy({ connection, title, copy, iamRole, from: 'parts' });
  if (copied === rows) return;
  throw new SparkifyError(
    'BALANCE',
    `Of ${rows} rows that were put down for ${tableName(shape)}, ${copied} were loaded.`,
    {
      hint: 'Something else may write or delete below the landing prefix; else report this.',
      details: { table: tableName(shape), landed: rows, copied },
    },
  );
}
