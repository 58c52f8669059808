import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorReference } from '../../src/dictionary/error-reference.ts';
import { documentsOf } from '../../src/dictionary/index.ts';
import { lineageOf } from '../../src/dictionary/lineage.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';

const docs = (file: string) => resolve(import.meta.dirname, '../../docs', file);

describe('the documents that are made from the model', () => {
  const documents = documentsOf(sparkify);

  test.each(Object.keys(documents))('docs/%s is what the model says today', async (file) => {
    await expect(documents[file]).toMatchFileSnapshot(docs(file));
  });

  test('docs/errors.md is what the catalogue of errors says today', async () => {
    await expect(errorReference()).toMatchFileSnapshot(docs('errors.md'));
  });

  test('name every column of the warehouse', () => {
    const text = documents['data-dictionary.md'] ?? '';
    const columns = [...sparkify.staging, ...sparkify.tables].flatMap((table) => Object.keys(table.columns));
    for (const column of columns) expect(text).toContain(`\`${column}\``);
  });
});

describe('lineage', () => {
  const keysOf = (table: string, column: string) =>
    lineageOf(sparkify).find((lineage) => lineage.table === table && lineage.column === column)?.keys;

  test('follows a computed key to both its parts', () => {
    expect(keysOf('songplays', 'songplay_id')).toEqual([
      { source: 'events', key: 'sessionId', role: 'value' },
      { source: 'events', key: 'itemInSession', role: 'value' },
    ]);
  });

  test('follows a lookup to the value and to what decides which row it is', () => {
    expect(keysOf('songplays', 'song_id')).toEqual([
      { source: 'songs', key: 'song_id', role: 'value' },
      { source: 'events', key: 'song', role: 'match' },
      { source: 'events', key: 'artist', role: 'match' },
      { source: 'events', key: 'length', role: 'match' },
    ]);
  });

  test('follows a derived dimension through the fact', () => {
    expect(keysOf('time', 'weekday')).toEqual([{ source: 'events', key: 'ts', role: 'value' }]);
  });
});
