import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadLanded, oddShape, openWithOddValues } from '../../support/odd-values.ts';
import { openWarehouse, type Servers, startServers } from './warehouse.ts';

let servers: Servers;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());

test('parts have the order of the table, which is another one once a column was added', async () => {
  const warehouse = openWarehouse(servers);
  const session = await openWithOddValues(warehouse.target);
  try {
    await session.run(`-- take a column away\nalter table ${oddShape.name} drop column one`);
    await session.run(`-- and add it again\nalter table ${oddShape.name} add column one varchar(65535)`);
    servers.standIn.reset();
    await session.transaction(() => loadLanded(session, [[1n, 'one', 'two', 3n, 4n, 5.5, 6n]]));
    const [copy] = servers.standIn.statements().filter(({ kind }) => kind === 'copy');
    expect(copy?.sql).toContain('(id, two, small, whole, number, object_id, one)');
    const { rows } = await session.query(`select id, one, two, small, whole, number, object_id from ${oddShape.name}`);
    expect(rows).toEqual([[1n, 'one', 'two', 3n, 4n, 5.5, 6n]]);
  } finally {
    await session.close();
    await warehouse.remove();
  }
});
