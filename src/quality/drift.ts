import { SparkifyError } from '../errors.ts';
import { type JsonType, type KeySample, mostKeys, type SampledKey } from '../land/key-sample.ts';
import type { KnownKey } from '../ledger/known-keys.ts';

/** 'unknown': a new key that no column reads; 'disappeared': lines have it no more; 'type': its values are of a new type. */
export type DriftKind = 'unknown' | 'disappeared' | 'type';

/** How the lines of a source differ from those seen before. Holds no values; keys are printable and cut. */
export interface Drift {
  readonly source: string;
  /** The path, as people write it: `$.key`. */
  readonly key: string;
  readonly kind: DriftKind;
  /** The types and an object that shows it, or how often the key was seen before. */
  readonly detail: string;
}

/** What the objects of one batch and source have, and what was known before. */
export interface Comparison {
  readonly source: string;
  readonly runId: string;
  readonly sample: KeySample;
  readonly known: readonly KnownKey[];
  /**
   * How many lines the run has sampled of the source, this batch included, where it is the run's last batch: only then
   * can a key be said to have disappeared.
   */
  readonly linesOfRun: number | undefined;
}

/**
 * A key has disappeared where, as often as it was seen before, it would stand in this many of the sampled lines and
 * stands in none. A key that every line had is thus missed from 100 lines on, one in a hundred lines from 10,000 on.
 */
const expectedLines = 100;

/**
 * Compares a sample with the keys known before, and gives what is known from now on. Each thing is told once: new keys
 * and types are known then, and a key that disappeared is known no more. The first load of a source can only have
 * unknown keys. Of a source no more than 1,000 keys are known; others are passed over.
 */
export function compareKeys(comparison: Comparison): {
  readonly drift: readonly Drift[];
  readonly keys: readonly KnownKey[];
} {
  const { source, runId, sample, known } = comparison;
  const gone = new Set(known.filter((key) => hasDisappeared(key, comparison)));
  const fresh = freshKeys(comparison);
  const drift = [
    ...fresh.filter(([, { isRead }]) => !isRead).map(([key, found]) => unknown(key, found)),
    ...[...gone].map((key) => disappeared(key, comparison)),
    ...known.flatMap((key) => newType(key, sample.keys.get(key.key)) ?? []),
  ];
  const none = { types: [], lines: 0, sampledLines: 0, runId };
  const before = [...known.filter((key) => !gone.has(key)), ...fresh.map(([key]) => ({ key, ...none }))];
  return {
    drift: drift.map((found) => ({ source, ...found })),
    keys: before.map((key) => learned(key, sample, runId)),
  };
}

/** @throws DRIFT naming the first differences, where there is one */
export function refuseDrift(found: readonly Drift[]): void {
  if (found.length === 0) return;
  const list = found.slice(0, 10).map((drift) => `\n  - ${describeDrift(drift)}`);
  const more = found.length > 10 ? `\n  and ${found.length - 10} more` : '';
  throw new SparkifyError('DRIFT', `The lines differ from those seen before:${list.join('')}${more}`, {
    hint: 'Mend the source or the model; to accept it, run once with --on-drift warn.',
    details: { drift: found },
  });
}

/** One difference as a sentence. */
export function describeDrift({ source, key, kind, detail }: Drift): string {
  return `${source}: ${key} ${says[kind]}: ${detail}`;
}

const says: Readonly<Record<DriftKind, string>> = {
  unknown: 'is read by no column',
  disappeared: 'has disappeared',
  type: 'has values of another type',
};

type Found = Omit<Drift, 'source'>;

/** Those read first, should there be too many. */
function freshKeys({ sample, known }: Comparison): (readonly [key: string, found: SampledKey])[] {
  const before = new Set(known.map(({ key }) => key));
  const fresh = [...sample.keys].filter(([key]) => !before.has(key));
  const read = fresh.filter(([, { isRead }]) => isRead);
  const others = fresh.filter(([, { isRead }]) => !isRead);
  return [...read, ...others].slice(0, Math.max(0, mostKeys - known.length));
}

/** What was seen earlier in this run has not; a sample that is full may have passed over any key. */
function hasDisappeared(known: KnownKey, { sample, runId, linesOfRun }: Comparison): boolean {
  if (linesOfRun === undefined || known.runId === runId || sample.keys.has(known.key)) return false;
  return sample.keys.size < mostKeys && (linesOfRun * known.lines) / known.sampledLines >= expectedLines;
}

function unknown(key: string, { types, uri }: SampledKey): Found {
  return { key, kind: 'unknown', detail: `${listed([...types.keys()])}, as in ${uri}` };
}

function disappeared({ key, lines, sampledLines }: KnownKey, { linesOfRun }: Comparison): Found {
  const share = Math.min(100, Math.round((lines / sampledLines) * 100));
  const before = share < 1 ? 'less than 1 %' : `${share} %`;
  return {
    key,
    kind: 'disappeared',
    detail: `none of the ${linesOfRun} lines sampled, the first of each object, has it; of those before ${before} had`,
  };
}

function newType({ key, types }: KnownKey, found: SampledKey | undefined): Found | undefined {
  const fresh = [...(found?.types ?? [])].filter(([type]) => !types.includes(type));
  const [first] = fresh;
  if (!first || types.length === 0) return undefined;
  const now = listed(fresh.map(([type]) => type));
  return { key, kind: 'type', detail: `${now}, before ${listed(types)}, as in ${first[1]}` };
}

function listed(types: readonly (JsonType | string)[]): string {
  return types.length === 0 ? 'null' : types.toSorted().join(' or ');
}

function learned(known: KnownKey, { keys, lines }: KeySample, runId: string): KnownKey {
  const found = keys.get(known.key);
  return {
    key: known.key,
    types: [...new Set([...known.types, ...(found?.types.keys() ?? [])])],
    lines: known.lines + (found?.lines ?? 0),
    sampledLines: known.sampledLines + lines,
    runId: found ? runId : known.runId,
  };
}
