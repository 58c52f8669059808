import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who has a database file open for writing. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** UTC, to the second: `2018-11-30T10:00:00Z`. */
  readonly since: string;
}

const noteFile = (file: string): string => `${file}.holder`;

/**
 * Writes beside the file that this process holds it, for the message that others get. DuckDB's lock, which the kernel
 * frees whatever becomes of the process, decides alone; a note that a dead process left is overwritten by the next one.
 */
export function noteHolder(file: string): void {
  const holder: Holder = { host: hostname(), pid: process.pid, since: `${new Date().toISOString().slice(0, 19)}Z` };
  try {
    writeFileSync(noteFile(file), JSON.stringify(holder));
  } catch {
    // Others are told less, and kept out all the same.
  }
}

/** Takes the note away; while the lock is still held, as otherwise it might be the next holder's. */
export function forgetHolder(file: string): void {
  try {
    rmSync(noteFile(file), { force: true });
  } catch {
    // It names a process that is gone, and will be overwritten.
  }
}

/**
 * What the note says, where it is about the process that the lock belongs to.
 * @param pid of that process; undefined or 0 where it cannot be seen from here, as in another container
 */
export function readHolder(file: string, pid: number | undefined): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(noteFile(file), 'utf8'));
    return isHolder(holder) && (!pid || pid === holder.pid) ? holder : undefined;
  } catch {
    // None, or one that is being written.
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const { host, pid, since } = value as Partial<Record<keyof Holder, unknown>>;
  return typeof host === 'string' && typeof pid === 'number' && typeof since === 'string';
}
