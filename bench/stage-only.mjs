// What a run does up to the staging tables: lands the events of a root and loads them. Usage: stage-only.mjs ROOT TARGET
import { openTarget } from '../dist/engines/index.js';
import { readMapping } from '../dist/land/mapping.js';
import { landSource } from '../dist/pipeline/land-source.js';
import { listSources } from '../dist/pipeline/listing.js';
import { prepareTarget } from '../dist/pipeline/prepare.js';
import { sparkify } from '../dist/sparkify/warehouse.js';
import { openRoot } from '../dist/storage/open-root.js';

const [root, target] = process.argv.slice(2);
const store = await openRoot(root);
const session = await openTarget(target, { mode: 'write' });
await prepareTarget(session, sparkify);
const [{ staging, objects }] = await listSources(sparkify, store);
const mapping = await readMapping({ source: staging.source, staging, store });
const quiet = { onRejects: () => {}, onProgress: () => {} };
await session.transaction(() =>
  landSource({ session, store, staging, mapping, objects, firstId: 1n, runId: 'bench', ...quiet }),
);
await session.close();
store.close();
