import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { GeneratedSummary } from '../../generator/generate.ts';
import type { RunReport } from '../../pipeline/report.ts';
import type { VerifyReport } from '../../pipeline/verify.ts';
import { nextCommands } from '../next-command.ts';
import { lookOf } from '../options.ts';
import type { Answer, Call, Verb } from '../verb.ts';
import { toolVersion } from '../version.ts';

export const demo: Verb = {
  name: 'demo',
  summary: 'generate a month of data, load it, check it and answer a question',
  examples: ['sparkify demo --dir ./demo'],
  declare: (command) => command.option('--dir <dir>', 'where the data and the warehouse go', 'demo'),
  answer: answerDemo,
};

interface Demonstrated {
  readonly bucket: string;
  readonly target: string;
  /** undefined where the data was there already. */
  readonly generated: GeneratedSummary | undefined;
  readonly run: RunReport;
  readonly verify: VerifyReport;
}

async function answerDemo(call: Call): Promise<Answer> {
  const folder = resolve(call.effects.folder, String(call.flags.dir));
  const bucket = join(folder, 'bucket');
  const target = `duckdb:${join(folder, 'sparkify.duckdb')}`;
  const generated = existsSync(bucket) ? undefined : await generateBucket(bucket, call);
  const { run, verify } = await loadAndCheck(bucket, target, call);
  const { isWhole } = await import('../running.ts');
  const data = { bucket, target, generated, run, verify };
  return { data, text: () => render(data, call), passed: verify.passed && isWhole(run) };
}

/** Written beside and renamed, so that a demo that was interrupted does not leave half a month. */
async function generateBucket(bucket: string, { effects, json }: Call): Promise<GeneratedSummary> {
  const { generateWatched } = await import('../generating.ts');
  const unfinished = `${bucket}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const summary = await generateWatched({ out: unfinished }, effects, json);
  await rename(unfinished, bucket);
  return { ...summary, out: bucket };
}

async function loadAndCheck(
  root: string,
  target: string,
  { effects, json }: Call,
): Promise<Pick<Demonstrated, 'run' | 'verify'>> {
  const [{ sparkify: warehouse }, { runWatched }, { verify }] = await Promise.all([
    import('../../sparkify/warehouse.ts'),
    import('../running.ts'),
    import('../../pipeline/verify.ts'),
  ]);
  const run = await runWatched({ warehouse, root, target, toolVersion: toolVersion() }, effects, json);
  return { run, verify: await verify(warehouse, target) };
}

async function render({ run, verify, target }: Demonstrated, { effects }: Call): Promise<string> {
  const [{ renderRunReport }, { renderChecks }, { renderChart }, { renderNextSteps }] = await Promise.all([
    import('../render/run-report.ts'),
    import('../render/checks.ts'),
    import('../render/chart.ts'),
    import('../render/next-steps.ts'),
  ]);
  const look = lookOf(effects.output);
  const shown = `duckdb:${relative(effects.folder, target.slice('duckdb:'.length))}`;
  const { title, result } = await topSongs(target);
  const command = nextCommands(effects, {
    target: shown,
    warehouse: undefined,
    given: { target: true, warehouse: false },
  });
  return [
    renderRunReport(run, look.paint),
    ...(run.outcome === 'nothing new' ? [renderChecks(verify.checks, look.paint)] : []),
    `${look.paint.bold(title)}\n\n${renderChart(result, look) ?? 'No song was played.'}`,
    renderNextSteps(
      [
        { command: command('query'), shows: 'the questions it can answer' },
        { command: command('status'), shows: 'what is loaded and the runs so far' },
        { command: nextCommands(effects)('run --from s3://BUCKET'), shows: 'load your own data' },
      ],
      look.paint,
    ),
  ].join('\n\n');
}

async function topSongs(target: string) {
  const [{ sparkify }, { queryNamed }, { reading }] = await Promise.all([
    import('../../sparkify/warehouse.ts'),
    import('../../quality/queries.ts'),
    import('../../pipeline/verify.ts'),
  ]);
  const { title, sql } = await queryNamed(sparkify, 'top_songs');
  return { title, result: await reading(target, (session) => session.query(sql)) };
}
