import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { generate } from '../src/generator/generate.ts';
import { type Comparison, measure } from './measure.ts';

/** A measured claim: our command against a floor or a peer, as a ratio in one run. */
export interface Case {
  readonly name: string;
  readonly claim: string;
  /** The ratio must not be greater. */
  readonly atMost: number;
  readonly peer: string;
  run(folder: string, pairs: number): Promise<Comparison>;
}

/** The command as it is published. */
export const cli = resolve(import.meta.dirname, '../dist/cli/main.js');
/** A file of this folder. */
export const script = (name: string): string => resolve(import.meta.dirname, name);

/** Users who, over a month, leave about that many events. */
export const usersFor = (events: number): number => Math.max(10, Math.round(events / 76));

/** A generated bucket of this name in a folder, in place of the one there. */
export async function bucket(folder: string, name: string, options: Parameters<typeof generate>[0]): Promise<string> {
  const root = join(folder, name);
  rmSync(root, { recursive: true, force: true });
  await generate({ ...options, out: root });
  return root;
}

/** A measured `sparkify run` of everything below a root into a file that is not there yet. */
export async function loadAll(root: string, target: string, env: Record<string, string> = {}) {
  for (const suffix of ['', '.wal', '.listing']) rmSync(target + suffix, { force: true });
  const args = ['run', '--from', root, '--target', `duckdb:${target}`, '--max-conflicts', '1000000000'];
  return measure({ script: cli, args, env });
}
