import { describe, expect, test } from 'vitest';
import { SparkifyError } from '../../src/errors.ts';
import { defineDimension } from '../../src/model/dimension.ts';
import { descending, packedKey } from '../../src/model/expression.ts';
import { defineFact } from '../../src/model/fact.ts';
import { defineSource } from '../../src/model/source.ts';
import { bigint, defineStaging, text } from '../../src/model/staging.ts';
import { column } from '../../src/model/star-table.ts';
import { defineView, joined } from '../../src/model/view.ts';
import { defineWarehouse } from '../../src/model/warehouse.ts';
import { users } from '../../src/sparkify/dimensions.ts';
import { songplays } from '../../src/sparkify/songplays.ts';

const source = defineSource({ name: 'clicks', doc: 'Clicks.', folder: 'clicks', framing: 'line' });
const layout = { redshift: { distribution: 'even', sortKey: [] } } as const;

const clicks = defineStaging({
  name: 'staging_clicks',
  doc: 'Clicks.',
  grain: 'one row per line',
  source,
  columns: {
    id: bigint({ from: 'id', doc: 'Number', required: true }),
    at: bigint({ from: 'at', doc: 'When', required: true }),
    who: text(10, { from: 'who', doc: 'Who' }),
  },
  key: ['id'],
  newest: 'at',
  physical: layout,
});

function problemsOf(define: () => unknown): readonly string[] {
  try {
    define();
  } catch (error) {
    if (error instanceof SparkifyError && error.code === 'MODEL_INVALID') return error.details.problems as string[];
    throw error;
  }
  return [];
}

describe('a definition lists all its problems at once', () => {
  test('a staging table', () => {
    const problems = problemsOf(() =>
      defineStaging({
        name: 'Clicks',
        doc: ' ',
        grain: 'one row per line',
        source,
        columns: {
          select: bigint({ from: 'id', doc: 'Number' }),
          name: text(70_000, { from: '', doc: 'Name', range: [0n, 1n] }),
          object_id: bigint({ from: 'o', doc: 'Object', range: [5n, 4n] }),
        },
        key: ['select'],
        newest: 'name',
        physical: layout,
      }),
    );
    expect(problems).toEqual([
      "table 'Clicks' must be lower case: a letter or _, then letters, digits or _",
      'the table has no documentation',
      "column 'select' is a reserved word of an engine",
      "column 'name' is filled from an empty key",
      "column 'name' has 70000 bytes; 1 to 65,535 are possible",
      "column 'name' has a range but is no integer",
      "column 'object_id' is the tool's own, for provenance or duplicates",
      "column 'object_id' has an empty range",
      "key column 'select' must be required",
    ]);
  });

  test('a dimension whose order leaves ties', () => {
    const problems = problemsOf(() =>
      defineDimension(clicks, (click) => ({
        name: 'people',
        doc: '',
        grain: 'one row per person',
        key: { who: column(click.who, 'Who') },
        columns: { at: column(click.at, '') },
        pick: [descending(click.at)],
        physical: layout,
      })),
    );
    expect(problems).toEqual([
      'the table has no documentation',
      "column 'at' has no documentation",
      "the order of pick leaves ties; end it with 'id' of staging_clicks",
      "key column 'who' may be NULL; add where: isNotNull(row.who)",
    ]);
  });

  test('a fact whose packed key could collide', () => {
    const problems = problemsOf(() =>
      defineFact(clicks, (click) => ({
        name: 'clicked',
        doc: 'Clicks',
        grain: 'one row per click',
        key: { click_id: column(packedKey(click.id, click.at), 'Key') },
        columns: {},
        physical: layout,
      })),
    );
    expect(problems).toEqual([
      'a part of packedKey must be a column with a range inside 0…140737488355327',
      'a part of packedKey must be a column with a range inside 0…65535',
    ]);
  });

  test('a view with two columns of one name', () => {
    const problems = problemsOf(() =>
      defineView(songplays, { name: 'everything', doc: 'All', joins: [joined(users, { on: 'user_id' })] }),
    );
    expect(problems).toEqual(["two columns are called 'level'; rename one"]);
  });

  test('a warehouse whose tables stand in the wrong order or are missing', () => {
    const problems = problemsOf(() =>
      defineWarehouse({ name: 'clicks', doc: 'Clicks', staging: [clicks, clicks], tables: [songplays, users] }),
    );
    expect(problems).toContain("two of table or view are called 'staging_clicks'");
    expect(problems).toContain("table 'songplays' reads 'staging_events', which must stand before it");
    expect(problems).toContain("table 'songplays' needs 'artists', which is not listed");
  });

  test('a source outside the root', () => {
    expect(problemsOf(() => defineSource({ name: 'x', doc: 'x', folder: '../x/', framing: 'line' }))).toEqual([
      "folder '../x/' must be a path below the root, without a slash at either end",
    ]);
  });
});
