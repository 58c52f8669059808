import type { Engine } from '../engine.ts';
import { dialect } from './dialect.ts';
import { recall, remember } from './memory.ts';
import { shownTarget } from './shown-target.ts';

/** A database server that several people share, version 15 or later. */
export const postgres: Engine = Object.freeze({
  name: 'postgres',
  title: 'PostgreSQL',
  targetForm: 'postgres://USER:PASSWORD@HOST:PORT/DATABASE',
  dialect,
  excludesReaders: false,
  shown: shownTarget,
  accepts: (target: string) => /^postgres(ql)?:\/\//.test(target),
  copiesObjects: () => false,
  landingOf: () => undefined,
  open: async (target, options) => (await import('./connect.ts')).openPostgres(target, options),
  probe: async (target, { names }) => (await import('./probe.ts')).probePostgres(target, names),
  recall: async () => recall(),
  remember: async () => remember(),
  forget: async () => {},
} satisfies Engine);
