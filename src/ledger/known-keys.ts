import type { Session, Value } from '../engines/engine.ts';
import { textLiteral } from '../sql/quote.ts';
import { tableName } from '../sql/shapes.ts';
import { drift, keys } from './tables.ts';

/** A key that the lines of a source have, as far as they were sampled. */
export interface KnownKey {
  /** Its path, as people write it. */
  readonly key: string;
  /** The JSON types its values had; none where they were all null. */
  readonly types: readonly string[];
  /** Sampled lines that had it … */
  readonly lines: number;
  /** … of so many, since it was seen first. */
  readonly sampledLines: number;
  /** The last run that saw it. */
  readonly runId: string;
}

/** The keys of each source, by the source's name. */
export async function readKeys(session: Session): Promise<ReadonlyMap<string, readonly KnownKey[]>> {
  const { rows } = await session.all(
    `-- read the keys seen before\nselect source, key, types, lines, sampled_lines, run_id from ${tableName(keys)} order by source, key`,
  );
  const bySource = new Map<string, KnownKey[]>();
  for (const [source, ...row] of rows) {
    const known = bySource.get(String(source)) ?? [];
    known.push(knownKey(row));
    bySource.set(String(source), known);
  }
  return bySource;
}

function knownKey([key, types, lines, sampledLines, runId]: readonly Value[]): KnownKey {
  return {
    key: String(key),
    types: String(types).split(',').filter(Boolean),
    lines: Number(lines),
    sampledLines: Number(sampledLines),
    runId: String(runId),
  };
}

/** Replaces the keys of a source. */
export async function writeKeys(session: Session, source: string, known: readonly KnownKey[]): Promise<void> {
  await session.run(
    `-- forget the keys of ${source}\ndelete from ${tableName(keys)} where source = ${textLiteral(source, session.dialect)}`,
  );
  await session.insertRows(
    keys,
    known.map(({ key, types, lines, sampledLines, runId }) => [
      source,
      key,
      types.toSorted().join(','),
      BigInt(lines),
      BigInt(sampledLines),
      runId,
    ]),
  );
}

/** A row of etl.drift, without its run. */
export interface DriftRow {
  readonly source: string;
  readonly key: string;
  readonly kind: string;
  readonly detail: string;
}

/** Of a detail, which may name an object, so much is kept. */
const detailCharacters = 1_000;

export async function writeDrift(session: Session, runId: string, found: readonly DriftRow[]): Promise<void> {
  await session.insertRows(
    drift,
    found.map(({ source, key, kind, detail }) => [runId, source, key, kind, detail.slice(0, detailCharacters)]),
  );
}
