import { Option } from 'commander';
import { didYouMean, SparkifyError } from '../../errors.ts';
import type { RejectFilter } from '../../ledger/read-rejects.ts';
import type { Warehouse } from '../../model/warehouse.ts';
import { lookOf, textFlag, wholeNumber, withSettings } from '../options.ts';
import type { LeftOutLine } from '../render/rejects.ts';
import type { Flags } from '../settings.ts';
import type { Answer, Call, Verb } from '../verb.ts';

/** Flags that choose what is listed. */
const narrowing = ['source', 'object', 'reason', 'run', 'limit'];
/** Flags of the run that a replay is. */
const replaying = { from: '--from', maxConflicts: '--max-conflicts', wait: '--wait', yes: '--yes' } as const;

export const rejects: Verb = {
  name: 'rejects',
  summary: 'list the lines that did not fit, with where they stand and why; load them again after a fix',
  examples: [
    'sparkify rejects --source events --reason "not a number" --limit 5',
    'sparkify rejects --object 2018-11-30-events.json',
    'sparkify rejects --replay --from ./data',
  ],
  declare: (command) =>
    withSettings(command, ['from', 'target', 'warehouse', 'maxConflicts', 'wait'])
      .option('--source <name>', 'of one source only')
      .option('--object <text>', 'only of objects whose name holds this text')
      .option('--reason <text>', 'only where the reason holds this text')
      .option('--run <id>', 'those of one run, also of one that failed')
      .option('--limit <n>', 'how many to list', wholeNumber, 20)
      .addOption(
        new Option('--replay', "run, and land the objects that hold them again under today's rules").conflicts(
          narrowing,
        ),
      )
      .option('--yes', 'with --replay: however many objects are landed again')
      .addHelpText('after', `\n${Object.values(replaying).join(', ')} go with --replay only.`),
  answer: (call) => (call.flags.replay === true ? answerReplay(call) : answerRejects(call)),
};

async function answerRejects({ effects, flags }: Call): Promise<Answer> {
  refuseWithoutReplay(flags);
  const [{ readSettings }, { loadWarehouse }, { reading }] = await Promise.all([
    import('../settings.ts'),
    import('../load-warehouse.ts'),
    import('../../pipeline/verify.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const filter = {
    source: textFlag(flags.source),
    object: textFlag(flags.object),
    reason: textFlag(flags.reason),
    runId: textFlag(flags.run),
  };
  refuseUnknownSource(await loadWarehouse(settings.warehouse, effects.folder), filter);
  const { total, rejects } = await reading(settings.target, async (session) => {
    const { hasRun, readRejects } = await import('../../ledger/read-rejects.ts');
    if (filter.runId !== undefined && !(await hasRun(session, filter.runId))) throw unknownRun(filter.runId);
    return readRejects(session, filter, Number(flags.limit));
  });
  const { isWholeLine } = await import('../../land/raw-text.ts');
  const listed = rejects.map((line) => ({ ...line, replayable: !line.vanished || isWholeLine(line.rawText) }));
  const report = { total, rejects: listed };
  return {
    data: report,
    text: async () => (await import('../render/rejects.ts')).renderRejects(report, lookOf(effects.output)),
  };
}

/** What a replay leaves out is read from the ledger up to so many lines, each of up to 65,000 bytes. */
const leftOutAtMost = 1_000;

async function answerReplay({ effects, flags, json }: Call): Promise<Answer> {
  const [{ readSettings }, { isWhole, runOptions, runWatched }] = await Promise.all([
    import('../settings.ts'),
    import('../running.ts'),
  ]);
  const settings = await readSettings(flags, effects);
  const options = { ...(await runOptions(settings, effects)), replay: true, yes: flags.yes === true };
  const report = await runWatched(options, effects, json);
  const notReplayable = await linesLeftOut(settings.target);
  return {
    data: { ...report, notReplayable },
    text: async () => {
      const [{ renderRun }, { renderLeftOut }] = await Promise.all([
        import('./run.ts'),
        import('../render/rejects.ts'),
      ]);
      return [...renderLeftOut(notReplayable), await renderRun(report, settings, effects)].join('\n\n');
    },
    passed: isWhole(report),
  };
}

/** Of objects that are in the root no more, and whose text in the ledger is not the whole line. */
async function linesLeftOut(target: string): Promise<readonly LeftOutLine[]> {
  const [{ reading }, { readRejects }, { isWholeLine }] = await Promise.all([
    import('../../pipeline/verify.ts'),
    import('../../ledger/read-rejects.ts'),
    import('../../land/raw-text.ts'),
  ]);
  const { rejects } = await reading(target, (session) => readRejects(session, { vanished: true }, leftOutAtMost));
  return rejects
    .filter(({ rawText }) => !isWholeLine(rawText))
    .map(({ source, uri, line, column, reason }) => ({ source, uri, line, column, reason }));
}

function refuseWithoutReplay(flags: Flags): void {
  const [stray] = Object.entries(replaying).filter(([name]) => flags[name] !== undefined);
  if (stray)
    throw new SparkifyError('USAGE', `${stray[1]} goes with --replay only.`, { hint: 'Listing reads the target.' });
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
