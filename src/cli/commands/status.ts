import type { Engine } from '../../engines/engine.ts';
import type { RecentRun } from '../../ledger/read-status.ts';
import { lookOf, wholeNumber, withSettings } from '../options.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const status: Verb = {
  name: 'status',
  summary: 'show how the last run ended, what is loaded and the runs so far',
  examples: ['sparkify status --limit 3'],
  declare: (command) =>
    withSettings(command, ['target']).option('--limit <n>', 'how many runs to list', wholeNumber, 10),
  answer: answerStatus,
};

async function answerStatus({ effects, flags }: Call): Promise<Answer> {
  const [{ readSettings }, { engineOf }, { reading }, { readRuns, readSourceTotals }] = await Promise.all([
    import('../settings.ts'),
    import('../../engines/index.ts'),
    import('../../pipeline/verify.ts'),
    import('../../ledger/read-status.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const engine = engineOf(settings.target);
  const { runs, sources } = await reading(settings.target, async (session) => ({
    runs: (await readRuns(session, Number(flags.limit))).map((run) => asSeen(run, engine)),
    sources: await readSourceTotals(session),
  }));
  return {
    data: { runs, sources },
    text: async () => (await import('../render/status.ts')).renderStatus({ runs, sources }, lookOf(effects.output)),
  };
}

/** Who can read where a writer excludes readers knows that no run is under way: one that never ended has died. */
function asSeen(run: RecentRun, { excludesReaders }: Engine): RecentRun {
  return excludesReaders && run.state === 'running' ? { ...run, state: 'died' } : run;
}
