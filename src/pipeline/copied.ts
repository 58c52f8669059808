import { SparkifyError } from '../errors.ts';
import { isCopied, type LedgerObject } from '../ledger/ledger.ts';
import type { Batch } from './batches.ts';
import { counted } from './count.ts';
import type { Known } from './known.ts';
import type { LandedSource } from './land-source.ts';
import type { Plan } from './plan.ts';

/**
 * OBJECT_COPIED where the plan would read an object again that came by COPY, without all that came with it; or all of
 * them, though one is not there any more.
 */
export function refusedCopied({ sources, isFullRefresh }: Plan, known: Known): SparkifyError | undefined {
  if (isFullRefresh) {
    const absent = sources.flatMap((source) => source.absentCopied);
    return refusal(absent, 'vanished since, and would lose their rows', absentHint);
  }
  const changed = sources.flatMap((source) => source.changed).map(({ known }) => known);
  const outdated = sources.flatMap((source) => source.outdated).map(({ known }) => known);
  const values = outdated.filter((object) => known.altered.some((name) => landsIn(name, object, sources)));
  return (
    refusal(changed.filter(isCopied), 'changed since', changedHint) ??
    refusal(values.filter(isCopied), 'have lost values, as somebody has altered their staging table', outdatedHint) ??
    refusal(outdated.filter(isCopied), 'would be landed by other rules now', outdatedHint)
  );
}

/** What is said of vanished objects that cannot be forgotten. */
export function keptCopied({ sources }: Plan): readonly string[] {
  const kept = sources.flatMap((source) => source.absentCopied);
  if (kept.length === 0) return [];
  return [
    `${counted(kept.length, 'object')} vanished and not forgotten, as COPY loaded them and their rows cannot be told apart:${listed(kept)}`,
  ];
}

/**
 * The rows of a COPY go when its objects are read again, all of them.
 * @throws OBJECT_COPIED where one could not be read, whose rows would be lost
 */
export function confirmAllReadAgain({ sources }: Batch, landed: readonly LandedSource[]): void {
  for (const [index, { copies }] of sources.entries()) {
    const [lost] = landed[index]?.unreadable ?? [];
    if (copies.length === 0 || !lost) continue;
    throw new SparkifyError('OBJECT_COPIED', `A full refresh would lose rows: ${lost.message}`, {
      hint: `${lost.hint ?? ''} It came by COPY, whose rows go when all of its objects are read again.`.trim(),
      details: { uri: lost.uri },
    });
  }
}

const changedHint =
  'With copy=direct objects are taken for immutable. Put them back and new lines under a new key; or have everything read again: --full-refresh.';
const outdatedHint = 'Have everything read again: --full-refresh.';
const absentHint =
  'Put them back. To go on without their rows, drop the staging table and run with --yes: what the root holds is loaded anew.';

function landsIn(name: string, { source }: LedgerObject, sources: Plan['sources']): boolean {
  return sources.some(({ staging }) => staging.name === name && staging.source.name === source);
}

function refusal(objects: readonly LedgerObject[], what: string, hint: string): SparkifyError | undefined {
  if (objects.length === 0) return undefined;
  return new SparkifyError(
    'OBJECT_COPIED',
    `${counted(objects.length, 'object')} that came by COPY ${what}:${listed(objects)}`,
    {
      hint,
      details: { objects: objects.map(({ uri }) => uri) },
    },
  );
}

const shown = 10;

function listed(objects: readonly LedgerObject[]): string {
  const more = objects.length > shown ? `\n  - and ${objects.length - shown} more` : '';
  return (
    objects
      .slice(0, shown)
      .map(({ uri }) => `\n  - ${uri}`)
      .join('') + more
  );
}
