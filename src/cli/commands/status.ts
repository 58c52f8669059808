import type { Engine, Session } from '../../engines/engine.ts';
import type { RecentRun } from '../../ledger/read-status.ts';
import { lookOf, wholeNumber, withSettings } from '../options.ts';
import type { StatusReport } from '../render/status.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const status: Verb = {
  name: 'status',
  summary: 'show how the last run ended, what is loaded, what vanished or could not be read, and the runs so far',
  examples: ['sparkify status --limit 3'],
  declare: (command) =>
    withSettings(command, ['target']).option('--limit <n>', 'how many runs to list', wholeNumber, 10),
  answer: answerStatus,
};

/** How many vanished and unreadable objects are listed. */
const listed = 10;

async function answerStatus({ effects, flags }: Call): Promise<Answer> {
  const [{ readSettings }, { engineOf }, { reading }] = await Promise.all([
    import('../settings.ts'),
    import('../../engines/index.ts'),
    import('../../pipeline/verify.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const engine = engineOf(settings.target);
  const report = await reading(settings.target, (session) => readStatus(session, engine, Number(flags.limit)));
  return {
    data: report,
    text: async () => (await import('../render/status.ts')).renderStatus(report, lookOf(effects.output)),
  };
}

async function readStatus(session: Session, engine: Engine, limit: number): Promise<StatusReport> {
  const [{ readRoots }, { readRuns, readSourceTotals, readUnreadable, readVanished }] = await Promise.all([
    import('../../ledger/ledger.ts'),
    import('../../ledger/read-status.ts'),
  ]);
  const [last] = await readRuns(session, 1);
  return {
    runs: (await readRuns(session, limit)).map((run) => asSeen(run, engine)),
    roots: await readRoots(session),
    sources: await readSourceTotals(session),
    unreadable: last ? await readUnreadable(session, last.runId, listed) : { total: 0n, first: [] },
    vanished: await readVanished(session, listed),
  };
}

/** Who can read where a writer excludes readers knows that no run is under way: one that never ended has died. */
function asSeen(run: RecentRun, { excludesReaders }: Engine): RecentRun {
  return excludesReaders && run.state === 'running' ? { ...run, state: 'died' } : run;
}
