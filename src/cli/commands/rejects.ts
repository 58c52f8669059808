import { didYouMean, SparkifyError } from '../../errors.ts';
import type { RejectFilter } from '../../ledger/read-rejects.ts';
import type { Warehouse } from '../../model/warehouse.ts';
import { lookOf, textFlag, wholeNumber, withSettings } from '../options.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const rejects: Verb = {
  name: 'rejects',
  summary: 'list the lines that did not fit, with where they stand and why',
  examples: ['sparkify rejects --source events --reason "not a number" --limit 5'],
  declare: (command) =>
    withSettings(command, ['target', 'warehouse'])
      .option('--source <name>', 'of one source only')
      .option('--reason <text>', 'only where the reason holds this text')
      .option('--run <id>', 'those of one run, also of one that failed')
      .option('--limit <n>', 'how many to list', wholeNumber, 20),
  answer: answerRejects,
};

async function answerRejects({ effects, flags }: Call): Promise<Answer> {
  const [{ readSettings }, { loadWarehouse }, { reading }] = await Promise.all([
    import('../settings.ts'),
    import('../load-warehouse.ts'),
    import('../../pipeline/verify.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const filter = {
    source: textFlag(flags.source),
    reason: textFlag(flags.reason),
    runId: textFlag(flags.run),
  };
  refuseUnknownSource(await loadWarehouse(settings.warehouse, effects.folder), filter);
  const report = await reading(settings.target, async (session) => {
    const { hasRun, readRejects } = await import('../../ledger/read-rejects.ts');
    if (filter.runId !== undefined && !(await hasRun(session, filter.runId))) throw unknownRun(filter.runId);
    return readRejects(session, filter, Number(flags.limit));
  });
  return {
    data: report,
    text: async () => (await import('../render/rejects.ts')).renderRejects(report, lookOf(effects.output)),
  };
}

function refuseUnknownSource({ staging }: Warehouse, { source }: RejectFilter): void {
  const names = staging.map((table) => table.source.name);
  if (source === undefined || names.includes(source)) return;
  throw new SparkifyError('USAGE', `There is no source '${source}'.`, {
    hint: `${didYouMean(source, names)}Sources are ${names.join(', ')}.`,
  });
}

function unknownRun(runId: string): SparkifyError {
  return new SparkifyError('USAGE', `There is no run '${runId}'.`, { hint: '`sparkify status` lists the runs.' });
}
