import { Readable } from 'node:stream';
import type { Session } from '../engines/engine.ts';
import { isWholeLine } from '../land/raw-text.ts';
import type { LedgerObject } from '../ledger/ledger.ts';
import { readKeptRejects } from '../ledger/read-rejects.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';

/** Rejected lines of an object that is in the root no more, to be landed from the text that was kept of them. */
export interface Replay {
  readonly known: LedgerObject;
  /** Stands for the lines as if they were an object of their own. */
  readonly object: StoredObject;
  /** Where each of the lines stood in the object it came from; 1-based. */
  readonly lines: readonly number[];
  readonly content: Buffer;
}

/** What can be landed again of vanished objects. Lines of which not all was kept stay as they are. */
export async function readReplays(session: Session, known: readonly LedgerObject[]): Promise<readonly Replay[]> {
  const replays: Replay[] = [];
  for (const object of known) {
    const kept = (await readKeptRejects(session, object.objectId)).filter(({ rawText }) => isWholeLine(rawText));
    if (kept.length === 0) continue;
    const content = Buffer.from(kept.map(({ rawText }) => rawText).join('\n'));
    replays.push({ known: object, content, lines: kept.map(({ line }) => line), object: standIn(object, content) });
  }
  return replays;
}

/** A store that holds the kept text of vanished objects. */
export function textsOf(store: ObjectStore, replays: readonly Replay[]): ObjectStore {
  const contents = new Map(replays.map(({ object, content }) => [object.uri, content]));
  const contentOf = ({ uri }: StoredObject) => contents.get(uri) ?? Buffer.alloc(0);
  return {
    ...store,
    read: async (object) => contentOf(object),
    open: (object) => Readable.from([contentOf(object)], { objectMode: false }),
    localPath: () => undefined,
    confirmUnchanged: async () => {},
  };
}

/** The key is no `.gz`: what was kept is text. */
function standIn({ objectId, uri, version }: LedgerObject, content: Buffer): StoredObject {
  return { key: `replay/${objectId}.json`, uri, version, sizeBytes: content.length };
}
