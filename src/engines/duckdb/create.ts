import { existsSync, linkSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from './binding.ts';

/**
 * Creates an empty database where there is none. DuckDB empties a new file before it locks it: of processes that create
 * one at the same moment the last would spoil what the first has written, and one that is killed there leaves a file
 * that is no database (1.5.6). So it is made under another name, and takes its own when it is whole.
 */
export async function createDatabase(file: string): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  rmSync(draft, { force: true });
  try {
    const instance = await DuckDBInstance.create(draft);
    giveName(draft, file);
    instance.closeSync();
  } finally {
    rmSync(draft, { force: true });
  }
}

function giveName(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch {
    // Another process was faster, or the file system has no links, and DuckDB creates the file where it lies.
    return;
  }
  // Of a database that had this name, and would be replayed into the new one. The lock on the draft is on the same file
  // and still keeps others out.
  rmSync(`${file}.wal`, { force: true });
}

/**
 * Removes what processes that died while they held the file left beside it: unfinished databases, and what did not fit
 * into their memory, which DuckDB looks at only when it needs room there itself. Called by whoever holds the file.
 */
export function removeLeftovers(file: string): void {
  const [folder, spill] = [dirname(file), `${file}.tmp`];
  try {
    for (const name of namesIn(folder).filter((one) => isDraftOf(basename(file), one))) rmSync(join(folder, name));
    for (const name of namesIn(spill).filter((one) => one.startsWith('duckdb_temp_'))) rmSync(join(spill, name));
  } catch {
    // They take room, and no more.
  }
}

function isDraftOf(file: string, name: string): boolean {
  return name.startsWith(`${file}.`) && /^\.\d+\.new(\.wal)?$/.test(name.slice(file.length));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
