import { chmodSync, copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

const modules = resolve(import.meta.dirname, '../../node_modules');

/** A script that any user can run, and the folder made for it, if one had to be. */
export interface OpenScript {
  readonly path: string;
  readonly folder: string | undefined;
}

/**
 * A server refuses to run as root, and another user may not enter the folder of a checkout that root has made for itself
 * alone. The script is copied then, with the package it needs, to where everyone may.
 */
export function openCopy(script: string, needs: string): OpenScript {
  if (process.geteuid?.() !== 0 || isOpen(modules)) return { path: script, folder: undefined };
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-open-'));
  chmodSync(folder, 0o755);
  for (const name of closureOf(needs))
    cpSync(join(modules, name), join(folder, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
  const path = join(folder, basename(script));
  copyFileSync(script, path);
  return { path, folder };
}

/** Whether everyone may enter a folder and those above it. */
function isOpen(folder: string): boolean {
  return (statSync(folder).mode & 0o001) !== 0 && (dirname(folder) === folder || isOpen(dirname(folder)));
}

/** A package and those it needs, of this platform. */
function closureOf(name: string, found: Set<string> = new Set()): ReadonlySet<string> {
  if (found.has(name) || !existsSync(join(modules, name))) return found;
  found.add(name);
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) closureOf(needed, found);
  return found;
}
