import * as fc from 'fast-check';
import { event, song } from '../../support/arbitraries.ts';
import { revisions } from './revisions.ts';

/** What a run is asked for. */
export interface RunStep {
  readonly kind: 'run';
  readonly batchBytes: number;
  readonly asked?: 'full refresh' | 'forget vanished' | 'replay' | undefined;
  /** The first and the last day that the run looks at; all where it is missing. */
  readonly days?: readonly [number, number] | undefined;
  /** The statement at which it fails; 0 where it gets through. */
  readonly failAt: number;
}

/** What can happen to a bucket and to the declaration of the warehouse, and when a run looks at it. */
export type Step =
  | { readonly kind: 'put'; readonly key: string; readonly lines: readonly string[] }
  | { readonly kind: 'grow'; readonly key: string; readonly lines: readonly string[] }
  | { readonly kind: 'shrink'; readonly key: string }
  | { readonly kind: 'touch'; readonly key: string }
  | { readonly kind: 'damage'; readonly key: string }
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'rename'; readonly key: string; readonly to: string }
  | { readonly kind: 'copy'; readonly key: string; readonly to: string }
  | { readonly kind: 'revise'; readonly revision: number }
  | RunStep;

export const dayKey = (day: number): string => `log_data/2018/11/2018-11-0${day}-events.json`;

const of = <const K extends Step['kind']>(kind: K) => ({ kind: fc.constant(kind) });
const plainLogKey = fc.constantFrom(1, 2, 3).map(dayKey);
const zippedLogKey = fc.constantFrom(2, 4).map((day) => `${dayKey(day)}.gz`);
const logKey = fc.oneof({ weight: 3, arbitrary: plainLogKey }, { weight: 1, arbitrary: zippedLogKey });
const songKey = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1, 2, 3, 4).map((number) => `song_data/A/B/C/TR${number}.json`) },
  { weight: 1, arbitrary: fc.constant('song_data/A/B/C/TR5.json.gz') },
);
const anyKey = fc.oneof(logKey, songKey);

/** U+E000 + n stands for a byte of value n, see `bytesOf`. */
const dirt = fc.constantFrom(
  '{broken',
  '[1]',
  '',
  ' \r',
  '{"ts":1}',
  '\ufeff{"ts":1}',
  '{"ts":1,"page":"\ue0ff"}',
  '\ue000',
  '"',
);
const eventLine = fc.oneof(
  { weight: 6, arbitrary: event.map((line) => JSON.stringify(line)) },
  { weight: 1, arbitrary: event.map((line) => `${JSON.stringify(line)}\r`) },
  { weight: 1, arbitrary: dirt },
);
const eventLines = fc.array(eventLine, { maxLength: 6 });
const songLines = fc.oneof(
  song.map((line) => [JSON.stringify(line)]),
  fc.constantFrom<readonly string[]>(['{broken'], [], ['{"title":"\ue0c3"}'], ['{', '}']),
);

/** Mostly something happens to an object; every fourth step or so a run looks at the bucket. */
const bucketStep = [
  { weight: 4, arbitrary: fc.record({ ...of('put'), key: logKey, lines: eventLines }) },
  { weight: 4, arbitrary: fc.record({ ...of('put'), key: songKey, lines: songLines }) },
  { weight: 3, arbitrary: fc.record({ ...of('grow'), key: logKey, lines: eventLines }) },
  { weight: 1, arbitrary: fc.record({ ...of('shrink'), key: logKey }) },
  { weight: 1, arbitrary: fc.record({ ...of('touch'), key: anyKey }) },
  { weight: 1, arbitrary: fc.record({ ...of('damage'), key: zippedLogKey }) },
  { weight: 2, arbitrary: fc.record({ ...of('remove'), key: anyKey }) },
  { weight: 1, arbitrary: fc.record({ ...of('rename'), key: logKey, to: logKey }) },
  { weight: 1, arbitrary: fc.record({ ...of('rename'), key: songKey, to: songKey }) },
  { weight: 1, arbitrary: fc.record({ ...of('copy'), key: logKey, to: logKey }) },
];

const runStep: fc.Arbitrary<RunStep> = fc
  .record({
    batchBytes: fc.constantFrom(1, 600, 1e9),
    asked: fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom('full refresh', 'forget vanished', 'replay') },
    ),
    days: fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom<readonly [number, number]>([1, 1], [1, 2], [2, 4], [9, 9]) },
    ),
    // Most runs get through; the others fail at a statement.
    failAt: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 160 }) },
    ),
  })
  .map(({ asked, days, ...rest }) => ({ kind: 'run', ...rest, ...(days ? { days } : asked && { asked }) }) as const);

const reviseStep = fc.record({ ...of('revise'), revision: fc.nat({ max: revisions.length - 1 }) });

/** Steps without a change of the declaration. */
export const step: fc.Arbitrary<Step> = fc.oneof(...bucketStep, { weight: 6, arbitrary: runStep });

/** Any step. */
export const revisingStep: fc.Arbitrary<Step> = fc.oneof(
  ...bucketStep,
  { weight: 7, arbitrary: runStep },
  { weight: 4, arbitrary: reviseStep },
);

/** The bytes of a text in UTF-8, in which U+E000 + n stands for a byte of value n. */
export function bytesOf(text: string): Buffer {
  const parts = text.split(/([\ue000-\ue0ff])/);
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 1 ? Buffer.of(part.charCodeAt(0) - 0xe000) : Buffer.from(part))),
  );
}
