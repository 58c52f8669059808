import { isTornPassword } from '../torn-password.ts';

/** What may stand behind the `?` of a target. */
export const settingNames = [
  'iam_role',
  'landing',
  'copy',
  'secret',
  'cluster',
  'workgroup',
  'region',
  'sslmode',
  'sslrootcert',
  'connect_timeout',
  'statement_timeout',
] as const;

/**
 * The target without its password, or no more than its kind where it cannot be taken apart. Apart from what parses a
 * target, which takes time to load.
 */
export function shownTarget(target: string): string {
  if (!URL.canParse(target)) return 'redshift://…';
  const url = new URL(target);
  if (isTornPassword(url, settingNames)) return 'redshift://…';
  url.password = '';
  const known: readonly string[] = settingNames;
  const settings = [...url.searchParams].filter(([name]) => known.includes(name));
  // Written as people write them: `:` and `/` of ARNs and s3:// need no escape.
  const query = settings.map(
    ([name, value]) => `${name}=${encodeURIComponent(value).replaceAll(/%3A|%2F/g, decodeURIComponent)}`,
  );
  url.search = '';
  return settings.length === 0 ? url.href : `${url.href}?${query.join('&')}`;
}

/** Whether objects are to be copied straight from the source's bucket. Other words than these are refused at opening. */
export function asksForDirectCopy(target: string): boolean {
  return URL.canParse(target) && new URL(target).searchParams.get('copy') === 'direct';
}

/** The landing prefix without a slash at its end. One that is no prefix is refused at opening. */
export function landingOf(target: string): string | undefined {
  const landing = URL.canParse(target) ? new URL(target).searchParams.get('landing') : null;
  return landing?.replace(/\/$/, '');
}
