import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { doctor } from '../../../src/pipeline/doctor.ts';
import { showPlan } from '../../../src/pipeline/show-plan.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { type DirectWarehouse, openDirect } from './direct-warehouse.ts';
import { firstObjects, laterObjects, type Servers, starOf, startServers } from './warehouse.ts';

let servers: Servers;
let warehouse: DirectWarehouse;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  warehouse = await openDirect(servers);
  await warehouse.put(...firstObjects);
});
afterEach(() => warehouse.remove());

/** The target with its landing at a place in the root. */
const landingAt = (place: string) => warehouse.target.replace(/landing=[^&]+/, `landing=${warehouse.root}${place}`);

describe('a landing prefix', () => {
  test.each([
    ['that is the folder of a source', '/log_data', 'events', ''],
    ['that is written with a slash at its end', '/log_data/', 'events', '/'],
    ['that lies deep in the folder of a source', '/song_data/A/landing', 'songs', ''],
  ])('%s is refused by run, plan and doctor, with nothing opened', async (_, place, source, slash) => {
    const [target, root] = [landingAt(place), warehouse.root + slash];
    const refusal = {
      code: 'USAGE',
      message: expect.stringMatching(new RegExp(`landing prefix .* would be taken for ${source}\\.$`)),
      hint: expect.stringContaining('&landing'),
    };
    servers.standIn.reset();
    await expect(warehouse.run({ target, root })).rejects.toMatchObject(refusal);
    await expect(warehouse.run({ target, root: root.replace('s3:', 'S3:') })).rejects.toMatchObject(refusal);
    await expect(showPlan({ warehouse: sparkify, target, root })).rejects.toMatchObject(refusal);
    const findings = await doctor({ warehouse: sparkify, target, root });
    expect(findings.find(({ name }) => name === 'target')).toMatchObject({
      ok: false,
      detail: expect.stringContaining(`would be taken for ${source}`),
    });
    expect(servers.standIn.statements()).toEqual([]);
  });

  test.each([
    ['that is the root', ''],
    ['whose name only begins like that of a source', '/log_data2'],
  ])('%s is as good as any: nothing of it is taken for data', async (_, place) => {
    const target = landingAt(place);
    await warehouse.run({ target });
    await warehouse.put(...laterObjects);
    expect(await warehouse.run({ target })).toMatchObject({ outcome: 'loaded' });
    expect(await warehouse.star()).toEqual(starOf(...firstObjects, ...laterObjects));
    expect((await warehouse.ledger()).map(({ uri }) => uri)).toHaveLength(firstObjects.length + laterObjects.length);
  });
});
