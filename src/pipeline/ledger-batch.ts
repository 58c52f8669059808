import type { Session, Value } from '../engines/engine.ts';
import type { LandedObject } from '../land/landed.ts';
import { type LedgerObject, type ObjectState, setObjectVersions } from '../ledger/ledger.ts';
import { objects, rejects } from '../ledger/tables.ts';
import type { Staging } from '../model/staging.ts';
import { identifier, textLiteral } from '../sql/quote.ts';
import { duplicatesShape, stagingShape, tableName } from '../sql/shapes.ts';
import { batchObjects, type ObjectChange } from '../transform/scratch.ts';
import type { Batch, LandItem, SourceBatch } from './batches.ts';
import type { KnownObject } from './compare-object.ts';
import { landingFingerprint } from './fingerprints.ts';
import type { LandedSource } from './land-source.ts';
import type { Replay } from './replay.ts';

const batch = tableName(batchObjects);
const ledger = tableName(objects);
const those = (change: ObjectChange) => `(select object_id from ${batch} where change = '${change}')`;

/** Says what the batch does to which objects, and brings the ledger to it: new rows, rows that go, states, versions. */
export async function recordObjects(
  session: Session,
  { sources }: Batch,
  landed: readonly LandedSource[],
  runId: string,
): Promise<void> {
  const removed = [
    ...landed.flatMap(replaced),
    ...sources.flatMap(({ forgotten, emptied, copies }) => [...forgotten, ...emptied, ...copies]),
  ];
  await session.insertRows(batchObjects, [
    ...landed.flatMap((source) => source.landed.map(({ landed: { objectId } }) => [objectId, 'added'])),
    ...removed.map(({ objectId }) => [objectId, 'removed']),
    ...sources.flatMap(({ vanished }) => vanished.map(({ objectId }) => [objectId, 'vanished'])),
    ...sources.flatMap(({ returned }) => returned.map(({ known }) => [known.objectId, 'returned'])),
  ]);
  await session.insertRows(
    objects,
    landed.flatMap((source) => objectRows(source, runId)),
  );
  if (removed.length > 0) await forgetRemoved(session);
  await restate(session, sources);
}

/**
 * What was added to objects that grew, and kept lines that were landed again, become part of their objects, whose
 * numbers stay. After the star was refreshed and checked, as until then the lines that are new are told by their number.
 * @returns how many objects became whole so
 */
export async function mergeParts(session: Session, landed: readonly LandedSource[]): Promise<number> {
  const parts = landed.flatMap(({ staging, landed: items }) =>
    items.flatMap(({ item, landed: part }) => {
      const known = item.grows?.known ?? item.replays?.known;
      return known ? [{ staging, item, part, known }] : [];
    }),
  );
  for (const part of parts) await mergePart(session, part);
  if (parts.length === 0) return 0;
  await session.insertRows(
    batchObjects,
    parts.map(({ known }) => [known.objectId, 'grown']),
  );
  return parts.length;
}

interface Part {
  readonly staging: Staging;
  readonly item: LandItem;
  readonly part: LandedObject;
  readonly known: LedgerObject;
}

async function mergePart(session: Session, { staging, item: { grows, replays }, part, known }: Part): Promise<void> {
  if (replays) await forgetReplayed(session, replays);
  for (const shape of [stagingShape(staging), duplicatesShape(staging), rejects]) {
    await session.run(
      `-- make the part one with its object\nupdate ${tableName(shape)} set object_id = ${known.objectId} where object_id = ${part.objectId}`,
    );
  }
  const changes = grows ? grownBy(grows, part, session) : replayedBy(replays?.lines.length ?? 0, part);
  await session.run(
    `-- add up the lines of the object\nupdate ${ledger}\nset ${changes.join(', ')}\nwhere object_id = ${known.objectId}`,
  );
  await session.run(`-- forget the part\ndelete from ${ledger} where object_id = ${part.objectId}`);
}

/** An object that grew is not compressed: its content is as large as it. */
function grownBy({ object, known, contentHash }: KnownObject, part: LandedObject, { dialect }: Session): string[] {
  const literal = (text: string) => textLiteral(text, dialect);
  return [
    `version = ${literal(object.version)}`,
    `content_hash = ${literal(contentHash ?? known.contentHash)}`,
    `size_bytes = ${object.sizeBytes}`,
    `content_bytes = ${object.sizeBytes}`,
    ...Object.entries(lineCountsOf(part)).map(
      ([name, count]) => `${identifier(name)} = ${identifier(name)} + ${count}`,
    ),
  ];
}

function replayedBy(lines: number, { linesLoaded, linesRejected }: LandedObject): string[] {
  return [
    `lines_loaded = lines_loaded + ${linesLoaded}`,
    `lines_rejected = lines_rejected - ${lines} + ${linesRejected}`,
  ];
}

/** How many lines one statement names. */
const linesAtOnce = 1_000;

async function forgetReplayed(session: Session, { known, lines }: Replay): Promise<void> {
  for (let start = 0; start < lines.length; start += linesAtOnce) {
    await session.run(
      `-- forget rejects that were landed again\ndelete from ${tableName(rejects)} where state = 'kept' and object_id = ${known.objectId} and line in (${lines.slice(start, start + linesAtOnce).join(', ')})`,
    );
  }
}

/** Takes rows away that no object of the ledger accounts for: of forgotten objects, or of rows lost by hand. */
export async function takeAwayUnknown(session: Session, { staging }: SourceBatch): Promise<void> {
  const unknown = `object_id not in (select object_id from ${ledger})`;
  await session.run(
    `-- take away the rows of ${staging.name} that no object accounts for\ndelete from ${tableName(stagingShape(staging))} where ${unknown}`,
  );
  await session.run(
    `-- take away such rejects\ndelete from ${tableName(rejects)} where state = 'kept' and source = ${textLiteral(staging.source.name)} and ${unknown}`,
  );
}

function replaced({ landed }: LandedSource) {
  return landed.flatMap(({ item }) => item.replaces ?? []);
}

async function forgetRemoved(session: Session): Promise<void> {
  await session.run(`-- forget the objects that go\ndelete from ${ledger} where object_id in ${those('removed')}`);
  await session.run(
    `-- forget their rejects\ndelete from ${tableName(rejects)} where state = 'kept' and object_id in ${those('removed')}`,
  );
}

async function restate(session: Session, sources: readonly SourceBatch[]): Promise<void> {
  if (sources.some(({ vanished }) => vanished.length > 0)) {
    await session.run(
      `-- note what vanished\nupdate ${ledger} set state = 'vanished' where object_id in ${those('vanished')}`,
    );
  }
  if (sources.some(({ returned }) => returned.length > 0)) {
    await session.run(
      `-- note what came back\nupdate ${ledger} set state = 'loaded' where object_id in ${those('returned')}`,
    );
  }
  const seen = sources.flatMap(({ touched, returned }) => [...touched, ...returned]);
  await setObjectVersions(
    session,
    seen.map(({ object, known }) => ({ objectId: known.objectId, version: object.version })),
  );
}

function objectRows({ staging, mapping, landed: items }: LandedSource, runId: string): (readonly Value[])[] {
  const fingerprint = mapping ? landingFingerprint(staging, mapping) : '';
  return items.map(({ item, landed }) => {
    const { uri, version } = item.object;
    const values: Readonly<Record<string, Value>> = {
      object_id: landed.objectId,
      source: staging.source.name,
      uri,
      version,
      content_hash: landed.contentHash,
      fingerprint,
      size_bytes: BigInt(sizeOf(item)),
      state: stateOf(item),
      run_id: runId,
      content_bytes: BigInt(landed.contentBytes),
      ...lineCountsOf(landed),
    };
    return objects.columns.map(({ name }) => values[name] ?? null);
  });
}

function stateOf({ replays, isCopy }: LandItem): ObjectState {
  if (isCopy) return 'copy';
  return replays ? 'vanished' : 'loaded';
}

/** Of an object that grew the part that was added. */
function sizeOf({ object, grows }: LandItem): number {
  return object.sizeBytes - (grows?.addedFrom ?? 0);
}

function lineCountsOf({ linesRead, linesLoaded, linesRejected, linesBlank }: LandedObject) {
  return {
    lines_read: BigInt(linesRead),
    lines_loaded: BigInt(linesLoaded),
    lines_rejected: BigInt(linesRejected),
    lines_blank: BigInt(linesBlank),
  };
}
