import { expect, test } from 'vitest';
import { openLandingDatabase } from '../../src/engines/landing-database.ts';
import { oddShape } from '../support/odd-values.ts';

test('what a failed batch has left is taken away, and what cannot be hides nothing of why it failed', async () => {
  const database = await openLandingDatabase();
  const broken = await database.create(oddShape);
  const whole = await database.create(oddShape);
  broken.connection.closeSync();
  await database.clear();
  await expect(whole.connection.run(`select * from ${whole.name}`)).rejects.toThrow();
  const next = await database.create(oddShape);
  const { connection } = next;
  const left = await connection.runAndReadAll(
    "select database_name from duckdb_databases() where database_name like 'landing%' order by 1",
  );
  expect(left.getRows()).toEqual([['landing_1'], ['landing_3']]);
  await database.drop(next);
  database.close();
});
