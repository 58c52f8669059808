import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SparkifyError } from '../../../src/errors.ts';
import { generate } from '../../../src/generator/generate.ts';
import type { Effects } from '../../../src/pipeline/report.ts';
import type { RunOptions } from '../../../src/pipeline/run.ts';
import type { BucketObject } from '../../oracle/read-objects.ts';
import { jsonPathsObject } from '../../support/bucket.ts';
import { removeFolder, temporaryFolder } from '../../support/targets.ts';
import { openWarehouse, type Servers } from './warehouse.ts';

let created = 0;

/** A warehouse, and a folder of the bucket as its root, with the JSONPaths file in it. */
export async function openDirect(servers: Servers) {
  const { s3, standIn } = servers;
  const warehouse = openWarehouse(servers);
  created += 1;
  const folder = `lake-${created}`;
  const root = `s3://${s3.bucket}/${folder}`;
  const direct = `${warehouse.target}&copy=direct`;
  const put = async (...objects: readonly BucketObject[]) => {
    for (const { key, content } of objects) await s3.put(`${folder}/${key}`, content);
  };
  await put(jsonPathsObject);
  return {
    ...warehouse,
    root,
    folder,
    direct,
    put,
    gone: (key: string) => s3.remove(`${folder}/${key}`),
    run: (options: Partial<RunOptions> = {}, effects: Partial<Effects> = {}) =>
      warehouse.run({ root, target: direct, ...options }, effects),
    /** As by way of landing. */
    land: (options: Partial<RunOptions> = {}) => warehouse.run({ root, ...options }),
    failed: (options: Partial<RunOptions> = {}) =>
      warehouse.run({ root, target: direct, ...options }).then(
        () => expect.fail('the run went through'),
        (error: unknown) => error as SparkifyError,
      ),
    /** Logs that were read since this was asked last, as often as they were, by whomever. */
    readLogs: async () => {
      const reads = (await s3.requests()).filter(({ method }) => method === 'GET').map(({ key }) => key);
      return reads.filter((key) => key.startsWith(`${folder}/log_data/`)).map((key) => key.slice(folder.length + 1));
    },
    /** Rows of etl.objects, by number. */
    ledger: () =>
      warehouse.ask(
        "select object_id::int as id, source, uri, state, content_hash = '' as unread, lines_read::int as read, lines_loaded::int as loaded from etl.objects order by object_id",
      ),
    copies: () => standIn.statements().filter(({ sql }) => /^-- copy objects of/.test(sql)),
  };
}

export type DirectWarehouse = Awaited<ReturnType<typeof openDirect>>;

/** What the generator makes of a few users and days, with the JSONPaths file. */
export async function generated(seed: number): Promise<readonly BucketObject[]> {
  const folder = join(temporaryFolder(), 'bucket');
  await generate({ out: folder, users: 20, days: 6, songs: 60, seed });
  const keys = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((key) => key.endsWith('.json'));
  const objects = keys.map((key) => ({ key, content: readFileSync(join(folder, key)) }));
  removeFolder(folder);
  return objects;
}
