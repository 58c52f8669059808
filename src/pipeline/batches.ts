import type { LandedObject } from '../land/landed.ts';
import type { Mapping } from '../land/mapping.ts';
import type { LedgerObject } from '../ledger/ledger.ts';
import type { Staging } from '../model/staging.ts';
import { isGzipKey } from '../storage/keys.ts';
import type { StoredObject } from '../storage/object-store.ts';
import type { KnownObject } from './compare-object.ts';
import type { Plan, SourcePlan } from './plan.ts';
import type { Replay } from './replay.ts';

/** An object to land in a batch. */
export interface LandItem {
  readonly object: StoredObject;
  /** Whose rows go, once this one is landed. */
  readonly replaces?: LedgerObject;
  /** Of which only what was added at the end is landed. */
  readonly grows?: KnownObject;
  /** Lines of a vanished object that are landed from their kept text. */
  readonly replays?: Replay;
  /** Stands for a COPY of other items, whose rows carry its number. */
  readonly isCopy?: true;
}

/** An item and the number its rows will carry. */
export interface NumberedItem {
  readonly item: LandItem;
  readonly objectId: bigint;
}

/** What a batch landed of an item. */
export interface LandedItem {
  readonly item: LandItem;
  readonly landed: LandedObject;
}

/** What a batch does for one source. */
export interface SourceBatch {
  readonly staging: Staging;
  readonly mapping: Mapping | undefined;
  readonly items: readonly LandItem[];
  readonly vanished: readonly LedgerObject[];
  readonly returned: readonly KnownObject[];
  readonly touched: readonly KnownObject[];
  readonly forgotten: readonly LedgerObject[];
  /** Whose lines are gone. */
  readonly emptied: readonly LedgerObject[];
  /** COPYs whose rows go, as all the objects that came by them are read again. */
  readonly copies: readonly LedgerObject[];
  /** Whether the batch replaces more than half of the lines there are. */
  readonly isMostlyReplaced: boolean;
}

/** What one transaction loads. */
export interface Batch {
  readonly sources: readonly SourceBatch[];
  readonly isFullRefresh: boolean;
  /** Names. */
  readonly outdatedTables: readonly string[];
  /** As stored, for the progress. */
  readonly bytes: number;
}

/** Gzipped JSON grows about so much: a guess, for the size of batches. */
const inflation = 8;

/**
 * Cuts a plan into batches of about `batchBytes` of content, each of one object at least; or takes it whole.
 * Sources that hold little come first: dimensions are small, and plays find their songs at once. What needs no
 * reading is in the first batch.
 */
export function batchesOf(plan: Plan, batchBytes: number): readonly Batch[] {
  const sources = plan.sources.toSorted((left, right) => contentBytes(itemsOf(left)) - contentBytes(itemsOf(right)));
  const cuts = cut(sources.map(itemsOf), plan.isOneBatch ? Number.POSITIVE_INFINITY : batchBytes);
  return cuts.map((items, index) => batch(plan, sources, items, index === 0));
}

function batch(plan: Plan, sources: readonly SourcePlan[], items: readonly LandItem[][], isFirst: boolean): Batch {
  return {
    isFullRefresh: plan.isFullRefresh,
    outdatedTables: isFirst ? plan.outdatedTables.map(({ name }) => name) : [],
    bytes: items.flat().reduce((sum, { object }) => sum + object.sizeBytes, 0),
    sources: sources.map((source, place) => ({
      staging: source.staging,
      mapping: source.mapping,
      items: items[place] ?? [],
      vanished: isFirst ? source.vanished : [],
      returned: isFirst ? source.returned : [],
      touched: isFirst ? source.touched : [],
      forgotten: isFirst ? source.forgotten : [],
      emptied: isFirst ? source.emptied : [],
      copies: isFirst && plan.isFullRefresh ? source.copies : [],
      isMostlyReplaced: replacedLines(items[place] ?? []) * 2 > loadedLines(source),
    })),
  };
}

function itemsOf({ fresh, grown, changed, outdated, replays }: SourcePlan): LandItem[] {
  return [
    ...fresh.map((object) => ({ object })),
    ...grown.map((grows) => ({ object: grows.object, grows })),
    ...[...changed, ...outdated].map(({ object, known }) => ({ object, replaces: known })),
    ...replays.map((replay) => ({ object: replay.object, replays: replay })),
  ];
}

function replacedLines(items: readonly LandItem[]): number {
  return items.reduce((sum, { replaces }) => sum + (replaces?.linesLoaded ?? 0), 0);
}

function loadedLines({ unchanged, touched, returned, grown, changed, outdated, ...source }: SourcePlan): number {
  const known = [unchanged, touched, returned, grown, changed, outdated].flat().map((object) => object.known);
  return [...known, ...source.vanished, ...source.copies].reduce((sum, { linesLoaded }) => sum + linesLoaded, 0);
}

/** For each batch the items of each source. There is always one batch. */
function cut(sources: readonly (readonly LandItem[])[], batchBytes: number): LandItem[][][] {
  const newBatch = () => sources.map((): LandItem[] => []);
  let current = newBatch();
  const batches = [current];
  let room = batchBytes;
  for (const [place, items] of sources.entries()) {
    for (const item of items) {
      const bytes = contentBytes([item]);
      if (bytes > room && current.some(({ length }) => length > 0)) {
        current = newBatch();
        batches.push(current);
        room = batchBytes;
      }
      current[place]?.push(item);
      room -= bytes;
    }
  }
  return batches;
}

/** About how much content there is to land. */
export function contentBytes(items: readonly LandItem[]): number {
  const bytesOf = ({ object: { key, sizeBytes }, grows }: LandItem) =>
    (sizeBytes - (grows?.addedFrom ?? 0)) * (isGzipKey(key) ? inflation : 1);
  return items.reduce((sum, item) => sum + bytesOf(item), 0);
}
