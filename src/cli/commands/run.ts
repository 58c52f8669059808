import { type RunReport, stages } from '../../pipeline/report.ts';
import { run as runPipeline } from '../../pipeline/run.ts';
import type { Effects } from '../effects.ts';
import { loadWarehouse } from '../load-warehouse.ts';
import { nextCommands } from '../next-command.ts';
import { lookOf, withSettings } from '../options.ts';
import { watching } from '../progress/watching.ts';
import type { NextStep } from '../render/next-steps.ts';
import { renderNothingNew } from '../render/nothing-new.ts';
import { readSettings, rootOf, type Settings } from '../settings.ts';
import type { Answer, Call, Verb } from '../verb.ts';
import { toolVersion } from '../version.ts';
import { answerPlan } from './plan.ts';

export const run: Verb = {
  name: 'run',
  summary: 'bring the warehouse to what the root holds, in one transaction',
  examples: [
    'sparkify run --from s3://sparkify-dend --target duckdb:sparkify.duckdb',
    'sparkify run --from ./data --full-refresh --json',
  ],
  declare: (command) =>
    withSettings(command, ['from', 'target', 'warehouse', 'maxConflicts', 'wait'])
      .option('--full-refresh', 'read every object again, also those whose content changed')
      .option('--dry-run', 'only show what would be read, as `plan` does'),
  answer: (call) => (call.flags.dryRun === true ? answerPlan(call) : answerRun(call)),
};

async function answerRun({ effects, flags, json }: Call): Promise<Answer> {
  const settings = await readSettings(flags, effects);
  const options = {
    warehouse: await loadWarehouse(settings.warehouse, effects.folder),
    root: rootOf(settings),
    target: settings.target,
    toolVersion: toolVersion(),
    fullRefresh: flags.fullRefresh === true,
    maxConflicts: settings.maxConflicts,
    waitMs: settings.waitMs,
  };
  const report = await watching({ effects, json, stages }, (observe) =>
    runPipeline(options, { observe, now: effects.now }),
  );
  return { data: report, text: () => render(report, settings, effects) };
}

async function render(report: RunReport, settings: Settings, effects: Effects): Promise<string> {
  const { paint } = lookOf(effects.output);
  if (report.outcome === 'nothing new') return renderNothingNew(report, paint);
  const { renderRunReport } = await import('../render/run-report.ts');
  const { renderNextSteps } = await import('../render/next-steps.ts');
  const steps = nextSteps(report, settings, nextCommands(effects, settings));
  return `${renderRunReport(report, paint)}\n\n${renderNextSteps(steps, paint)}`;
}

function nextSteps({ sources }: RunReport, { warehouse }: Settings, command: (words: string) => string): NextStep[] {
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
    { command: command('status'), shows: 'what is loaded and the runs so far' },
  ];
}
