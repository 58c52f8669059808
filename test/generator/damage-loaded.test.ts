import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Effect } from '../../src/generator/damage/kinds.ts';
import type { GeneratedSummary } from '../../src/generator/generate.ts';
import { run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { testEngines } from '../support/targets.ts';
import { bucketOfBytes } from './bucket.ts';

const roots: string[] = [];
afterEach(() => Promise.all(roots.splice(0).map((root) => rm(root, { recursive: true, force: true }))));

function planted({ planted: rows }: GeneratedSummary, source: string, ...effects: readonly Effect[]): number {
  const counts = rows.map((row) => (row.source === source && effects.includes(row.effect) ? row.count : 0));
  return counts.reduce((sum, count) => sum + count, 0);
}

describe.each(testEngines)('on $engine', ({ create }) => {
  test.each([
    { dirty: 0.02, seed: 1 },
    { dirty: 0.3, seed: 2, gzip: true },
    { dirty: 1, seed: 3, doubleEncoded: false },
  ])('a run rejects and repeats what was planted, no more and no less (%o)', async (options) => {
    const { root, summary } = await bucketOfBytes({ users: 60, days: 30, songs: 300, ...options });
    roots.push(root);
    const { target, remove } = create();
    try {
      const maxConflicts = planted(summary, 'events', 'conflict');
      const report = await run({ warehouse: sparkify, root, target, toolVersion: 'test', maxConflicts });
      for (const { source, linesRejected, linesBlank } of report.sources) {
        expect({ source, linesRejected, linesBlank }).toEqual({
          source,
          linesRejected: planted(summary, source, 'rejected'),
          linesBlank: planted(summary, source, 'blank'),
        });
      }
      expect(report.duplicates).toMatchObject([
        { lines: BigInt(planted(summary, 'events', 'duplicate', 'conflict')), conflicts: BigInt(maxConflicts) },
        { lines: BigInt(planted(summary, 'songs', 'duplicate')), conflicts: 0n },
      ]);
    } finally {
      remove();
    }
  });
});
