import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { renderStatements } from '../../src/cli/render/statements.ts';
import type { Session } from '../../src/engines/engine.ts';
import { engineNamed, openTarget } from '../../src/engines/index.ts';
import type { EngineName } from '../../src/model/expression.ts';
import { nothingKnown } from '../../src/pipeline/known.ts';
import { prepareTarget } from '../../src/pipeline/prepare.ts';
import { type ShownStatement, showSql } from '../../src/pipeline/show-sql.ts';
import { readQueries } from '../../src/quality/queries.ts';
import { stagingEvents, stagingSongs } from '../../src/sparkify/staging.ts';
import { sparkify } from '../../src/sparkify/warehouse.ts';
import { removeFolder, temporaryFolder, testEngines } from '../support/targets.ts';

const golden = (engine: string): string => resolve(import.meta.dirname, '../goldens', `${engine}.sql`);

describe.each(testEngines)('the SQL of a full load on $engine', ({ engine, create }) => {
  const statements = showSql(sparkify, engineNamed(engine));

  test('is the one that was reviewed', async () => {
    await expect(`${renderStatements(statements)}\n`).toMatchFileSnapshot(golden(engine));
  });

  test('is prepared by the engine itself, and so are the analytics queries', async () => {
    const { target, remove } = create();
    const folder = temporaryFolder();
    const session = await openTarget(target, { mode: 'write' });
    try {
      await prepareTarget(session, sparkify, nothingKnown);
      const events = prepareInDuckDB((await session.landingTable(stagingEvents)).connection);
      const songs = prepareInDuckDB((await session.landingTable(stagingSongs)).connection);
      const object = join(folder, 'OBJECT');
      writeFileSync(object, '{}');
      // A table lands in a database of its own, unless the engine is the parser.
      const parser: Prepare = (sql) => (sql.includes(stagingSongs.name) ? songs(sql) : events(sql));
      const prepare = { parser, target: prepareIn[engine](session, events) };
      for (const { by, sql } of [...statements, ...(await queries())]) {
        await prepare[by](sql.replace("'OBJECT'", `'${object}'`));
      }
    } finally {
      await session.close();
      remove();
      removeFolder(folder);
    }
  });
});

async function queries(): Promise<readonly Pick<ShownStatement, 'by' | 'sql'>[]> {
  return (await readQueries(sparkify)).map(({ sql }) => ({ by: 'target', sql }));
}

type Prepare = (sql: string) => Promise<unknown>;

function prepareInDuckDB(connection: DuckDBConnection): Prepare {
  return async (sql) => (await connection.prepare(sql)).destroySync();
}

/**
 * The landing tables of DuckDB are its own. PostgreSQL prepares what reads or changes rows; DDL is run, it is idempotent.
 * Redshift explains what reads or changes rows. Its DDL has been run by `prepareTarget`, conditions and all; the tables
 * of COPY and LOCK are there as much as they must.
 */
const prepareIn: Record<EngineName, (session: Session, landing: Prepare) => Prepare> = {
  duckdb: (_, landing) => landing,
  postgres: (session) => async (sql) => {
    if (/^copy/.test(sql)) return session.run(sql.replace('from stdin', 'to stdout'));
    if (/^(do|create|analyze)/.test(sql)) return session.run(sql);
    await session.run(`prepare shown as ${sql}`);
    await session.run('deallocate shown');
  },
  redshift: (session) => async (sql) => {
    if (/^(create|drop|comment|lock|copy)/.test(sql)) return;
    await (/^analyze/.test(sql) ? session.run(sql) : session.all(`explain\n${sql.replaceAll('?', 'null')}`));
  },
};
