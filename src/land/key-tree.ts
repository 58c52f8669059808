import { identifier } from '../sql/quote.ts';

/** The keys a mapping reads, as nested as in the JSON; a leaf holds the value of columns. */
export type KeyTree = ReadonlyMap<string, KeyTree | 'leaf'>;

/** The tree of paths that do not clash. */
export function keyTree(paths: readonly (readonly string[])[]): KeyTree {
  const heads = [...new Set(paths.map(([head = '']) => head))];
  return new Map(
    heads.map((head) => {
      const rests = paths.filter(([first]) => first === head).map(([, ...rest]) => rest);
      return [head, rests.every((rest) => rest.length === 0) ? 'leaf' : keyTree(rests)];
    }),
  );
}

/** A path another one clashes with, and why; DuckDB reads the keys into a struct, which cannot hold both. */
export function clashOf(path: readonly string[], other: readonly string[]): string | undefined {
  const length = Math.min(path.length, other.length);
  for (let i = 0; i < length; i++) {
    if (path[i] === other[i]) continue;
    return path[i]?.toLowerCase() === other[i]?.toLowerCase() ? 'they differ in letter case only' : undefined;
  }
  return path.length === other.length ? undefined : 'one lies inside the other';
}

/** The structure `from_json` takes: every leaf as the parser prints it. */
export function jsonStructure(tree: KeyTree): string {
  const fields = [...tree].map(([key, below]) => {
    return `${JSON.stringify(key)}:${below === 'leaf' ? '"VARCHAR"' : jsonStructure(below)}`;
  });
  return `{${fields.join(',')}}`;
}

/** The same as the type of a column. */
export function duckdbType(below: KeyTree | 'leaf'): string {
  if (below === 'leaf') return 'varchar';
  return `struct(${[...below].map(([key, deeper]) => `${identifier(key)} ${duckdbType(deeper)}`).join(', ')})`;
}

/** A JSON Pointer (RFC 6901). */
export function jsonPointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
