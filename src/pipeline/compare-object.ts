import { createHash } from 'node:crypto';
import { isCopied, type LedgerObject } from '../ledger/ledger.ts';
import { isGzipKey } from '../storage/keys.ts';
import { isUnreadable, type ObjectStore, type StoredObject } from '../storage/object-store.ts';

/** How an object that the ledger knows lies in the root now. */
export type ComparedState = 'unchanged' | 'touched' | 'returned' | 'grown' | 'changed' | 'outdated';

/** An object the ledger knows, as it lies in the root now. */
export interface KnownObject {
  readonly object: StoredObject;
  readonly known: LedgerObject;
  /** Of its whole content, where that had to be read. */
  readonly contentHash?: string;
  /** Where it grew: the byte at which the lines begin that were added. */
  readonly addedFrom?: number;
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
): Promise<Pick<KnownObject, 'contentHash' | 'addedFrom'> & { readonly state: ComparedState }> {
  if (known.fingerprint !== fingerprint) return { state: 'outdated' };
  if (object.version === known.version) return { state: known.state === 'vanished' ? 'returned' : 'unchanged' };
  if (isCopied(known)) return { state: 'changed' };
  const { beginning, addedFrom, whole } = await hashes(object, known.contentBytes, store).catch(unknownWhereUnreadable);
  if (whole === known.contentHash) return { state: known.state === 'vanished' ? 'returned' : 'touched' };
  const contentHash = whole === undefined ? {} : { contentHash: whole };
  const canBeTail = canGrow && known.state === 'loaded' && !isGzipKey(object.key) && addedFrom !== undefined;
  return canBeTail && beginning === known.contentHash
    ? { state: 'grown', ...contentHash, addedFrom }
    : { state: 'changed', ...contentHash };
}

function unknownWhereUnreadable(error: unknown): Partial<Hashes> {
  if (isUnreadable(error)) return {};
  throw error;
}

interface Hashes {
  /** Of the first bytes; undefined where there are fewer. */
  readonly beginning: string | undefined;
  readonly addedFrom: number | undefined;
  readonly whole: string;
}

/** Of the whole content, and of its first bytes. */
async function hashes(object: StoredObject, firstBytes: number, store: ObjectStore): Promise<Hashes> {
  const whole = createHash('sha256');
  let beginning: string | undefined;
  const seam: number[] = [];
  let at = 0;
  for await (const chunk of store.open(object) as AsyncIterable<Buffer>) {
    const left = firstBytes - at;
    const isEnd = left > 0 && left <= chunk.length;
    whole.update(isEnd ? chunk.subarray(0, left) : chunk);
    if (isEnd) {
      beginning = whole.copy().digest('hex');
      whole.update(chunk.subarray(left));
    }
    seam.push(...[left - 1, left, left + 1].flatMap((place) => (place < 0 ? [] : (chunk[place] ?? []))));
    at += chunk.length;
  }
  return { beginning, addedFrom: addedFrom(firstBytes, seam), whole: whole.digest('hex') };
}

const newline = 0x0a;
const carriageReturn = 0x0d;
/** The first byte of a byte order mark, which is one at the beginning of an object only. */
const beginsMark = 0xef;

/**
 * Where what was added begins with a line of its own: the line before it had its newline, or got it as the first byte
 * added, as by writers that end a file without one.
 * @param seam the last of the first bytes and the two after it
 */
function addedFrom(firstBytes: number, [last, next, second]: readonly (number | undefined)[]): number | undefined {
  const isEnded = last === newline;
  const first = isEnded ? next : second;
  if (first === undefined || first === beginsMark) return undefined;
  if (isEnded) return firstBytes;
  return next === newline && last !== carriageReturn ? firstBytes + 1 : undefined;
}
