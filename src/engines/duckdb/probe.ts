import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { TargetProbe } from '../engine.ts';
import { version } from './binding.ts';
import { openDuckDB, schema } from './connect.ts';
import { openFailure } from './failures.ts';

/** Opens a file that is there for writing; where there is none, creates a folder where it would be and removes it. */
export async function probeDuckDB(path: string): Promise<TargetProbe> {
  const file = resolve(path);
  const exists = existsSync(file);
  if (exists) await (await openDuckDB(path, { mode: 'write' })).close();
  else probeFolder(file);
  return { version: version(), exists, schema };
}

function probeFolder(file: string): void {
  try {
    rmdirSync(mkdtempSync(join(nearestFolder(dirname(file)), '.sparkify-doctor-')));
  } catch (error) {
    throw openFailure(file, error);
  }
}

/** The folder itself, or the one above it in which a run would create it. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}
