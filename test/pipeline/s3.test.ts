import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, inject, test, vi } from 'vitest';
import { run } from '../../src/pipeline/run.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { eventLine, logOf, songFile } from '../oracle/build-bucket.ts';
import { oracle } from '../oracle/oracle.ts';
import { jsonPathsObject } from '../support/bucket.ts';
import { readStar, sorted, tablesOf } from '../support/read-star.ts';
import { openBucket } from '../support/s3-server.ts';
import { testEngines } from '../support/targets.ts';

const shared = resolve(import.meta.dirname, '../../../shared');
const nextDay = {
  key: 'log_data/2018/11/2018-11-16-events.json',
  content: eventLine({ sessionId: 8, ts: 1542328226796 }),
};

const server = openBucket(inject('s3'));

for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

describe.each(testEngines)('a bucket over HTTP on $engine', ({ engine, create }) => {
  const { target, remove } = create();
  afterEach(remove);

  test('gives the star the oracle works out, from large, small and compressed objects, and nothing of a neighbour folder', async () => {
    const manyLines = Array.from({ length: 2_000 }, (_, item) =>
      eventLine({ itemInSession: item, ts: 1542241826796 + item }),
    );
    const objects = [
      jsonPathsObject,
      logOf(...manyLines),
      ...Array.from({ length: 30 }, (_, index) => songFile({ song_id: `SO${index}`, duration: 100 + index })),
    ];
    const compressed = { ...nextDay, content: gzipSync(nextDay.content) };
    for (const { key, content } of [...objects, { ...compressed, key: `${nextDay.key}.gz` }]) {
      await server.put(`lake-${engine}/${key}`, content);
    }
    await server.put(`lake-${engine}/song_data_old/A/TR1.json`, '{broken');
    const root = `s3://${server.bucket}/lake-${engine}`;
    const { sources } = await run({ warehouse: sparkify, root, target, toolVersion: 'test' });
    expect(sources.map(({ objects: count, linesLoaded }) => [count, linesLoaded])).toEqual([
      [2, 2_001],
      [30, 30],
    ]);
    expect(sorted(await readStar(target))).toEqual(sorted(tablesOf(oracle([...objects, nextDay]))));
    expect(await run({ warehouse: sparkify, root, target, toolVersion: 'test' })).toMatchObject({
      outcome: 'nothing new',
    });
  });

  test.skipIf(!existsSync(shared))('gives the known answers for the sample, where ../shared/data is', async () => {
    const data = join(shared, 'data');
    const keys = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((key) => key.endsWith('.json'));
    for (const key of keys) await server.put(`sample/${key}`, readFileSync(join(data, key)));
    const { target: sample, remove: removeSample } = create();
    await run({ warehouse: sparkify, root: `s3://${server.bucket}/sample`, target: sample, toolVersion: 'test' });
    const { expected } = await verify(sparkify, sample, join(shared, 'expected/sample'));
    expect(expected.filter(({ matches }) => matches)).toHaveLength(15);
    removeSample();
  });
});
