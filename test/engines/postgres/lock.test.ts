import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTarget } from '../../../src/engines/index.ts';
import { createDatabase, execute, type TestDatabase } from '../../support/postgres-databases.ts';
import { startPooler } from '../../support/transaction-pooler.ts';

const repository = resolve(import.meta.dirname, '../../..');

describe('of two sessions that write to a database', () => {
  let database: TestDatabase;
  beforeEach(() => {
    database = createDatabase();
  });
  afterEach(() => database.drop());

  test('the second is told who holds it, and gets it once the first is closed', async () => {
    const first = await openTarget(database.url, { mode: 'write' });
    const failed = await openTarget(database.url, { mode: 'write' }).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 'TARGET_IN_USE',
      message: expect.stringMatching(
        new RegExp(
          `^127\\.0\\.0\\.1:\\d+/${database.name} is .*: process ${process.pid} on ${hostname().slice(0, 25)} since \\d{4}-.*Z\\.$`,
        ),
      ),
      hint: expect.stringContaining('Add --wait to wait'),
      retryable: true,
      details: { processId: process.pid },
    });
    expect(JSON.stringify(failed) + String(failed)).not.toContain('S3CRET');
    await first.close();
    await (await openTarget(database.url, { mode: 'write' })).close();
  });

  test('the second waits as long as it was told, and no longer', async () => {
    const first = await openTarget(database.url, { mode: 'write' });
    const startedAt = performance.now();
    await expect(openTarget(database.url, { mode: 'write', waitMs: 500 })).rejects.toMatchObject({
      code: 'TARGET_IN_USE',
      hint: expect.stringMatching(/^It was waited for 0\.5 s in vain: give --wait more seconds, or end it: select /),
    });
    expect(performance.now() - startedAt).toBeGreaterThan(450);
    const second = openTarget(database.url, { mode: 'write', waitMs: 10_000 });
    await wait(300);
    await first.close();
    await (await second).close();
  });

  test('the second stops waiting when it is told to', async () => {
    const first = await openTarget(database.url, { mode: 'write' });
    const stop = new AbortController();
    const second = openTarget(database.url, { mode: 'write', waitMs: 60_000, signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    await expect(second).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await first.close();
  });

  test('the second gets it when the process of the first is killed', async () => {
    const script = `import { openTarget } from './src/engines/index.ts';
      globalThis.held = await openTarget(process.env.TARGET, { mode: 'write' });
      console.log('open');
      setInterval(() => {}, 1_000);`;
    const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      cwd: repository,
      env: { ...process.env, TARGET: database.url },
    });
    await once(holder.stdout, 'data');
    await expect(openTarget(database.url, { mode: 'write' })).rejects.toMatchObject({
      message: expect.stringContaining(`process ${holder.pid}`),
    });
    holder.kill('SIGKILL');
    await (await openTarget(database.url, { mode: 'write', waitMs: 5_000 })).close();
  });

  test('the second ends the first when it is told that its host died', async () => {
    const first = await openTarget(database.url, { mode: 'write' });
    const second = await openTarget(database.url, { mode: 'write', takeOver: true });
    await expect(first.run('-- say something\nselect 1')).rejects.toMatchObject({ code: 'TRANSACTION_BROKEN' });
    await first.close();
    await expect(openTarget(database.url, { mode: 'write' })).rejects.toMatchObject({ code: 'TARGET_IN_USE' });
    await second.close();
  });

  test('the second is told how, where it may not end the first, which goes on', async () => {
    const role = `taker_${process.pid}`;
    execute(`create role ${role} login password 'S3CRET'`);
    const url = Object.assign(new URL(database.url), { username: role, password: 'S3CRET' }).href;
    const first = await openTarget(database.url, { mode: 'write' });
    const owner = new URL(database.url).username;
    expect(await openTarget(url, { mode: 'write', takeOver: true }).catch((error: unknown) => error)).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringMatching(new RegExp(`is held by session \\d+ of ${owner}, which ${role} may not end\\.$`)),
      hint: expect.stringMatching(
        new RegExp(`select pg_terminate_backend\\(\\d+\\).*grant pg_signal_backend to ${role}$`),
      ),
    });
    await first.run('-- say something\nselect 1');
    await first.close();
    execute(`drop role ${role}`);
  });

  test('one that lost its connection takes the lock again, and not from another one', async () => {
    const first = await openTarget(database.url, { mode: 'write' });
    const endSessions = () =>
      execute(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database.name}'`);
    endSessions();
    await expect(first.run('-- say something\nselect 1')).rejects.toMatchObject({ code: 'TRANSACTION_BROKEN' });
    await first.reconnect();
    await first.run('-- say something\nselect 1');
    await expect(openTarget(database.url, { mode: 'write' })).rejects.toMatchObject({ code: 'TARGET_IN_USE' });
    endSessions();
    const second = await openTarget(database.url, { mode: 'write', waitMs: 5_000 });
    await expect(first.reconnect()).rejects.toMatchObject({ code: 'TARGET_IN_USE' });
    await second.close();
    await first.close();
  });

  test('neither minds a reader, nor one that writes to another database', async () => {
    const other = createDatabase();
    const sessions = [
      await openTarget(database.url, { mode: 'write' }),
      await openTarget(database.url, { mode: 'read' }),
      await openTarget(other.url, { mode: 'write' }),
    ];
    const elsewhere = `${database.url}?options=-c%20search_path%3Dpg_catalog`;
    await expect(openTarget(elsewhere, { mode: 'write' })).rejects.toMatchObject({ code: 'TARGET_IN_USE' });
    for (const session of sessions) await session.close();
    other.drop();
  });

  test('none gets it through a pooler that gives each transaction another session, which reads as ever', async () => {
    const pooler = await startPooler(database.url);
    try {
      const failed = await openTarget(pooler.url, { mode: 'write' }).catch((error: unknown) => error);
      expect(failed).toMatchObject({
        code: 'TARGET_UNUSABLE',
        message: expect.stringContaining('pooler (such as PgBouncer)'),
        hint: expect.stringContaining('name the server itself'),
      });
      const reader = await openTarget(pooler.url, { mode: 'read' });
      expect((await reader.query('select 1')).rows).toEqual([[1n]]);
      await reader.close();
    } finally {
      await pooler.stop();
    }
  });
});
