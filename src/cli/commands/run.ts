import type { RunReport } from '../../pipeline/report.ts';
import type { Effects } from '../effects.ts';
import { nextCommands } from '../next-command.ts';
import { lookOf, withRequests, withSettings } from '../options.ts';
import type { NextStep } from '../render/next-steps.ts';
import { renderNothingNew } from '../render/nothing-new.ts';
import { requestsOf } from '../requests.ts';
import { isWhole, runOptions, runWatched } from '../running.ts';
import { readSettings, type Settings } from '../settings.ts';
import type { Answer, Call, Verb } from '../verb.ts';
import { answerPlan } from './plan.ts';

export const run: Verb = {
  name: 'run',
  summary: 'bring the warehouse to what the root holds, in batches of one transaction each',
  examples: [
    'sparkify run --from s3://sparkify-dend --target duckdb:sparkify.duckdb',
    'sparkify run --from ./data --since 2018-11-01 --until 2018-11-07',
    'sparkify run --from ./data --full-refresh --max-rejects 1% --json',
  ],
  declare: (command) =>
    withRequests(
      withSettings(command, [
        'from',
        'target',
        'warehouse',
        'maxConflicts',
        'maxRejects',
        'onDrift',
        'batchBytes',
        'wait',
      ]),
    )
      .option('--allow-shrink', 'accept objects that were replaced by less than half of their lines')
      .option('--take-over', 'end the session of a run that died with its host and holds the warehouse still')
      .option('--dry-run', 'only show what would be read, as `plan` does'),
  answer: (call) => (call.flags.dryRun === true ? answerPlan(call) : answerRun(call)),
};

async function answerRun({ effects, flags, json }: Call): Promise<Answer> {
  const settings = await readSettings(flags, effects);
  const asked = { ...requestsOf(flags), allowShrink: flags.allowShrink === true, takeOver: flags.takeOver === true };
  const report = await runWatched({ ...(await runOptions(settings, effects)), ...asked }, effects, json);
  return { data: report, text: () => renderRun(report, settings, effects), passed: isWhole(report) };
}

/** The report with where to look next. */
export async function renderRun(report: RunReport, settings: Settings, effects: Effects): Promise<string> {
  const { paint } = lookOf(effects.output);
  if (report.outcome === 'nothing new') return renderNothingNew(report, paint);
  const { renderRunReport } = await import('../render/run-report.ts');
  const { renderNextSteps } = await import('../render/next-steps.ts');
  const steps = nextSteps(report, settings, effects);
  return `${renderRunReport(report, paint)}\n\n${renderNextSteps(steps, paint)}`;
}

function nextSteps({ sources }: RunReport, settings: Settings, effects: Effects): NextStep[] {
  const { warehouse } = settings;
  const command = nextCommands(effects, settings);
  const rejected = sources.some(({ linesRejected }) => linesRejected > 0);
  const rejects = { command: command('rejects'), shows: 'the lines that did not fit, and why' };
  const answer = {
    command: command('query top_songs --format chart'),
    shows: 'an answer; `sparkify query` lists the others',
  };
  const questions = { command: command('query'), shows: 'the questions it can answer' };
  return [
    ...(rejected ? [rejects] : []),
    warehouse === undefined ? answer : questions,
    { command: command('verify'), shows: 'every check again' },
    // It tells of the target whatever was declared for it.
    {
      command: nextCommands(effects, { ...settings, warehouse: undefined })('status'),
      shows: 'what is loaded and the runs so far',
    },
  ];
}
