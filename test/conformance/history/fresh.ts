import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type RunOptions, run } from '../../../src/pipeline/run.ts';
import { jsonPathsObject } from '../../support/bucket.ts';
import { removeFolder, type TestEngine, temporaryFolder } from '../../support/targets.ts';
import { type Observed, type ObservedObject, revisionOf } from './live.ts';

/**
 * A fresh warehouse that observes the same as another one: what has vanished, each object under the revision it was
 * landed by last, then what is there, and in the end all of it computed at once.
 */
export async function loadFresh(
  { objects, revisions, options }: Observed,
  { create }: TestEngine,
): Promise<{ readonly target: string; remove(): void }> {
  const root = temporaryFolder();
  const { target, remove } = create();
  const vanished = objects.filter((object) => object.vanished);
  const living = objects.filter((object) => !object.vanished);
  let version = 0;
  try {
    if (vanished.length > 0) {
      for (const [place, revision] of revisions.entries()) {
        const some = vanished.filter((object) => object.landedUnder === place);
        await load(some, revision, {});
        for (const { key } of some) rmSync(join(root, key));
      }
    }
    await load(living, revisions.at(-1) ?? 0, {});
    await load([], revisions.at(-1) ?? 0, { fullRefresh: true });
  } finally {
    removeFolder(root);
  }
  return { target, remove };

  async function load(some: readonly ObservedObject[], number: number, asked: Partial<RunOptions>): Promise<void> {
    const { warehouse, jsonPaths } = revisionOf(number);
    for (const { key, content } of [{ ...jsonPathsObject, content: jsonPaths }, ...some]) {
      mkdirSync(dirname(join(root, key)), { recursive: true });
      writeFileSync(join(root, key), content);
    }
    version += 1;
    await run({ ...options, root, target, warehouse: { ...warehouse, version }, ...asked }).catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'ROOT_EMPTY') throw error;
    });
  }
}
