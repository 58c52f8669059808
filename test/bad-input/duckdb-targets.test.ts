import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asOrdinaryUser, openToAll } from '../support/ordinary-user.ts';
import { testEngines } from '../support/targets.ts';
import { confirmTold, failureOf, folderPlace, moreObjects, openScene, type Scene, type Told } from './scene.ts';

const repository = resolve(import.meta.dirname, '../..');

/** What can be wrong with the file of an embedded database. */
describe.each(testEngines.filter(({ engine }) => engine === 'duckdb'))('a target on $engine', (engine) => {
  let scene: Scene;
  /** The database file, loaded from the good bucket, and the folder it lies in. */
  let file: string;
  let folder: string;
  beforeAll(async () => {
    scene = await openScene(folderPlace(), engine);
    await scene.place.put(...moreObjects);
    file = scene.target.replace(/^duckdb:/, '');
    folder = dirname(file);
  });
  afterAll(() => scene.remove());

  /** A run into another file fails as told, and leaves that file as it is. */
  async function refused(other: string, told: Told): Promise<void> {
    const before = statSync(other).isFile() ? readFileSync(other) : undefined;
    confirmTold(await failureOf(scene.run({ target: `duckdb:${other}` })), told);
    if (before) expect(readFileSync(other).equals(before)).toBe(true);
  }

  test.each([
    ['text', 'a text that is no database, but long enough to be one. '.repeat(1_000)],
    ['short', 'x'],
    ['empty', ''],
  ])('that is no database (%s) is left as it is', async (name, content) => {
    const other = join(folder, name);
    writeFileSync(other, content);
    await refused(other, { code: 'TARGET_UNUSABLE', names: [other, 'no DuckDB database'], hint: /left as it is/ });
  });

  test('that is a folder asks for a file in it', async () => {
    const other = join(folder, 'folder');
    mkdirSync(other);
    await refused(other, { code: 'TARGET_UNUSABLE', names: [other, 'is a folder'], hint: /Name a file in it/ });
  });

  test('below a file says so', async () => {
    const other = join(file, 'deeper/w.duckdb');
    const told: Told = { code: 'TARGET_UNUSABLE', names: [other, 'below a file'], hint: /in a folder/ };
    confirmTold(await failureOf(scene.run({ target: `duckdb:${other}` })), told);
  });

  test.each([
    ['cut short', (path: string) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['overwritten in the middle', overwrite],
  ])('that was %s is damaged', async (_, damage) => {
    const other = join(folder, 'damaged.duckdb');
    copyFileSync(file, other);
    damage(other);
    await refused(other, { code: 'TARGET_UNUSABLE', names: [other, 'damaged'], hint: /into a new file/ });
  });

  test('of a newer DuckDB asks for an update', async () => {
    const other = join(folder, 'newer.duckdb');
    copyFileSync(file, other);
    raiseStorageVersion(other);
    await refused(other, { code: 'TARGET_UNUSABLE', names: [other, 'newer DuckDB'], hint: /Update this tool/ });
  });

  test('that another program holds open names the process', async () => {
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', holding(file)], { cwd: repository });
    await once(holder.stdout, 'data');
    const told: Told = { code: 'TARGET_IN_USE', names: [file, `PID ${holder.pid}`], hint: /--wait/ };
    const error = await failureOf(scene.run());
    confirmTold(error, told);
    expect(error.retryable).toBe(true);
    const waited = await failureOf(scene.run({ waitMs: 300 }));
    confirmTold(waited, { ...told, hint: /^It was waited for 0\.3 s in vain: give --wait more seconds\.$/ });
    const stopped = await failureOf(scene.run({ waitMs: 600_000, signal: AbortSignal.timeout(300) }));
    confirmTold(stopped, { code: 'INTERRUPTED', names: ['while it waited for the target'], hint: /Run again/ });
    holder.kill();
    await once(holder, 'exit');
  });

  test('that this user may not write names the rights', async () => {
    openToAll(scene.place.root);
    openToAll(folder);
    chmodSync(file, 0o444);
    await asOrdinaryUser(() => refused(file, { code: 'TARGET_UNUSABLE', names: [file, 'rights'], hint: /Grant/ }));
    chmodSync(file, 0o644);
  });

  test('in a folder that this user may not create names the rights', async () => {
    openToAll(scene.place.root);
    chmodSync(folder, 0o755);
    const other = join(folder, 'new/w.duckdb');
    const told: Told = { code: 'TARGET_UNUSABLE', names: [other, 'rights'], hint: /Grant/ };
    if (process.geteuid?.() !== 0) chmodSync(folder, 0o555);
    await asOrdinaryUser(async () => confirmTold(await failureOf(scene.run({ target: `duckdb:${other}` })), told));
    chmodSync(folder, 0o755);
  });

  test('once the target is as it was the run loads', () => scene.loads(...moreObjects));
});

/** A program that opens a database and waits to be killed. */
function holding(file: string): string {
  return `import { DuckDBInstance } from '@duckdb/node-api';
    globalThis.held = await DuckDBInstance.create(${JSON.stringify(file)});
    console.log('open');
    setInterval(() => {}, 1_000);`;
}

/** Past the three headers, where the first blocks are. */
function overwrite(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 13_000), Buffer.alloc(20_000, 0xaa), bytes.subarray(33_000)]));
}

/** Writes a version no DuckDB has into the main header: a checksum of 8 bytes, `DUCK`, the version, … to 4,096 bytes. */
function raiseStorageVersion(path: string): void {
  const bytes = readFileSync(path);
  bytes.writeBigUInt64LE(9_999n, 12);
  let checksum = 5381n;
  for (let at = 8; at < 4096; at += 8) {
    checksum ^= BigInt.asUintN(64, bytes.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n);
  }
  bytes.writeBigUInt64LE(checksum, 0);
  writeFileSync(path, bytes);
}
