// What a run does up to the staging tables: lands the events of a root and loads them. Usage: stage-only.ts ROOT TARGET
import { openTarget } from '../src/engines/index.ts';
import { readMapping } from '../src/land/mapping.ts';
import { nothingKnown } from '../src/pipeline/known.ts';
import { landSource } from '../src/pipeline/land-source.ts';
import { listSources } from '../src/pipeline/listing.ts';
import { prepareTarget } from '../src/pipeline/prepare.ts';
import { sparkify } from '../src/sparkify/warehouse.ts';
import { openRoot } from '../src/storage/open-root.ts';

const [root = '', target = ''] = process.argv.slice(2);
const store = await openRoot(root);
const session = await openTarget(target, { mode: 'write' });
await prepareTarget(session, sparkify, nothingKnown);
const events = (await listSources(sparkify, store)).find(({ staging }) => staging.name === 'staging_events');
if (!events) throw new Error('the warehouse has no table staging_events');
const { staging, objects } = events;
const source = {
  staging,
  mapping: await readMapping({ source: staging.source, staging, store }),
  items: objects.map((object) => ({ object })),
  vanished: [],
  returned: [],
  touched: [],
  forgotten: [],
  emptied: [],
  copies: [],
  isMostlyReplaced: false,
};
const quiet = { onRejects: () => {}, onProgress: () => {} };
await session.transaction(() =>
  landSource({ session, store, source, firstId: 1n, isFullRefresh: false, runId: 'bench', ...quiet }),
);
await session.close();
store.close();
