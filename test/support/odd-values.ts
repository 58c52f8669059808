import type { LandingTable, Session, Value } from '../../src/engines/engine.ts';
import { openTarget } from '../../src/engines/index.ts';
import { createLedger } from '../../src/ledger/tables.ts';
import { defineSource } from '../../src/model/source.ts';
import { bigint, defineStaging, double, integer, smallint, text } from '../../src/model/staging.ts';
import type { TableShape } from '../../src/sql/dialect.ts';
import { stagingShape } from '../../src/sql/shapes.ts';

const column = (from: string) => ({ from, doc: 'A column.' });

/** A staging table with a column of every type. */
export const oddValues = defineStaging({
  name: 'odd_values',
  doc: 'Values that are easily lost.',
  grain: 'one row per line',
  source: defineSource({ name: 'odd', doc: 'Odd values.', folder: 'odd', framing: 'line' }),
  columns: {
    id: bigint({ ...column('id'), required: true }),
    one: text(65_535, column('one')),
    two: text(65_535, column('two')),
    small: smallint(column('small')),
    whole: integer(column('whole')),
    number: double(column('number')),
  },
  key: ['id'],
  newest: 'id',
  physical: { redshift: { distribution: 'all', sortKey: [] } },
});
export const oddShape = stagingShape(oddValues);

/** Opens an empty target to write, with the ledger and that table. */
export async function openWithOddValues(target: string): Promise<Session> {
  const session = await openTarget(target, { mode: 'write' });
  const table = session.dialect.createTable(oddShape).map((ddl) => ({ title: 'create a table', ...ddl }));
  await session.define([...createLedger(session.dialect), ...table]);
  return session;
}

/** Puts rows into the embedded database as they are, without JSON in between, and loads them. */
export async function loadLanded(session: Session, rows: readonly (readonly Value[])[]): Promise<void> {
  const landing = await session.landingTable(oddValues);
  await fill(landing, oddShape, rows);
  await session.loadLanded(oddValues, landing);
}

async function fill({ connection, name }: LandingTable, { columns }: TableShape, rows: readonly (readonly Value[])[]) {
  await connection.run(`delete from ${name}`);
  const appender = await connection.createAppender(name);
  for (const row of rows) {
    for (const [index, { type }] of columns.entries()) {
      const value = row[index] ?? null;
      if (value === null) appender.appendNull();
      else if (type.kind === 'text') appender.appendVarchar(String(value));
      else if (type.kind === 'double') appender.appendDouble(Number(value));
      else if (type.kind === 'integer' && type.bits === 16) appender.appendSmallInt(Number(value));
      else if (type.kind === 'integer' && type.bits === 32) appender.appendInteger(Number(value));
      else appender.appendBigInt(BigInt(value));
    }
    appender.endRow();
  }
  appender.closeSync();
}
