import type { Staging } from '../../model/staging.ts';

/** Where the lines of a source can be hurt: keys of their JSON. */
export interface Anatomy {
  readonly integers: readonly string[];
  /** Integers and doubles. */
  readonly numbers: readonly string[];
  readonly texts: readonly { readonly key: string; readonly bytes: number }[];
  /** Without one of these a line is a reject. */
  readonly required: readonly string[];
  /** Without one of these it is none. */
  readonly optional: readonly string[];
}

/** What the warehouse says of its staging table, turned against it. */
export function anatomyOf({ columns, requiredWhen }: Staging): Anatomy {
  const all = Object.entries(columns).map(([name, column]) => ({ name, ...column }));
  const sometimesRequired = new Set(requiredWhen.flatMap((rule) => rule.columns));
  const keysWhere = (holds: (column: (typeof all)[number]) => boolean) => all.filter(holds).map(({ from }) => from);
  return {
    integers: keysWhere(({ type }) => type.kind === 'integer'),
    numbers: keysWhere(({ type }) => type.kind === 'integer' || type.kind === 'double'),
    texts: all.flatMap(({ from, type }) => (type.kind === 'text' ? [{ key: from, bytes: type.bytes }] : [])),
    required: keysWhere(({ required }) => required === true),
    optional: keysWhere(({ name, required }) => required !== true && !sometimesRequired.has(name)),
  };
}
