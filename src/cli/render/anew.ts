import type { OutdatedTable } from '../../pipeline/known.ts';

/**
 * Which tables are computed anew, a sentence for each reason. A target that two models load in turn is told by this
 * alone: each of them undoes what the other has computed.
 */
export function renderAnew(tables: readonly OutdatedTable[]): string[] {
  return reasons.flatMap(([why, says]) => {
    const names = tables.filter((table) => table.why === why).map(({ name }) => name);
    return names.length === 0 ? [] : [`Computed anew, as ${says}: ${names.join(', ')}.`];
  });
}

const reasons = [
  ['missing', 'the target lacks them'],
  ['altered', 'somebody has altered them, or the ledger that tells of their lines'],
  ['without duplicates', 'the target lacks the duplicates or winners of them'],
  ['other definition', 'the last run had another definition of them, or none'],
] as const satisfies readonly (readonly [OutdatedTable['why'], string])[];
