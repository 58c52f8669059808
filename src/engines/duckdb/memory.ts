import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Remembered } from '../engine.ts';

interface Memory {
  readonly text: string;
  /** The database file as it was then. */
  readonly file: string;
  readonly rememberedAtMs: number;
}

const longestMs = 24 * 60 * 60 * 1000;

const memoryFile = (path: string): string => `${path}.listing`;

/** Text kept for a database file that has not been touched since: same size, times and inode, and no open log. */
export function recall(path: string): Remembered | undefined {
  try {
    const { text, file, rememberedAtMs } = JSON.parse(readFileSync(memoryFile(path), 'utf8')) as Memory;
    const age = Date.now() - rememberedAtMs;
    return age >= 0 && age < longestMs && file === identityOf(path) ? { text, at: undefined } : undefined;
  } catch {
    // A memory that is missing, damaged or unreadable is none: the ledger will be asked.
    return undefined;
  }
}

/** Keeps the text in a small file beside the database. One that cannot be written is done without. */
export function remember(path: string, text: string): void {
  try {
    const memory: Memory = { text, file: identityOf(path), rememberedAtMs: Date.now() };
    writeFileSync(memoryFile(path), JSON.stringify(memory));
  } catch {
    // Nothing is lost: the next run opens the database.
  }
}

export function forget(path: string): void {
  try {
    rmSync(memoryFile(path), { force: true });
  } catch {
    // It holds for the file as it was alone.
  }
}

function identityOf(path: string): string {
  if (existsSync(`${path}.wal`)) throw new Error('the database has changes that are not in its file');
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return [size, mtimeNs, ctimeNs, ino].join('-');
}
