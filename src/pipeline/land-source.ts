import type { Session } from '../engines/engine.ts';
import { landBatch } from '../land/land-batch.ts';
import type { LandedObject, NumberedObject, Reject } from '../land/landed.ts';
import { readMapping } from '../land/mapping.ts';
import { objects as objectTable, rejects } from '../ledger/tables.ts';
import type { Staging } from '../model/staging.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';
import type { SourceReport } from './report.ts';

export interface LandSource {
  readonly session: Session;
  readonly store: ObjectStore;
  readonly staging: Staging;
  readonly objects: readonly StoredObject[];
  /** The number of the first object; the next ones follow. */
  readonly firstId: bigint;
  readonly runId: string;
  readonly onRejects: (rows: readonly RejectRow[]) => void;
  readonly onProgress: (bytes: number) => void;
}

/** A row of etl.rejects, in the order of its columns. */
export type RejectRow = readonly (string | bigint | null)[];

/** Lands objects of one source, loads them into staging and writes their ledger rows and rejects. */
export async function landSource(options: LandSource): Promise<SourceReport> {
  const { session, store, staging, objects, firstId, runId } = options;
  const numbered = objects.map((object, index) => ({ object, objectId: firstId + BigInt(index) }));
  if (numbered.length === 0) return sourceReport(staging, []);
  const landing = await session.landingTable(staging);
  const landed = await landBatch({
    staging,
    mapping: await readMapping({ source: staging.source, staging, store }),
    store,
    objects: numbered,
    landing,
    onRejects: async (found) => {
      const rows = found.map((reject) => rejectRow(reject, runId, staging));
      options.onRejects(rows);
      await session.insertRows(rejects, rows);
    },
    onProgress: ({ bytes }) => options.onProgress(bytes),
  });
  await session.loadLanded(staging, landing);
  await session.insertRows(
    objectTable,
    landed.map((object) => objectRow(object, numbered, runId, staging, firstId)),
  );
  return sourceReport(staging, landed);
}

function rejectRow(
  { objectId, uri, line, column, reason, rawText }: Reject,
  runId: string,
  { source }: Staging,
): RejectRow {
  return [runId, objectId, source.name, uri, BigInt(line), column ?? null, reason, rawText, 'kept'];
}

function objectRow(
  { objectId, contentHash, contentBytes, ...lines }: LandedObject,
  numbered: readonly NumberedObject[],
  runId: string,
  { source }: Staging,
  firstId: bigint,
) {
  const stored = numbered[Number(objectId - firstId)]?.object;
  if (!stored) throw new RangeError(`landing gave back object ${objectId}, which was not handed to it`);
  return [
    objectId,
    source.name,
    stored.uri,
    stored.version,
    contentHash,
    BigInt(stored.sizeBytes),
    BigInt(contentBytes),
    'loaded',
    runId,
    BigInt(lines.linesRead),
    BigInt(lines.linesLoaded),
    BigInt(lines.linesRejected),
    BigInt(lines.linesBlank),
  ];
}

function sourceReport({ source }: Staging, landed: readonly LandedObject[]): SourceReport {
  const sum = (count: (object: LandedObject) => number) => landed.reduce((total, object) => total + count(object), 0);
  return {
    source: source.name,
    objects: landed.length,
    bytes: sum(({ contentBytes }) => contentBytes),
    linesRead: sum(({ linesRead }) => linesRead),
    linesLoaded: sum(({ linesLoaded }) => linesLoaded),
    linesRejected: sum(({ linesRejected }) => linesRejected),
    linesBlank: sum(({ linesBlank }) => linesBlank),
  };
}
