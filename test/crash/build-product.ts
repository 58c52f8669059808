import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../..');

/** Compiles the product below a folder, as it is published, and gives the folder of its modules. */
export function buildProduct(folder: string): string {
  const built = join(folder, 'package/dist');
  const options = [
    '-p',
    'tsconfig.build.json',
    '--noCheck',
    '--declaration',
    'false',
    '--emitDeclarationOnly',
    'false',
    '--outDir',
    built,
  ];
  execFileSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), ...options], {
    cwd: repository,
  });
  cpSync(join(repository, 'src/sparkify/queries'), join(built, 'sparkify/queries'), { recursive: true });
  cpSync(join(repository, 'package.json'), join(folder, 'package/package.json'));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'package/node_modules'));
  return built;
}
