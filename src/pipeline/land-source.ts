import type { Session } from '../engines/engine.ts';
import { landBatch } from '../land/land-batch.ts';
import type { LandedObject, NumberedObject, Reject } from '../land/landed.ts';
import type { Mapping } from '../land/mapping.ts';
import { objects as objectTable, rejects } from '../ledger/tables.ts';
import type { Staging } from '../model/staging.ts';
import type { ObjectStore, StoredObject } from '../storage/object-store.ts';
import { mappingHash } from './plan.ts';
import type { SourceReport } from './report.ts';

export interface LandSource {
  readonly session: Session;
  readonly store: ObjectStore;
  readonly staging: Staging;
  /** undefined only where there is no object. */
  readonly mapping: Mapping | undefined;
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
  const { session, store, staging, mapping, objects, firstId, runId } = options;
  const numbered = objects.map((object, index) => ({ object, objectId: firstId + BigInt(index) }));
  if (numbered.length === 0 || !mapping) return sourceReport(staging, []);
  const landing = await session.landingTable(staging);
  const landed = await landBatch({
    staging,
    mapping,
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
    landed.map((object) => objectRow(object, storedAs(object, numbered), mapping, options)),
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

function storedAs({ objectId }: LandedObject, numbered: readonly NumberedObject[]): StoredObject {
  const first = numbered[0]?.objectId ?? objectId;
  const stored = numbered[Number(objectId - first)]?.object;
  if (!stored) throw new RangeError(`landing gave back object ${objectId}, which was not handed to it`);
  return stored;
}

function objectRow(
  { objectId, contentHash, contentBytes, ...lines }: LandedObject,
  { uri, version, sizeBytes }: StoredObject,
  mapping: Mapping,
  { runId, staging }: LandSource,
) {
  return [
    objectId,
    staging.source.name,
    uri,
    version,
    contentHash,
    mappingHash(mapping),
    BigInt(sizeBytes),
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
