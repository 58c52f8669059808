import { randomUUID } from 'node:crypto';
import { SparkifyError } from '../../errors.ts';
import { integerType } from '../../model/column-type.ts';
import type { TableShape } from '../../sql/dialect.ts';
import { engineFailure } from '../duckdb/failures.ts';
import type { ObjectToTry } from '../engine.ts';
import { openLandingDatabase } from '../landing-database.ts';
import type { Connection } from './connection.ts';
import { asideShape, type CopyAside, copyAside } from './copy-objects.ts';
import { copyParquet } from './copy-statement.ts';
import { createTemporaryTable } from './ddl.ts';
import { type LandingFolder, openLandingFolder } from './landing-folder.ts';
import { type UploadedParts, uploadParts } from './parts.ts';
import { runCopy, send } from './run-copy.ts';

const probe: TableShape = {
  schema: undefined,
  name: 'sparkify_probe',
  columns: [{ name: 'n', type: integerType }],
};

interface TryCopy {
  readonly connection: Connection;
  readonly iamRole: string;
  readonly objects: readonly ObjectToTry[];
}

/**
 * One row by way of the landing folder into a table of the session, as a load does it: whether COPY may take on its role
 * and what that may read nothing tells as surely. (HAS_ASSUMEROLE_PRIVILEGE knows of grants, not of the role itself,
 * dg:r_HAS_ASSUMEROLE_PRIVILEGE.) Then the objects, each into another one. The keys have names that no run uses.
 * @throws TARGET_UNUSABLE, JSONPATHS_INVALID
 */
export async function tryCopy({ connection, iamRole, objects }: TryCopy): Promise<void> {
  const folder = await openLandingFolder(connection.address);
  const beginning = `probe-${randomUUID()}/`;
  const keys: string[] = [];
  try {
    const { manifest } = await putRow(folder, beginning, (key) => keys.push(key));
    await folder.list(beginning);
    await folder.get(`${beginning}manifest.json`);
    await send(connection, 'create a table to try COPY', createTemporaryTable(probe));
    const copy = copyParquet(probe, { manifest, iamRole });
    await runCopy({ connection, title: 'try COPY', copy, iamRole, from: 'parts' });
    for (const { object, ...sample } of objects) {
      const at = `${beginning}${sample.staging.name}/`;
      const onKey = (key: string) => keys.push(key);
      await tryObject({ ...sample, objects: [object], connection, folder, beginning: at, iamRole, onKey });
    }
    await folder.remove(keys.splice(0));
  } finally {
    await folder.remove(keys).catch(() => {});
    folder.close();
  }
}

/** What a record says is for a run to refuse: by then it was read. */
async function tryObject(copy: CopyAside): Promise<void> {
  await copyAside(copy, asideShape(copy.staging)).catch((error: unknown) => {
    if (!(error instanceof SparkifyError) || error.code !== 'RECORD_REFUSED') throw error;
  });
}

async function putRow(folder: LandingFolder, beginning: string, onKey: (key: string) => void): Promise<UploadedParts> {
  const landings = await openLandingDatabase();
  try {
    const landing = await landings.create(probe);
    const sql = `-- make a row to try COPY\ninsert into ${landing.name} values (1)`;
    await landing.connection.run(sql).catch((error: unknown) => {
      throw engineFailure(sql, error);
    });
    return await uploadParts({ landing, shape: probe, folder, beginning, slices: 1, onKey });
  } finally {
    landings.close();
  }
}
