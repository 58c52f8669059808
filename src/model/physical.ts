/**
 * How a table lies on the engines that let one choose. The only place outside src/engines that names them.
 * What an engine has no choice about is simply absent.
 */
export interface Physical<Name extends string> {
  readonly redshift: {
    /** 'all': a copy on every node. 'even': round robin. A key: rows with equal values lie together. */
    readonly distribution: 'all' | 'even' | { readonly key: Name };
    /** Compound sort key, leading column first; empty for none. */
    readonly sortKey: readonly Name[];
  };
}

/** The columns a layout names. */
export function columnsOfPhysical({ redshift }: Physical<string>): readonly string[] {
  const { distribution, sortKey } = redshift;
  return typeof distribution === 'object' ? [distribution.key, ...sortKey] : sortKey;
}
