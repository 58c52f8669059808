/**
 * Compares two keys by their UTF-8 bytes, the order in which S3 lists them. JavaScript's `<` goes by UTF-16 units and
 * puts an emoji before U+FFFD; `localeCompare` depends on the machine.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a.charCodeAt(i) - b.charCodeAt(i);
    if (difference !== 0) return utf8Rank(a.charCodeAt(i)) - utf8Rank(b.charCodeAt(i));
  }
  return a.length - b.length;
}

/** What every key below `folder` begins with: '' for the root itself, `song_data/` for `song_data` and `song_data/`. */
export function folderPrefix(folder: string): string {
  const name = folder.replace(/\/+$/, '');
  return name === '' ? '' : `${name}/`;
}

/** Whether an object is inflated when it is read. The key alone decides, as in DuckDB; a Content-Encoding does not count. */
export function isGzipKey(key: string): boolean {
  // The last character alone tells nearly all keys apart, and is looked at without leaving compiled code.
  return key.charCodeAt(key.length - 1) === 0x7a && key.endsWith('.gz');
}

// UTF-16 surrogates stand for code points above all others, but lie below U+E000 as units.
function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
