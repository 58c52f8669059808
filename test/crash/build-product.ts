import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../..');

/** Builds the product below a folder, as it is published, and gives the folder of its modules. */
export function buildProduct(folder: string): string {
  const built = join(folder, 'package/dist');
  execFileSync(process.execPath, [join(repository, 'scripts/bundle.mjs'), built]);
  cpSync(join(repository, 'package.json'), join(folder, 'package/package.json'));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'package/node_modules'));
  return built;
}
