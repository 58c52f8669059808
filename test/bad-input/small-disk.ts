import { execFileSync, spawnSync } from 'node:child_process';
import { removeFolder, temporaryFolder } from '../support/targets.ts';

/** A disk of its own. */
export interface SmallDisk {
  readonly folder: string;
  /** With other options of mount(8): `size=200m`, `ro`. */
  remount(options: string): void;
  remove(): void;
}

/** Mounts a disk in memory, or gives undefined where this process may not (only root may). */
export function mountDisk(sizeKilobytes: number): SmallDisk | undefined {
  const folder = temporaryFolder();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKilobytes}k`, 'tmpfs', folder]);
  if (status !== 0) {
    removeFolder(folder);
    return undefined;
  }
  return {
    folder,
    remount: (options) => void execFileSync('mount', ['-o', `remount,${options}`, folder]),
    remove: () => {
      execFileSync('umount', ['--lazy', folder]);
      removeFolder(folder);
    },
  };
}
