import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { engineNamed, openTarget } from '../../src/engines/index.ts';
import { prepareTarget } from '../../src/pipeline/prepare.ts';
import { type ShownStatement, showSql } from '../../src/pipeline/show-sql.ts';
import { readQueries } from '../../src/quality/queries.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { testEngines } from '../support/targets.ts';

const golden = (engine: string): string => resolve(import.meta.dirname, '../goldens', `${engine}.sql`);

function textOf(statements: readonly ShownStatement[]): string {
  return statements.map(({ step, title, sql }) => `-- ${step}: ${title}\n${sql};\n`).join('\n');
}

describe.each(testEngines)('the SQL of a full load on $engine', ({ engine, create }) => {
  const statements = showSql(sparkify, engineNamed(engine));

  test('is the one that was reviewed', async () => {
    await expect(textOf(statements)).toMatchFileSnapshot(golden(engine));
  });

  test('is accepted by the engine itself, and so are the analytics queries', async () => {
    const { target, remove } = create();
    const session = await openTarget(target, { mode: 'write' });
    try {
      await prepareTarget(session, sparkify);
      for (const { sql } of [...statements.filter(({ step }) => step !== 'load'), ...(await readQueries(sparkify))]) {
        await expect(session.query(sql)).resolves.toBeDefined();
      }
    } finally {
      await session.close();
      remove();
    }
  });
});
