import { SparkifyError } from '../errors.ts';
import type { LedgerObject } from '../ledger/ledger.ts';
import type { Batch } from './batches.ts';
import { count, counted } from './count.ts';
import type { LandedSource } from './land-source.ts';

/** How many lines of a run may be rejected, inclusive: a number, or a percentage of the lines read so far, 0…100. */
export type RejectLimit = { readonly lines: number } | { readonly percent: number };

const shown = 10;

/**
 * @throws OBJECT_SHRANK where a replacement has less than half of the lines that its object had, or all objects of a source
 * together where they come by COPY or came so
 */
export function refuseShrunk(batch: Batch, landed: readonly LandedSource[], allowShrink: boolean): void {
  if (allowShrink) return;
  const shrunk = landed.flatMap((source, index) => {
    const { copies = [], emptied = [] } = batch.sources[index] ?? {};
    const isTogether = batch.isFullRefresh && (copies.length > 0 || source.landed.some(({ item }) => item.isCopy));
    return isTogether ? shrunkTogether(source, copies) : shrunkObjects(source, emptied);
  });
  if (shrunk.length === 0) return;
  const list = shrunk
    .slice(0, shown)
    .map(({ uri, linesBefore, linesNow }) => `\n  - ${uri}: ${linesBefore} lines before, ${linesNow} now`);
  throw new SparkifyError(
    'OBJECT_SHRANK',
    `Less than half of the lines are left of ${shrunk.length === 1 ? 'what was replaced' : `${shrunk.length} objects`}:${list.join('')}`,
    {
      hint: 'Look at the writer of these objects; where the loss is meant, run with --allow-shrink.',
      details: { objects: shrunk },
    },
  );
}

interface Shrunk {
  readonly uri: string;
  readonly linesBefore: number;
  readonly linesNow: number;
}

function shrunkObjects({ landed }: LandedSource, emptied: readonly LedgerObject[]): readonly Shrunk[] {
  const before = new Map(emptied.map(({ uri, linesRead }) => [uri, linesRead]));
  return landed.flatMap(({ item: { replaces, object, isCopy }, landed: { linesRead } }) => {
    const linesBefore = isCopy ? 0 : (replaces?.linesRead ?? before.get(object.uri) ?? 0);
    return linesRead * 2 < linesBefore ? [{ uri: object.uri, linesBefore, linesNow: linesRead }] : [];
  });
}

/**
 * Where a staging table has lost its lines nothing is left of an object that cannot be read.
 * @throws what it cannot be read for
 */
export function refuseUnreadable({ sources }: Batch, landed: readonly LandedSource[]): void {
  for (const [index, { staging, emptied }] of sources.entries()) {
    const known = new Set(emptied.map(({ uri }) => uri));
    const lost = landed[index]?.unreadable.find(({ uri }) => known.has(uri));
    if (!lost) continue;
    throw new SparkifyError('OBJECT_UNREADABLE', `${staging.name} would lose lines: ${lost.message}`, {
      hint: `${lost.hint ?? ''} It was loaded before, and the staging table has its lines no more: put a sound copy in its place, or take it out of the root and run with --yes.`.trim(),
      details: { uri: lost.uri },
    });
  }
}

function shrunkTogether({ staging, landed }: LandedSource, copies: readonly LedgerObject[]): readonly Shrunk[] {
  const replaced = landed.flatMap(({ item }) => item.replaces ?? []);
  const linesBefore = [...replaced, ...copies].reduce((sum, { linesRead }) => sum + linesRead, 0);
  const linesNow = landed.reduce((sum, item) => sum + item.landed.linesRead, 0);
  return linesNow * 2 < linesBefore ? [{ uri: `all of ${staging.source.name}`, linesBefore, linesNow }] : [];
}

/**
 * @param landed by the run so far, batches that are committed included
 * @throws TOO_MANY_REJECTS where more lines were rejected than allowed
 */
export function refuseRejects(landed: readonly LandedSource[], limit: RejectLimit | undefined): void {
  if (!limit) return;
  const objects = landed.flatMap((source) => source.landed.map((item) => item.landed));
  const rejected = objects.reduce((sum, { linesRejected }) => sum + linesRejected, 0);
  const read = objects.reduce((sum, { linesRead }) => sum + linesRead, 0);
  if ('lines' in limit ? rejected <= limit.lines : rejected * 100 <= limit.percent * read) return;
  const words = 'lines' in limit ? `${limit.lines}` : `${limit.percent} %`;
  throw new SparkifyError(
    'TOO_MANY_REJECTS',
    `${count(rejected)} of ${counted(read, 'line')} read ${rejected === 1 ? 'was' : 'were'} rejected; --max-rejects allows ${words}.`,
    {
      hint: '`sparkify rejects` lists them. Mend the source, or raise --max-rejects.',
      details: { rejected, read },
    },
  );
}
