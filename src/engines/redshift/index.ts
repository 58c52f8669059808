import type { Engine } from '../engine.ts';
import { dialect } from './dialect.ts';
import { asksForDirectCopy, landingOf, shownTarget } from './shown-target.ts';

/** A warehouse of many machines, provisioned or serverless. */
export const redshift: Engine = Object.freeze({
  name: 'redshift',
  title: 'Amazon Redshift',
  targetForm: 'redshift://USER:PASSWORD@HOST:5439/DATABASE?iam_role=ARN&landing=s3://BUCKET/PREFIX',
  dialect,
  excludesReaders: false,
  shown: shownTarget,
  accepts: (target: string) => target.startsWith('redshift://'),
  copiesObjects: asksForDirectCopy,
  landingOf,
  open: async (target, options) => (await import('./connect.ts')).openRedshift(target, options),
  probe: async (target, options) => (await import('./probe.ts')).probeRedshift(target, options),
  recall: async (target) => (await import('./memory.ts')).recall(target),
  remember: async (target, text) => (await import('./memory.ts')).remember(target, text),
  forget: async (target) => (await import('./memory.ts')).forget(target),
} satisfies Engine);
