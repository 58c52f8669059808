import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { run } from '../../../src/pipeline/run.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { mountDisk, type SmallDisk } from '../../bad-input/small-disk.ts';
import { eventLine, logOf, songFile } from '../../oracle/build-bucket.ts';
import { oracle } from '../../oracle/oracle.ts';
import { writeBucket } from '../../support/bucket.ts';
import { createDatabase, execute, type TestDatabase } from '../../support/postgres-databases.ts';
import { readStar, sorted, tablesOf } from '../../support/read-star.ts';
import { removeFolder, temporaryFolder } from '../../support/targets.ts';

/** Logs that need some megabytes wherever they are stored. */
const much = {
  key: 'log_data/2018/11/2018-11-16-events.json',
  content: Array.from({ length: 12_000 }, (_, item) =>
    eventLine({ sessionId: 8, itemInSession: item, userAgent: `${item}${'x'.repeat(1_600)}` }),
  ).join('\n'),
};

describe('a disk that is too small', () => {
  let disk: SmallDisk | undefined;
  let database: TestDatabase | undefined;
  let root = '';
  const tablespace = `small_${process.pid}`;
  afterEach(() => {
    if (root !== '') removeFolder(root);
    database?.drop();
    if (disk) execute(`drop tablespace if exists ${tablespace}`);
    disk?.remove();
    [disk, database] = [undefined, undefined];
  });

  test('on the server fails the run, which says so and changes nothing', async ({ skip }) => {
    disk = mountDisk(25_000);
    if (!disk) return skip('this process may not mount a disk');
    const location = join(disk.folder, 'tablespace');
    mkdirSync(location);
    const id = (kind: string) => Number(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8' }));
    chownSync(location, id('-u'), id('-g'));
    execute(`create tablespace ${tablespace} location '${location}'`);
    database = createDatabase(`tablespace ${tablespace}`);
    root = temporaryFolder();
    const target = database.url;
    const runIt = () => run({ warehouse: sparkify, root, target, toolVersion: 'test' });
    const good = [logOf(eventLine()), songFile()];
    writeBucket(root, good);
    await runIt();
    const before = sorted(await readStar(target));
    writeBucket(root, [much]);
    await expect(runIt()).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringContaining('No space left on device'),
      hint: expect.stringContaining('on the server'),
      retryable: true,
    });
    expect(sorted(await readStar(target))).toEqual(before);
    disk.remount('size=300m');
    await runIt();
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([...good, much]))));
  });
});
