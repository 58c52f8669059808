import { isTornPassword } from '../torn-password.ts';

/** What may stand behind the `?` of a target. */
export const settingNames = [
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'host',
  'options',
  'connect_timeout',
  'statement_timeout',
  'lock_timeout',
] as const;

/**
 * The target without its password, or no more than its kind where it cannot be taken apart. Apart from what parses a
 * target, which takes time to load.
 */
export function shownTarget(target: string): string {
  if (!URL.canParse(target)) return 'postgres://…';
  const url = new URL(target);
  if (isTornPassword(url, settingNames)) return 'postgres://…';
  url.password = '';
  const known: readonly string[] = settingNames;
  for (const name of [...url.searchParams.keys()]) {
    if (!known.includes(name)) url.searchParams.delete(name);
  }
  return url.href;
}
