import { SparkifyError } from '../../errors.ts';
import type { Staging } from '../../model/staging.ts';
import type { TableShape } from '../../sql/dialect.ts';
import { identifier } from '../../sql/quote.ts';
import { insertInto, stagingShape, tableName } from '../../sql/shapes.ts';
import { isGzipKey } from '../../storage/keys.ts';
import type { StoredObject } from '../../storage/object-store.ts';
import type { CopiedObjects, ObjectsToCopy } from '../engine.ts';
import type { Connection } from './connection.ts';
import { type CopyJson, copyJson } from './copy-statement.ts';
import { createTemporaryTable } from './ddl.ts';
import { countBroken, directRules, refuseBroken } from './direct-rules.ts';
import { jsonPathsFile } from './json-paths.ts';
import type { LandingFolder } from './landing-folder.ts';
import { runCopy, send } from './run-copy.ts';

/** A COPY from the source's bucket into a table of the session. */
export interface CopyAside extends Omit<ObjectsToCopy, 'objectId'> {
  readonly connection: Connection;
  readonly folder: LandingFolder;
  /** What the keys in the folder begin with; nothing has ever been put there. */
  readonly beginning: string;
  readonly iamRole: string;
  /** Told before a key is written. */
  readonly onKey: (key: string) => void;
}

export type CopyObjects = CopyAside & ObjectsToCopy;

/**
 * COPY from the source's bucket into a table of the session, which is looked through for what landing would reject, and
 * from there into staging: what is wrong never gets further than a table that nobody else sees.
 * @throws RECORD_REFUSED, BALANCE, JSONPATHS_INVALID; what COPY ends with
 */
export async function copyObjects(copy: CopyObjects): Promise<CopiedObjects> {
  const { connection, folder, beginning, staging } = copy;
  const aside = asideShape(staging);
  const copied = await copyAside(copy, aside);
  await confirmRules(connection, staging, aside);
  const rows = await moveIntoStaging(copy, aside);
  await send(connection, `drop ${aside.name}`, `drop table ${tableName(aside)}`);
  if (rows !== copied) throw notBalanced(staging, copied, rows);
  return { uri: folder.uriOf(beginning), rows };
}

/** Gives the number of rows. @throws RECORD_REFUSED, JSONPATHS_INVALID; what COPY ends with */
export async function copyAside(copy: CopyAside, aside: TableShape): Promise<number> {
  const sources = await putDown(copy);
  await send(copy.connection, `create ${aside.name}`, createTemporaryTable(aside));
  return copyAll(copy, aside, sources);
}

/** The types of staging, and what is required NOT NULL: COPY itself names object, line and column then (1213). */
export function asideShape(staging: Staging): TableShape {
  const columns = stagingShape(staging).columns.filter(({ name }) => name !== 'object_id');
  return {
    schema: undefined,
    name: `${staging.name}$copied`,
    columns: columns.map((column) => ({ ...column, notNull: staging.columns[column.name]?.required === true })),
    physical: staging.physical,
  };
}

/** One JSONPaths file, and a manifest for each COPY: one takes compressed objects or plain ones (facts 1.1). */
async function putDown({ folder, beginning, iamRole, onKey, objects, ...copy }: CopyAside): Promise<CopyJson[]> {
  const put = async (name: string, content: string): Promise<string> => {
    onKey(beginning + name);
    await folder.put(beginning + name, content);
    return folder.uriOf(beginning + name);
  };
  const jsonPaths = await put('jsonpaths.json', jsonPathsFile(copy));
  const gzip = objects.filter(({ key }) => isGzipKey(key));
  const plain = objects.filter(({ key }) => !isGzipKey(key));
  const sources: CopyJson[] = [];
  if (plain.length > 0) {
    sources.push({ manifest: await put('manifest.json', manifestOf(plain)), jsonPaths, iamRole, isGzip: false });
  }
  if (gzip.length > 0) {
    sources.push({ manifest: await put('manifest-gzip.json', manifestOf(gzip)), jsonPaths, iamRole, isGzip: true });
  }
  return sources;
}

/** Without `mandatory` COPY would skip in silence what is not there any more (facts 1.10). */
function manifestOf(objects: readonly StoredObject[]): string {
  return JSON.stringify({ entries: objects.map(({ uri }) => ({ url: uri, mandatory: true })) });
}

async function copyAll(
  { connection, iamRole, staging }: CopyAside,
  aside: TableShape,
  sources: readonly CopyJson[],
): Promise<number> {
  let rows = 0;
  for (const source of sources) {
    const title = `copy objects of ${staging.source.name} into ${aside.name}`;
    rows += await runCopy({ connection, iamRole, title, copy: copyJson(aside, source), from: 'objects' });
  }
  return rows;
}

async function confirmRules(connection: Connection, staging: Staging, aside: TableShape): Promise<void> {
  const rules = directRules(staging);
  if (rules.length === 0) return;
  const { rows } = await send(
    connection,
    `look for rows of ${staging.name} that landing would reject`,
    countBroken(tableName(aside), rules),
  );
  refuseBroken(staging, rules, (rows[0] ?? []).map(Number));
}

/** As landing takes them: without blanks at the end of texts. */
async function moveIntoStaging({ connection, staging, objectId }: CopyObjects, aside: TableShape): Promise<number> {
  const values = aside.columns.map(({ name, type }) =>
    type.kind === 'text' ? `rtrim(${identifier(name)}, ' ')` : identifier(name),
  );
  const { rowCount } = await send(
    connection,
    `move into ${staging.name} what COPY loaded`,
    `${insertInto(stagingShape(staging))}\nselect ${[...values, String(objectId)].join(', ')}\nfrom ${tableName(aside)}`,
  );
  return rowCount ?? 0;
}

function notBalanced({ name }: Staging, copied: number, rows: number): SparkifyError {
  return new SparkifyError('BALANCE', `Of ${copied} rows that COPY loaded for ${name}, ${rows} came into it.`, {
    hint: 'Keep this message and report it.',
    details: { table: name, copied, rows },
  });
}
