import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { type RunOptions, run } from '../../src/pipeline/run.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, songFile } from '../oracle/build-bucket.ts';
import type { BucketObject } from '../oracle/read-objects.ts';
import { writeBucket } from '../support/bucket.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A log with as many lines as are told apart by their session. */
function dayOf(day: number, count: number, fields: Fields | ((index: number) => Fields) = {}): BucketObject {
  const lines = Array.from({ length: count }, (_, index) => {
    const more = typeof fields === 'function' ? fields(index) : fields;
    return eventLine({ sessionId: day * 10_000 + index, ts: 1542241826796 + index, ...more });
  });
  return {
    content: `${lines.join('\n')}\n`,
    key: `log_data/2018/11/2018-11-${String(day).padStart(2, '0')}-events.json`,
  };
}

describe.each(testEngines)('drift on $engine', ({ create }) => {
  let root: string;
  let target: string;
  let remove: () => void;

  beforeEach(() => {
    root = temporaryFolder();
    ({ target, remove } = create());
  });
  afterEach(() => {
    removeFolder(root);
    remove();
  });

  const runIt = (options: Partial<RunOptions> = {}) =>
    run({ warehouse: sparkify, root, target, toolVersion: 'test', ...options });

  async function load(objects: readonly BucketObject[], options: Partial<RunOptions> = {}) {
    writeBucket(root, objects);
    return (await runIt(options)).drift;
  }

  async function ask(sql: string): Promise<readonly (readonly Value[])[]> {
    const session = await openTarget(target, { mode: 'read' });
    try {
      return (await session.query(sql)).rows;
    } finally {
      await session.close();
    }
  }

  const knownKeys = (source = 'events') =>
    ask(`select key, types, lines, sampled_lines from etl.keys where source = '${source}' order by key`);

  test('is nothing where lines have the keys of the columns, and these are known from then on', async () => {
    expect(await load([dayOf(1, 3), songFile()])).toEqual([]);
    expect(await ask('select count(*) from etl.drift')).toEqual([[0n]]);
    const keys = await knownKeys();
    expect(keys).toHaveLength(18);
    expect(keys).toContainEqual(['$.userAgent', 'string', 3n, 3n]);
    expect(await knownKeys('songs')).toContainEqual(['$.artist_latitude', '', 1n, 1n]);
  });

  test('tells of a key that no column reads, once, with its type and an object, in report and ledger', async () => {
    const day = dayOf(1, 3, (index) => (index === 2 ? { device: 'phone', 'a key': null } : {}));
    const song = songFile({ label: { name: 'Lantern' } });
    writeBucket(root, [day, song]);
    const { drift, runId } = await runIt();
    expect(drift).toEqual([
      { source: 'songs', key: '$.label', kind: 'unknown', detail: `object, as in ${join(root, song.key)}` },
      { source: 'events', key: '$.device', kind: 'unknown', detail: `string, as in ${join(root, day.key)}` },
      { source: 'events', key: '$["a key"]', kind: 'unknown', detail: `null, as in ${join(root, day.key)}` },
    ]);
    const rows = drift.map(({ source, key, kind, detail }) => [runId, source, key, kind, detail]);
    expect(new Set(await ask('select run_id, source, key, kind, detail from etl.drift'))).toEqual(new Set(rows));
    expect(await knownKeys()).toContainEqual(['$.device', 'string', 1n, 3n]);
    expect(await load([dayOf(2, 3, { device: 'tablet' })])).toEqual([]);
    expect(await ask('select count(*) from etl.drift')).toEqual([[3n]]);
  });

  test('tells of a key that has disappeared, once, where its absence is no chance', async () => {
    const rare = (index: number): Fields => (index === 0 ? { coupon: 'A' } : {});
    await load([dayOf(1, 150, rare)]);
    const without = { userAgent: undefined };
    expect(await load([dayOf(2, 99, without)])).toEqual([]);
    expect(await load([dayOf(3, 250, without)])).toEqual([
      {
        source: 'events',
        key: '$.userAgent',
        kind: 'disappeared',
        detail: 'none of the 250 lines sampled, the first of each object, has it; of those before 60 % had',
      },
    ]);
    expect((await knownKeys()).map(([key]) => key)).not.toContain('$.userAgent');
    expect(await load([dayOf(4, 300, without)])).toEqual([]);
    expect(await load([dayOf(5, 1)])).toEqual([]);
    expect(await knownKeys()).toContainEqual(['$.userAgent', 'string', 1n, 1n]);
  });

  test('tells of a type that a key never had, null not counted', async () => {
    await load([dayOf(1, 2, (index) => ({ location: null, auth: index === 0 ? null : 'Logged In' }))]);
    const late = dayOf(2, 2, (index) => ({ location: 'here', auth: index === 0 ? null : 7 }));
    expect(await load([late])).toEqual([
      { source: 'events', key: '$.auth', kind: 'type', detail: `number, before string, as in ${join(root, late.key)}` },
    ]);
    expect(await load([dayOf(3, 1, { auth: 8 })])).toEqual([]);
    expect(await knownKeys()).toContainEqual(['$.auth', 'number,string', 5n, 5n]);
  });

  test('fails a run that was asked to, which changes nothing but leaves its trace', async () => {
    await load([dayOf(1, 2)]);
    const before = await knownKeys();
    const late = dayOf(2, 2, { device: 'phone', auth: 7, secret: 'hunter2' });
    const failure = await load([late], { onDrift: 'fail' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'DRIFT',
      message: expect.stringContaining(
        `  - events: $.device is read by no column: string, as in ${join(root, late.key)}`,
      ),
      hint: expect.stringContaining('--on-drift warn'),
    });
    expect(JSON.stringify(failure)).not.toMatch(/phone|hunter2/);
    expect(await ask('select count(*) from staging_events')).toEqual([[2n]]);
    expect(await knownKeys()).toEqual(before);
    expect(await ask('select state, error_code from etl.runs order by started_at desc, run_id desc limit 1')).toEqual([
      ['failed', 'DRIFT'],
    ]);
    expect(await ask('select key, kind from etl.drift order by key')).toEqual([
      ['$.auth', 'type'],
      ['$.device', 'unknown'],
      ['$.secret', 'unknown'],
    ]);
    await expect(runIt({ onDrift: 'fail' })).rejects.toMatchObject({ code: 'DRIFT' });
    expect((await runIt({ onDrift: 'warn' })).drift).toHaveLength(3);
    expect(await load([dayOf(3, 2, { device: 'phone' })], { onDrift: 'fail' })).toEqual([]);
  });

  test('looks at the first 1,000 lines of each object, however it is read', async () => {
    const at = (place: number, key: string) => (index: number) => (index === place ? { [key]: 1 } : {});
    const gzipped = (object: BucketObject) => ({
      key: `${object.key}.gz`,
      content: gzipSync(object.content ?? ''),
    });
    const found = await load([
      dayOf(1, 1_001, at(999, 'in_first')),
      dayOf(2, 1_001, at(1_000, 'past_first')),
      gzipped(dayOf(3, 1_001, at(999, 'in_second'))),
      gzipped(dayOf(4, 1_001, at(1_000, 'past_second'))),
      dayOf(5, 20, at(19, 'in_third')),
    ]);
    expect(found.map(({ key }) => key)).toEqual(['$.in_first', '$.in_second', '$.in_third']);
  });

  test('of a file that grew is looked for in what was added', async () => {
    await load([dayOf(1, 1_100)]);
    const grown = dayOf(1, 1_102, (index) => (index === 1_101 ? { device: 'phone' } : {}));
    writeBucket(root, [grown]);
    expect(await runIt()).toMatchObject({ objects: { grown: 1 }, drift: [{ key: '$.device' }] });
    expect(await knownKeys()).toContainEqual(['$.device', 'string', 1n, 2n]);
  });

  test('of a run in batches is told once, and no key has disappeared that another batch has', async () => {
    const days = [
      dayOf(1, 300, { device: 'phone' }),
      dayOf(2, 300, { userAgent: undefined, device: 'tv', auth: 1 }),
      dayOf(3, 300, { userAgent: undefined }),
    ];
    writeBucket(root, days);
    const first = await runIt({ batchBytes: 1 });
    expect(first.batches).toBe(3);
    expect(first.drift.map(({ key, kind }) => [key, kind])).toEqual([
      ['$.device', 'unknown'],
      ['$.auth', 'type'],
    ]);
    writeBucket(root, [dayOf(4, 60, { userAgent: undefined }), dayOf(5, 60, { userAgent: undefined }), songFile()]);
    expect((await runIt({ batchBytes: 1 })).drift).toEqual([]);
    writeBucket(root, [dayOf(6, 400, { userAgent: undefined }), dayOf(7, 400, { userAgent: undefined })]);
    const { drift, batches } = await runIt({ batchBytes: 1 });
    expect(batches).toBe(2);
    expect(drift).toEqual([
      expect.objectContaining({ key: '$.device', kind: 'disappeared' }),
      expect.objectContaining({ key: '$.userAgent', detail: expect.stringContaining('none of the 800 lines sampled') }),
    ]);
  });

  test('of a batch that fails for another reason is told and not learned; that of the one before stays', async () => {
    const contradicting = dayOf(2, 2, (index) => ({ sessionId: 7, auth: 7, ts: index }));
    const days = [dayOf(1, 3, { device: 'phone' }), contradicting];
    writeBucket(
      root,
      days.map((day) => ({ ...day, content: `${day.content}{broken\n` })),
    );
    await expect(runIt({ batchBytes: 1 })).rejects.toMatchObject({ code: 'CONFLICTS' });
    expect(await ask('select key, kind from etl.drift order by key')).toEqual([
      ['$.auth', 'type'],
      ['$.device', 'unknown'],
    ]);
    expect(await ask('select state from etl.rejects order by object_id')).toEqual([['kept'], ['not_loaded']]);
    expect(await knownKeys()).toContainEqual(['$.auth', 'string', 3n, 3n]);
    const { drift } = await runIt({ maxConflicts: 1 });
    expect(drift.map(({ key, kind }) => [key, kind])).toEqual([['$.auth', 'type']]);
  });
});
