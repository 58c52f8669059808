import type { Engine } from '../engine.ts';
import { dialect } from './dialect.ts';

const scheme = 'duckdb:';

/** An embedded database in one file; the default, for one machine. */
export const duckdb: Engine = Object.freeze({
  name: 'duckdb',
  title: 'DuckDB',
  targetForm: 'duckdb:PATH',
  dialect,
  accepts: (target: string) => target.startsWith(scheme) && target.length > scheme.length,
  // The module that binds DuckDB takes a third of a second to load: only when it is needed.
  open: async (target, options) => (await import('./connect.ts')).openDuckDB(target.slice(scheme.length), options),
  probe: async (target) => (await import('./probe.ts')).probeDuckDB(target.slice(scheme.length)),
} satisfies Engine);
