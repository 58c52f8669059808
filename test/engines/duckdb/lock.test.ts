import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../../../src/engines/duckdb/create.ts';
import type { Session } from '../../../src/engines/engine.ts';
import { openTarget } from '../../../src/engines/index.ts';
import { SparkifyError } from '../../../src/errors.ts';
import { run } from '../../../src/pipeline/run.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../../oracle/build-bucket.ts';
import { writeBucket } from '../../support/bucket.ts';
import { removeFolder, temporaryFolder } from '../../support/targets.ts';
import { type OtherProcess, startOther } from './other-process.ts';

describe('one writer of a database file', () => {
  let folder: string;
  let file: string;
  let target: string;
  let other: OtherProcess;
  const note = () => `${file}.holder`;

  beforeAll(async () => {
    other = await startOther();
  });
  afterAll(() => other.kill());
  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder, 'warehouse.duckdb');
    target = `duckdb:${file}`;
  });
  afterEach(() => removeFolder(folder));

  const write = (waitMs = 0, signal?: AbortSignal) => openTarget(target, { mode: 'write', waitMs, signal });

  async function create(): Promise<void> {
    await (await write()).close();
  }

  async function failureOf(work: Promise<unknown>): Promise<SparkifyError> {
    const error = await work.then(
      () => undefined,
      (failure: unknown) => failure,
    );
    if (error instanceof SparkifyError) return error;
    throw new Error('it did not fail as it should', { cause: error });
  }

  test('is told by process, host and time to whoever comes second', async () => {
    other.order({ target, mode: 'write', holdMs: 1_500 });
    expect(await other.next()).toBe('open');
    const told = await failureOf(write());
    expect(told).toMatchObject({
      code: 'TARGET_IN_USE',
      retryable: true,
      details: { pid: other.pid, host: hostname(), since: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) },
    });
    expect(told.message).toContain(`process ${other.pid} on ${hostname()} since ${told.details.since}`);
    expect((await failureOf(openTarget(target, { mode: 'read', waitMs: 0 }))).message).toBe(told.message);
    expect(await other.next()).toBe('closed');
    expect(existsSync(note())).toBe(false);
    await create();
  });

  test('cannot be ended from afar, as it ends with its process', async () => {
    expect(await failureOf(openTarget(target, { mode: 'write', takeOver: true }))).toMatchObject({ code: 'USAGE' });
  });

  test('is waited for, and the waiting can be ended', async () => {
    other.order({ target, mode: 'write', holdMs: 1_500 });
    expect(await other.next()).toBe('open');
    const stop = new AbortController();
    const stopped = failureOf(write(60_000, stop.signal));
    setTimeout(() => stop.abort(), 200);
    expect(await stopped).toMatchObject({ code: 'INTERRUPTED' });
    const session = await write(60_000);
    await session.close();
    expect(await other.next()).toBe('closed');
  });

  test('that was killed leaves nothing in the way, and its note is not believed', async () => {
    const victim = await startOther();
    victim.order({ target, mode: 'write', holdMs: 60_000 });
    expect(await victim.next()).toBe('open');
    await victim.kill();
    expect(JSON.parse(readFileSync(note(), 'utf8'))).toMatchObject({ pid: victim.pid });
    other.order({ target, mode: 'read', holdMs: 1_000 });
    expect(await other.next()).toBe('open');
    const told = await failureOf(write());
    expect(told).toMatchObject({ code: 'TARGET_IN_USE', details: { pid: other.pid } });
    expect(told.message).toContain(`being read by another process (PID ${other.pid})`);
    expect(await other.next()).toBe('closed');
    await create();
    expect(existsSync(note())).toBe(false);
  });

  test('keeps this very process out as well, whatever name it uses', async () => {
    const session = await write();
    const link = join(folder, 'link.duckdb');
    symlinkSync(file, link);
    for (const name of [file, link]) {
      for (const mode of ['write', 'read'] as const) {
        const told = await failureOf(openTarget(`duckdb:${name}`, { mode, waitMs: 0 }));
        expect(told).toMatchObject({ code: 'TARGET_IN_USE', details: { pid: process.pid } });
      }
    }
    other.order({ target, mode: 'write' });
    expect(await other.next()).toBe('TARGET_IN_USE');
    await session.close();
    await create();
  });

  test('stays out until the last of several readers of one process has closed', async () => {
    await create();
    const [first, second] = [await openTarget(target, { mode: 'read' }), await openTarget(target, { mode: 'read' })];
    await first.close();
    expect((await second.all('-- ask\nselect 1')).rows).toEqual([[1n]]);
    other.order({ target, mode: 'write' });
    expect(await other.next()).toBe('TARGET_IN_USE');
    await second.close();
    other.order({ target, mode: 'write' });
    expect([await other.next(), await other.next()]).toEqual(['open', 'closed']);
  });

  test('of several that create the file together one gets it, and it is whole', async () => {
    const others = [other, await startOther()];
    for (let round = 0; round < 20; round += 1) {
      const at = performance.timeOrigin + performance.now() + 5;
      for (const one of others) one.order({ target, mode: 'write', at, holdMs: 5 });
      const outcomes = await Promise.all(others.map((one) => one.next()));
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome === 'open') expect(await others[index]?.next()).toBe('closed');
        else expect(outcome).toBe('TARGET_IN_USE');
      }
      expect(outcomes).toContain('open');
      await create();
      expect(readdirSync(folder)).toEqual(['warehouse.duckdb']);
      rmSync(file);
    }
    await others[1]?.kill();
  });

  test('creates no file where another process just has', async () => {
    other.order({ target, mode: 'write', holdMs: 500 });
    expect(await other.next()).toBe('open');
    const before = statSync(file, { bigint: true });
    await createDatabase(file);
    const { ino, size, mtimeNs } = statSync(file, { bigint: true });
    expect({ ino, size, mtimeNs }).toEqual({ ino: before.ino, size: before.size, mtimeNs: before.mtimeNs });
    expect(await failureOf(write())).toMatchObject({ code: 'TARGET_IN_USE' });
    expect(await other.next()).toBe('closed');
    await create();
  });

  test('does not take up the log of a database that was removed', async () => {
    const session = await write();
    await session.run('-- write\ncreate table left_over as select 1 as one');
    renameSync(`${file}.wal`, `${file}.kept`);
    await session.close();
    rmSync(file);
    renameSync(`${file}.kept`, `${file}.wal`);
    const fresh = await write();
    expect((await fresh.all('-- list\nselect table_name from information_schema.tables')).rows).toEqual([]);
    await fresh.close();
  });

  test('removes what those that died left beside the file, and nothing else', async () => {
    await create();
    const spill = `${file}.tmp`;
    mkdirSync(spill);
    const leftovers = [`${file}.4711.new`, `${file}.4711.new.wal`, join(spill, 'duckdb_temp_storage_S32K-0.tmp')];
    const others = [join(spill, 'mine.txt'), `${file}.new`, join(folder, 'other.duckdb.4711.new')];
    for (const path of [...leftovers, ...others]) writeFileSync(path, 'x');
    await create();
    expect(leftovers.filter(existsSync)).toEqual([]);
    expect(others.filter(existsSync)).toEqual(others);
  });

  test('has the file to itself at every statement of a run, whatever the run does', async () => {
    const root = temporaryFolder();
    const zipped = join(root, 'log_data/2018/11/2018-11-17-events.json.gz');
    const day = logOf(eventLine(), eventLine({ itemInSession: 1, page: 'Home' }), '{broken', '');
    const [song, gone] = [songFile(), songFile({ song_id: 'SO9' })];
    writeBucket(root, [day, song, gone]);
    mkdirSync(dirname(zipped), { recursive: true });
    writeFileSync(zipped, gzipSync(`${eventLine({ sessionId: 9 })}\n`));
    const outcomes = new Set<string>();
    const options = { warehouse: sparkify, root, target, toolVersion: 'test', maxConflicts: 10 };
    const probed = () => run(options, { open: async (...how) => probing(await openTarget(...how), outcomes) });
    expect(await probed()).toMatchObject({ outcome: 'loaded' });
    writeBucket(root, [
      { ...day, content: `${day.content}${eventLine({ itemInSession: 2 })}\n` },
      songFile({ song_id: 'SO2' }),
      { ...song, content: '{}' },
    ]);
    rmSync(join(root, gone.key));
    expect(await probed()).toMatchObject({ objects: { grown: 1, changed: 1, fresh: 1, vanished: 1 } });
    expect([...outcomes]).toEqual(['TARGET_IN_USE']);
    removeFolder(root);
  });

  /** A session before each statement of which the other process tries to open the target. */
  function probing(session: Session, outcomes: Set<string>): Session {
    const probe = async () => {
      other.order({ target, mode: 'write' });
      outcomes.add(await other.next());
    };
    return {
      ...session,
      run: async (sql) => {
        await probe();
        return session.run(sql);
      },
      insertRows: async (table, rows) => {
        await probe();
        return session.insertRows(table, rows);
      },
    };
  }
});
