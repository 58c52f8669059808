import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Any user that is not root. */
const nobody = 65_534;

/** Does some work as a user whom permissions bind, also in a test that root runs. */
export async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  become(nobody);
  try {
    return await work();
  } finally {
    become(0);
  }
}

/** Lets every user enter a folder, and read and write the files that lie in it directly. */
export function openToAll(folder: string): void {
  chmodSync(folder, 0o777);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile()) chmodSync(join(folder, entry.name), 0o666);
  }
}

/** The group is changed while this process is root. */
function become(id: number): void {
  if (id === 0) process.seteuid?.(id);
  process.setegid?.(id);
  if (id !== 0) process.seteuid?.(id);
}
