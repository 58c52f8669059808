import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { openTarget } from '../../src/engines/index.ts';
import { type RunOptions, run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import type { BucketObject } from '../oracle/read-objects.ts';
import { event, song } from '../support/arbitraries.ts';
import { writeBucket } from '../support/bucket.ts';
import { failingAt } from '../support/failing-session.ts';
import { removeFolder, type TestEngine, temporaryFolder } from '../support/targets.ts';

/** What can happen to a bucket, and when a run looks at it. */
export type Step =
  | { readonly kind: 'put'; readonly key: string; readonly lines: readonly string[] }
  | { readonly kind: 'grow'; readonly key: string; readonly lines: readonly string[] }
  | { readonly kind: 'shrink'; readonly key: string }
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'rename'; readonly key: string; readonly to: string }
  | { readonly kind: 'copy'; readonly key: string; readonly to: string }
  | { readonly kind: 'run'; readonly batchBytes: number; readonly fullRefresh: boolean; readonly failAt: number };

const logKey = fc.constantFrom(1, 2, 3).map((day) => `log_data/2018/11/2018-11-0${day}-events.json`);
const songKey = fc.constantFrom(1, 2, 3, 4).map((number) => `song_data/A/B/C/TR${number}.json`);
const dirt = fc.constantFrom('{broken', '[1]', '', '{"ts":1}', '\ufeff{"ts":1}');
const eventLine = fc.oneof(
  { weight: 6, arbitrary: event.map((line) => JSON.stringify(line)) },
  { weight: 1, arbitrary: dirt },
);
const eventLines = fc.array(eventLine, { maxLength: 6 });
const songLines = fc.oneof(
  song.map((line) => [JSON.stringify(line)]),
  fc.constant(['{broken']),
  fc.constant([]),
);

/** Mostly something happens to an object; every fourth step or so a run looks at the bucket. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), key: logKey, lines: eventLines }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), key: songKey, lines: songLines }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('grow' as const), key: logKey, lines: eventLines }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shrink' as const), key: logKey }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), key: fc.oneof(logKey, songKey) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), key: logKey, to: logKey }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), key: songKey, to: songKey }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy' as const), key: logKey, to: logKey }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      batchBytes: fc.constantFrom(1, 600, 1e9),
      fullRefresh: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
      // Most runs get through; the others fail at a statement.
      failAt: fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 160 }) },
      ),
    }),
  },
);

/** What a warehouse has observed in the end: for each key ever loaded its last content, and whether it is there. */
export interface Observed {
  readonly root: string;
  readonly target: string;
  readonly objects: readonly BucketObject[];
  remove(): void;
}

const finalRun = { kind: 'run', batchBytes: 1e9, fullRefresh: false, failAt: 0 } as const;

/** Lives through a history, ending with a run that gets through. */
export async function live(
  steps: readonly Step[],
  { create }: TestEngine,
  options: Partial<RunOptions> = {},
): Promise<Observed> {
  const root = temporaryFolder();
  const { target, remove } = create();
  const present = new Map<string, string>();
  const observed = new Map<string, BucketObject>();
  writeBucket(root, []);
  for (const one of [...steps, finalRun]) {
    if (one.kind === 'run') await look(one);
    else change(one);
  }
  return {
    root,
    target,
    objects: [...observed.values()],
    remove: () => {
      removeFolder(root);
      remove();
    },
  };

  function change(one: Exclude<Step, { kind: 'run' }>): void {
    const content = present.get(one.key);
    if (one.kind === 'put') put(one.key, one.lines.join('\n') + (one.lines.length % 2 === 0 ? '\n' : ''));
    if (content === undefined || one.kind === 'put') return;
    if (one.kind === 'grow') put(one.key, `${content}${one.lines.map((line) => `${line}\n`).join('')}`);
    if (one.kind === 'shrink') put(one.key, content.split('\n').slice(0, 1).join('\n'));
    if (one.kind === 'remove') take(one.key);
    if (one.kind === 'copy') put(one.to, content);
    if (one.kind === 'rename' && one.key !== one.to) {
      take(one.key);
      put(one.to, content);
    }
  }

  function put(key: string, content: string): void {
    present.set(key, content);
    writeBucket(root, [{ key, content }]);
  }

  function take(key: string): void {
    present.delete(key);
    rmSync(join(root, key));
  }

  async function look({ batchBytes, fullRefresh, failAt }: Extract<Step, { kind: 'run' }>): Promise<void> {
    const running = run(
      {
        warehouse: sparkify,
        root,
        target,
        toolVersion: 'test',
        maxConflicts: 1e6,
        allowShrink: true,
        batchBytes,
        fullRefresh,
        ...options,
      },
      failAt === 0 ? {} : { open: failingAt(failAt) },
    );
    await running.catch((error: unknown) => {
      const code = (error as { code?: string }).code;
      if (code === 'ROOT_EMPTY' || (failAt > 0 && (error as Error).message === 'injected')) return;
      throw error;
    });
    await observe();
  }

  /** What the ledger says is loaded: of a run that failed the batches before. */
  async function observe(): Promise<void> {
    const loaded = await ledgerOf(target);
    for (const [uri, { hash, state }] of loaded) {
      const key = uri.slice(root.length + 1);
      const content = present.get(key);
      if (content !== undefined && hashOf(content) === hash) observed.set(key, { key, content });
      const known = observed.get(key);
      if (known) observed.set(key, { ...known, vanished: state === 'vanished' });
    }
  }
}

async function ledgerOf(target: string): Promise<ReadonlyMap<string, { hash: string; state: string }>> {
  const session = await openTarget(target, { mode: 'read' }).catch(() => undefined);
  if (!session) return new Map();
  try {
    const { rows } = await session
      .query('select uri, content_hash, state from etl.objects')
      .catch(() => ({ rows: [] }));
    return new Map(rows.map(([uri, hash, state]) => [String(uri), { hash: String(hash), state: String(state) }]));
  } finally {
    await session.close();
  }
}

const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');
