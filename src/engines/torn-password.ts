/**
 * Whether a target is cut apart inside its password: one that begins with digits up to a `/`, `?` or `#` passes for a
 * port, and the rest of it, with the `@` that ends it, for a database, settings or a fragment. Nothing of it may be shown.
 * The value of a setting may hold an `@`, as the name of a role of AWS can.
 */
export function isTornPassword(url: URL, settingNames: readonly string[]): boolean {
  const hasUnknown = [...url.searchParams.keys()].some((name) => !settingNames.includes(name));
  return url.hash !== '' || url.pathname.includes('@') || (hasUnknown && url.search.includes('@'));
}
