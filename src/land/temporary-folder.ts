import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { refuseFolder } from './prepare.ts';

/** A folder of this process alone, made when it is first asked for. */
export interface LazyFolder {
  readonly temporaryFolder: () => Promise<string>;
  readonly removeFolder: () => Promise<void>;
}

/** Folders that runs which died on this machine left in `parent` are removed when one is made. */
export function lazyFolder(parent: string): LazyFolder {
  let folder: Promise<string> | undefined;
  return {
    temporaryFolder: () => {
      folder ??= makeFolder(parent).catch(refuseFolder(parent));
      return folder;
    },
    removeFolder: async () => {
      const path = await folder?.catch(() => undefined);
      if (path !== undefined) await rm(path, { recursive: true, force: true });
    },
  };
}

/** Before the number of the process. A folder that machines share must not make one remove what is another's. */
const prefix = `sparkify-land-${hostname().replaceAll(/[^A-Za-z0-9]/g, '')}-`;

async function makeFolder(parent: string): Promise<string> {
  for (const name of await readdir(parent).catch(() => [])) {
    // Another user's, or one that another run removes as well, is none of ours.
    if (isOfDeadProcess(name)) await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
  return mkdtemp(join(parent, `${prefix}${process.pid}-`));
}

function isOfDeadProcess(name: string): boolean {
  const pid = name.startsWith(prefix) ? Number(/^(\d+)-/.exec(name.slice(prefix.length))?.[1] ?? 0) : 0;
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}
