import type { Warehouse } from '../model/warehouse.ts';
import type { CheckResult } from '../quality/run-checks.ts';
import type { LandedSource } from './land-source.ts';
import type { LoadedBatch } from './load-batch.ts';
import type { RunReport, SourceReport, TableReport } from './report.ts';

/** What the batches of a run did, taken together. */
export function mergeBatches(
  { staging, tables }: Warehouse,
  batches: readonly LoadedBatch[],
  rows: ReadonlyMap<string, bigint>,
): Pick<RunReport, 'sources' | 'tables' | 'duplicates' | 'checks' | 'checked' | 'drift'> {
  const landed = batches.flatMap((batch) => batch.landed);
  return {
    sources: staging.map(({ name, source }) =>
      sourceReport(
        source.name,
        landed.filter((one) => one.staging.name === name),
      ),
    ),
    tables: [
      ...staging.map(({ name }) => stagingReport(name, landed, batches, rows.get(name) ?? 0n)),
      ...tables.map(({ name }) => tableReport(name, batches, rows.get(name) ?? 0n)),
    ],
    duplicates: batches.at(-1)?.duplicates ?? [],
    checks: mergeChecks(batches),
    checked: batches.some(({ checked }) => checked === 'everything') ? 'everything' : 'changes',
    drift: batches.flatMap(({ drift }) => drift),
  };
}

function sourceReport(source: string, sources: readonly LandedSource[]): SourceReport {
  const landed = sources.flatMap((one) => one.landed.map((item) => item.landed));
  const sum = (count: (object: (typeof landed)[number]) => number) =>
    landed.reduce((total, object) => total + count(object), 0);
  return {
    source,
    objects: sources.flatMap((one) => one.landed.filter(({ item }) => !item.isCopy)).length,
    bytes: sum(({ contentBytes }) => contentBytes),
    linesRead: sum(({ linesRead }) => linesRead),
    linesLoaded: sum(({ linesLoaded }) => linesLoaded),
    linesRejected: sum(({ linesRejected }) => linesRejected),
    linesBlank: sum(({ linesBlank }) => linesBlank),
  };
}

/** Lines come with the objects landed and go with those replaced or forgotten; none is updated. */
function stagingReport(
  table: string,
  landed: readonly LandedSource[],
  batches: readonly LoadedBatch[],
  rows: bigint,
): TableReport {
  const items = landed.filter(({ staging }) => staging.name === table).flatMap((one) => one.landed);
  const forgotten = batches.flatMap(({ batch }) =>
    batch.sources
      .filter(({ staging }) => staging.name === table)
      .flatMap((source) => [...source.forgotten, ...source.copies]),
  );
  const gone = [...items.flatMap(({ item }) => item.replaces ?? []), ...forgotten];
  return {
    table,
    rows,
    inserted: items.reduce((sum, item) => sum + item.landed.linesLoaded, 0),
    updated: 0,
    deleted: gone.reduce((sum, { linesLoaded }) => sum + linesLoaded, 0),
  };
}

function tableReport(table: string, batches: readonly LoadedBatch[], rows: bigint): TableReport {
  const changes = batches.flatMap((batch) => batch.changes.filter((change) => change.table === table));
  const sum = (of: 'inserted' | 'updated' | 'deleted') => changes.reduce((total, change) => total + change[of], 0);
  return { table, rows, inserted: sum('inserted'), updated: sum('updated'), deleted: sum('deleted') };
}

/** A check that failed in one batch has failed. */
function mergeChecks(batches: readonly LoadedBatch[]): readonly CheckResult[] {
  const merged = new Map<string, CheckResult>();
  for (const check of batches.flatMap((batch) => batch.checks)) {
    const failures = (merged.get(check.name)?.failures ?? 0n) + check.failures;
    merged.set(check.name, { ...check, failures, passed: failures === 0n });
  }
  return [...merged.values()];
}
