import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunReport } from '../../src/pipeline/report.ts';
import { jsonPathsObject } from '../support/bucket.ts';
import { testEngines } from '../support/targets.ts';
import { type FuzzedObject, fuzzedBucket } from './fuzz-bucket.ts';
import { confirmTold, emptyScene, folderPlace, type Scene } from './scene.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 30);

describe.each(testEngines)('on $engine', (engine) => {
  test('whatever the bytes are, every line is loaded, rejected or blank, or stands in an object that the run says it cannot read', async () => {
    const property = fc.asyncProperty(fuzzedBucket, async (objects) => {
      const scene = emptyScene(folderPlace(), engine);
      try {
        await scene.place.put(jsonPathsObject, ...objects);
        await confirmLoaded(scene, objects);
      } finally {
        scene.remove();
      }
    });
    await fc.assert(property, { numRuns: runs });
  }, 3_600_000);
});

/** Objects that cannot be inflated are left out and told; when they are taken away there is nothing new. */
async function confirmLoaded(scene: Scene, objects: readonly FuzzedObject[]): Promise<void> {
  const [readable, damaged] = [false, true].map((side) => objects.filter(({ isDamaged }) => isDamaged === side));
  const report = await scene.run({ maxConflicts: 1_000_000 });
  expect(report.outcome).toBe('loaded');
  confirmDamaged(scene, report, damaged ?? []);
  for (const source of ['events', 'songs'] as const) {
    await confirmBalance(scene, report, source, readable?.filter((object) => object.source === source) ?? []);
  }
  expect(await scene.ask('select count(*) from etl.objects')).toEqual([[BigInt(readable?.length ?? 0)]]);
  for (const { key } of damaged ?? []) await scene.place.take(key);
  if (readable?.length) expect(await scene.run()).toMatchObject({ outcome: 'nothing new' });
}

function confirmDamaged({ place }: Scene, { unreadable }: RunReport, damaged: readonly FuzzedObject[]): void {
  expect(unreadable.map(({ uri }) => uri).sort()).toEqual(damaged.map(({ key }) => `${place.root}/${key}`).sort());
  for (const object of unreadable) {
    confirmTold(object, { code: 'OBJECT_UNREADABLE', names: [object.uri], hint: /Upload the object again/ });
  }
}

/** Compares the report with what the bytes say, and with the rows that really are there. */
async function confirmBalance(
  { ask }: Scene,
  { sources, runId }: RunReport,
  source: FuzzedObject['source'],
  objects: readonly FuzzedObject[],
): Promise<void> {
  const sum = (count: (object: FuzzedObject) => number) => objects.reduce((total, object) => total + count(object), 0);
  const report = sources.find((candidate) => candidate.source === source);
  if (!report) throw new Error(`the report lacks ${source}`);
  const { linesRead, linesBlank, linesLoaded, linesRejected } = report;
  expect({ linesRead, linesBlank }).toEqual({
    linesRead: sum(({ lines }) => lines),
    linesBlank: sum(({ blankLines }) => blankLines),
  });
  expect(linesLoaded + linesRejected).toBe(linesRead - linesBlank);
  expect(linesLoaded).toBeGreaterThanOrEqual(sum(({ goodLines }) => goodLines));
  const ofRun = `from etl.objects where run_id = '${runId}' and source = '${source}'`;
  expect(
    await ask(`select (select count(*) from staging_${source} where object_id in (select object_id ${ofRun})),
      (select count(*) from etl.rejects where run_id = '${runId}' and source = '${source}')`),
  ).toEqual([[BigInt(linesLoaded), BigInt(linesRejected)]]);
}
