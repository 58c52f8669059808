import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { type ErrorCode, SparkifyError } from '../../src/errors.ts';
import type { Effects, RunReport } from '../../src/pipeline/report.ts';
import { type RunOptions, run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { oracle } from '../oracle/oracle.ts';
import type { BucketObject } from '../oracle/read-objects.ts';
import { jsonPathsObject } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import type { S3Server } from '../support/s3-server.ts';
import { removeFolder, type TestEngine, temporaryFolder } from '../support/targets.ts';

/** Where a bucket lies. */
export interface Place {
  readonly root: string;
  put(...objects: readonly BucketObject[]): Promise<void>;
  take(key: string): Promise<void>;
  remove(): void;
}

export function folderPlace(): Place {
  const root = temporaryFolder();
  return {
    root,
    put: async (...objects) => {
      for (const { key, content } of objects) {
        mkdirSync(dirname(join(root, key)), { recursive: true });
        writeFileSync(join(root, key), content);
      }
    },
    take: async (key) => rmSync(join(root, key)),
    remove: () => removeFolder(root),
  };
}

/** A folder of the server's bucket that nothing else uses. */
export function bucketPlace(server: S3Server, folder: string): Place {
  return {
    root: `s3://${server.bucket}/${folder}`,
    put: async (...objects) => {
      for (const { key, content } of objects) await server.put(`${folder}/${key}`, content);
    },
    take: (key) => server.remove(`${folder}/${key}`),
    remove: () => {},
  };
}

/** How a failure must be told. */
export interface Told {
  readonly code: ErrorCode;
  /** What the message must name. */
  readonly names: readonly (string | RegExp)[];
  readonly hint: RegExp;
}

/** A target, and what a run over a place into it comes to. */
export interface Scene {
  readonly place: Place;
  readonly target: string;
  run(options?: Partial<RunOptions>, observe?: Effects['observe']): Promise<RunReport>;
  /** Runs, and confirms that it fails, says so as it must, and loads nothing of what it read. */
  fails(told: Told, options?: Partial<RunOptions>, observe?: Effects['observe']): Promise<SparkifyError>;
  /**
   * Runs, and confirms that it leaves the object under this key alone and says so as it must, in report and ledger,
   * and that the star is that of the good bucket and these objects.
   */
  leavesOut(
    told: Told & { readonly key: string },
    objects: readonly BucketObject[],
    options?: Partial<RunOptions>,
    observe?: Effects['observe'],
  ): Promise<RunReport>;
  /** Runs, and confirms that the star is that of the good bucket and these objects, and that then nothing is new. */
  loads(...objects: readonly BucketObject[]): Promise<void>;
  ask(sql: string): Promise<readonly (readonly Value[])[]>;
  remove(): void;
}

/** What every place is given before it goes bad. */
export const goodObjects: readonly BucketObject[] = [
  jsonPathsObject,
  logOf(eventLine(), eventLine({ itemInSession: 1, page: 'Home' })),
  songFile(),
];

/** Another day and another song, to see that the next run loads them. */
export const moreObjects: readonly BucketObject[] = [
  { key: 'log_data/2018/11/2018-11-16-events.json', content: eventLine({ sessionId: 8, level: 'paid' }) },
  songFile({ song_id: 'SO8', title: 'Other' }),
];

/** A target loaded from the good objects. */
export async function openScene(place: Place, engine: TestEngine): Promise<Scene> {
  const scene = emptyScene(place, engine);
  await place.put(...goodObjects);
  await scene.run();
  return scene;
}

/** A target that is not there yet. */
export function emptyScene(place: Place, { create }: TestEngine): Scene {
  const { target, remove } = create();
  const runIt: Scene['run'] = (options, observe = () => {}) =>
    run(
      { warehouse: sparkify, root: place.root, target, toolVersion: 'test', ...options },
      { observe, now: () => new Date() },
    );
  const confirmStar = async (objects: readonly BucketObject[]) =>
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([...goodObjects, ...objects]))));
  return {
    place,
    target,
    run: runIt,
    fails: async (told, options, observe) => {
      const before = await snapshot(target);
      const error = await failureOf(runIt(options, observe));
      confirmTold(error, told);
      expect(await snapshot(target)).toEqual(before);
      return error;
    },
    leavesOut: async ({ key, ...told }, objects, options, observe) => {
      const uri = `${place.root}/${key}`;
      const before = await traces(target, uri);
      const report = await runIt(options, observe);
      const [left, ...others] = report.unreadable;
      expect(others).toEqual([]);
      expect(left).toMatchObject({ source: key.startsWith('log_data/') ? 'events' : 'songs', uri });
      confirmTold(left, told);
      expect(
        await ask(
          target,
          `select source, uri, error_code, error_message from etl.unreadable where run_id = '${report.runId}'`,
        ),
      ).toEqual([[left?.source, uri, left?.code, left?.message]]);
      expect(await traces(target, uri)).toEqual(before);
      await confirmStar(objects);
      return report;
    },
    loads: async (...objects) => {
      expect(await runIt()).toMatchObject({ outcome: 'loaded', unreadable: [] });
      await confirmStar(objects);
      expect(await runIt()).toMatchObject({ outcome: 'nothing new' });
    },
    ask: (sql) => ask(target, sql),
    remove: () => {
      place.remove();
      remove();
    },
  };
}

/** The SparkifyError that a run ends with. */
export async function failureOf(running: Promise<RunReport>): Promise<SparkifyError> {
  const error = await running.then(
    ({ outcome }) => new Error(`the run ended as ${outcome}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof SparkifyError) return error;
  throw error;
}

/** Values of the good rows, and the keys of the S3 server: no error may tell them. */
const secrets = /Nora|Birch|Quiet Lanterns|Paper Boats|Spokane|Mozilla|S3RVER|S3CRET/;

/** Confirms how a failure is told, be it thrown or reported of one object. */
export function confirmTold(
  failure:
    | (Pick<SparkifyError, 'message' | 'hint'> & { readonly code: string; readonly details?: unknown })
    | undefined,
  told: Told,
): void {
  const { code, message, hint, details } = failure ?? {};
  expect({ code, message, hint }).toEqual({
    code: told.code,
    message: expect.any(String),
    hint: expect.stringMatching(told.hint),
  });
  for (const name of told.names) {
    expect(message).toEqual(typeof name === 'string' ? expect.stringContaining(name) : expect.stringMatching(name));
  }
  expect(JSON.stringify({ message, hint, details })).not.toMatch(secrets);
}

/** What a run that fails must leave as it is. */
export async function snapshot(target: string) {
  return {
    star: sorted(await readStar(target)),
    objects: await ask(target, 'select * from etl.objects order by object_id'),
    rejects: await ask(target, "select * from etl.rejects where state = 'kept' order by object_id, line"),
  };
}

/** What there is of an object in a target: its row in the ledger, its rejects and how many lines of it are staged. */
async function traces(target: string, uri: string) {
  const ofObject = `where object_id in (select object_id from etl.objects where uri = '${uri}')`;
  return {
    ledger: await ask(target, `select * from etl.objects where uri = '${uri}'`),
    rejects: await ask(target, `select * from etl.rejects where uri = '${uri}' order by line`),
    staged: await ask(
      target,
      `select (select count(*) from staging_events ${ofObject}), (select count(*) from staging_songs ${ofObject})`,
    ),
  };
}

async function ask(target: string, sql: string) {
  const session = await openTarget(target, { mode: 'read' });
  try {
    return (await session.query(sql)).rows;
  } finally {
    await session.close();
  }
}
