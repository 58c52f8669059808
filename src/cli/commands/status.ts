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
  const [{ readSettings }, { reading }, { readRuns, readSourceTotals }] = await Promise.all([
    import('../settings.ts'),
    import('../../pipeline/verify.ts'),
    import('../../ledger/read-status.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const { runs, sources } = await reading(settings.target, async (session) => ({
    runs: await readRuns(session, Number(flags.limit)),
    sources: await readSourceTotals(session),
  }));
  return {
    data: { runs, sources },
    text: async () => (await import('../render/status.ts')).renderStatus({ runs, sources }, lookOf(effects.output)),
  };
}
