import { shellWord } from '../shell-word.ts';
import type { Effects } from './effects.ts';
import type { Settings } from './settings.ts';

type Repeated = Pick<Settings, 'target' | 'warehouse' | 'given'>;

/** Writes commands to run next as this user must type them: through npx where npm runs us, with the same flags. */
export function nextCommands({ environment }: Effects, settings?: Repeated): (words: string) => string {
  const program = environment.npm_lifecycle_event === undefined ? 'sparkify' : 'npx sparkify';
  const flags = settings === undefined ? '' : repeatedFlags(settings);
  return (words) => `${program} ${words}${flags}`;
}

/** A target that may hold a password is not repeated. */
function repeatedFlags({ target, warehouse, given }: Repeated): string {
  const named = given.target ? ` --target ${target.includes('@') ? 'URI' : shellWord(target)}` : '';
  return given.warehouse && warehouse !== undefined ? `${named} --warehouse ${shellWord(warehouse)}` : named;
}
