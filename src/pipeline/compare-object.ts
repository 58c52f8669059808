import { createHash } from 'node:crypto';
import type { LedgerObject } from '../ledger/ledger.ts';
import { isGzipKey } from '../storage/keys.ts';
import { isUnreadable, type ObjectStore, type StoredObject } from '../storage/object-store.ts';
import { isCopied } from './copied.ts';

/** How an object that the ledger knows lies in the root now. */
export type ObjectState = 'unchanged' | 'touched' | 'returned' | 'grown' | 'changed' | 'outdated';

/** An object the ledger knows, as it lies in the root now. */
export interface KnownObject {
  readonly object: StoredObject;
  readonly known: LedgerObject;
  /** Of its whole content, where that had to be read. */
  readonly contentHash?: string;
}

/**
 * The version says that nothing changed; where it differs the content decides. What cannot be read counts as changed:
 * landing tries again, and tells why it cannot. So does what came by COPY: its content as it was is not known.
 * @param fingerprint of the rules by which the object would land today
 * @param canGrow whether lines added at its end are lines of their own: not where the object is one line
 */
export async function compareObject(
  object: StoredObject,
  known: LedgerObject,
  { fingerprint, canGrow, store }: { fingerprint: string | undefined; canGrow: boolean; store: ObjectStore },
): Promise<{ readonly state: ObjectState; readonly contentHash?: string }> {
  if (known.fingerprint !== fingerprint) return { state: 'outdated' };
  if (object.version === known.version) return { state: known.state === 'vanished' ? 'returned' : 'unchanged' };
  if (isCopied(known)) return { state: 'changed' };
  const { beginning, whole } = await hashes(object, known.contentBytes, store).catch(unknownWhereUnreadable);
  if (whole === known.contentHash) return { state: known.state === 'vanished' ? 'returned' : 'touched' };
  const grew = canGrow && known.state === 'loaded' && !isGzipKey(object.key) && beginning === known.contentHash;
  return { state: grew ? 'grown' : 'changed', ...(whole !== undefined && { contentHash: whole }) };
}

function unknownWhereUnreadable(error: unknown): { readonly beginning?: string; readonly whole?: string } {
  if (isUnreadable(error)) return {};
  throw error;
}

const newline = 0x0a;
/** The first byte of a byte order mark, which is one at the beginning of an object only. */
const beginsMark = 0xef;

/** Of the whole content, and of its first bytes where these end with a line. */
async function hashes(
  object: StoredObject,
  firstBytes: number,
  store: ObjectStore,
): Promise<{ readonly beginning: string | undefined; readonly whole: string }> {
  const whole = createHash('sha256');
  let beginning: string | undefined;
  let at = 0;
  for await (const chunk of store.open(object) as AsyncIterable<Buffer>) {
    const left = firstBytes - at;
    if (left > 0 && left <= chunk.length) {
      whole.update(chunk.subarray(0, left));
      if (chunk[left - 1] === newline) beginning = whole.copy().digest('hex');
      whole.update(chunk.subarray(left));
    } else {
      whole.update(chunk);
    }
    if (left >= 0 && left < chunk.length && chunk[left] === beginsMark) beginning = undefined;
    at += chunk.length;
  }
  return { beginning, whole: whole.digest('hex') };
}
