import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { engineNamed, openTarget } from '../../src/engines/index.ts';
import { prepareTarget } from '../../src/pipeline/prepare.ts';
import { type ShownStatement, showSql } from '../../src/pipeline/show-sql.ts';
import { readQueries } from '../../src/quality/queries.ts';
import { stagingEvents } from '../../src/sparkify/staging.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

const golden = (engine: string): string => resolve(import.meta.dirname, '../goldens', `${engine}.sql`);

function textOf(statements: readonly ShownStatement[]): string {
  return statements.map(({ step, title, sql }) => `-- ${step}: ${title}\n${sql};\n`).join('\n');
}

describe.each(testEngines)('the SQL of a full load on $engine', ({ engine, create }) => {
  const statements = showSql(sparkify, engineNamed(engine));

  test('is the one that was reviewed', async () => {
    await expect(textOf(statements)).toMatchFileSnapshot(golden(engine));
  });

  test('is prepared by the engine itself, and so are the analytics queries', async () => {
    const { target, remove } = create();
    const folder = temporaryFolder();
    const session = await openTarget(target, { mode: 'write' });
    try {
      await prepareTarget(session, sparkify, []);
      const { connection } = await session.landingTable(stagingEvents);
      const object = join(folder, 'OBJECT');
      writeFileSync(object, '{}');
      for (const { sql } of [...statements, ...(await readQueries(sparkify))]) {
        const prepared = await connection.prepare(sql.replace("'OBJECT'", `'${object}'`));
        prepared.destroySync();
      }
    } finally {
      await session.close();
      remove();
      removeFolder(folder);
    }
  });
});
