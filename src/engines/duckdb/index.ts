import type { Engine } from '../engine.ts';
import { dialect } from './dialect.ts';
import { forget, recall, remember } from './memory.ts';

const scheme = 'duckdb:';

const pathOf = (target: string): string => target.slice(scheme.length);

/** An embedded database in one file; the default, for one machine. */
export const duckdb: Engine = Object.freeze({
  name: 'duckdb',
  title: 'DuckDB',
  targetForm: 'duckdb:PATH',
  dialect,
  excludesReaders: true,
  shown: (target: string) => target,
  accepts: (target: string) => target.startsWith(scheme) && target.length > scheme.length,
  copiesObjects: () => false,
  landingOf: () => undefined,
  // The module that binds DuckDB takes a third of a second to load: only when it is needed.
  open: async (target, options) => (await import('./connect.ts')).openDuckDB(pathOf(target), options),
  probe: async (target) => (await import('./probe.ts')).probeDuckDB(pathOf(target)),
  recall: async (target) => recall(pathOf(target)),
  remember: async (target, text) => remember(pathOf(target), text),
  forget: async (target) => forget(pathOf(target)),
} satisfies Engine);
