import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryPrefix } from '../storage/temporary-folders.ts';
import { refuseFolder } from './prepare.ts';

/** A folder of this process alone, made when it is first asked for. */
export interface LazyFolder {
  readonly temporaryFolder: () => Promise<string>;
  readonly removeFolder: () => Promise<void>;
}

/** Where the process is killed before it removes the folder, a later run does. */
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

async function makeFolder(parent: string): Promise<string> {
  return mkdtemp(join(parent, await temporaryPrefix('land')));
}
