import { messageOf, SparkifyError } from '../src/errors.ts';
import { doctor } from '../src/pipeline/doctor.ts';
import type { RunReport } from '../src/pipeline/report.ts';
import { type RunOptions, run } from '../src/pipeline/run.ts';
import { verify } from '../src/pipeline/verify.ts';

/** Something the tool was made to do, and how it went. */
export interface Step {
  readonly name: string;
  readonly passed: boolean;
  readonly result: string;
}

type Outcome = Omit<Step, 'name'>;

/** doctor, the main job, the main job with nothing new, verify: what a user does first. */
export async function takeSteps(options: RunOptions, tell: (text: string) => void): Promise<readonly Step[]> {
  const { warehouse, root, target } = options;
  const findings = async () => doctor({ warehouse, root, target });
  tell('doctor');
  const steps = (await attempted('doctor', findings)).map(({ name, ok, detail, hint }) => ({
    name: `doctor: ${name}`,
    passed: ok,
    result: hint === undefined ? detail : `${detail} → ${hint}`,
  }));
  const rest = [
    ['run', async () => loaded(await run(options))],
    ['run again', async () => nothingNew(await run(options))],
    ['verify', () => verified(options)],
  ] as const;
  for (const [name, work] of rest) {
    tell(name);
    steps.push(await takeStep(name, work));
  }
  return steps;
}

/** What goes wrong is told as the result. */
export async function takeStep(name: string, work: () => Promise<Outcome>): Promise<Step> {
  try {
    return { name, ...(await work()) };
  } catch (error) {
    return { name, passed: false, result: shownFailure(error) };
  }
}

async function attempted(name: string, findings: () => ReturnType<typeof doctor>): ReturnType<typeof doctor> {
  try {
    return await findings();
  } catch (error) {
    return [{ name, ok: false, detail: shownFailure(error) }];
  }
}

function shownFailure(error: unknown): string {
  if (!(error instanceof SparkifyError)) return messageOf(error);
  return `${error.code} ${error.message}${error.hint === undefined ? '' : ` → ${error.hint}`}`;
}

function loaded(report: RunReport): Outcome {
  const { outcome, batches, elapsedMs, tables, unreadable, warnings } = report;
  const rows = tables.map(({ table, rows: count }) => `${table} ${count}`).join(', ');
  const more = [...unreadable.map(({ uri }) => `unreadable: ${uri}`), ...warnings].join('. ');
  return {
    passed: outcome === 'loaded' && unreadable.length === 0 && warnings.length === 0,
    result: `${outcome}, batches: ${batches}, ${seconds(elapsedMs)}. Rows: ${rows}. ${more}`.trim(),
  };
}

function nothingNew({ outcome, elapsedMs }: RunReport): Outcome {
  return { passed: outcome === 'nothing new', result: `${outcome}, ${seconds(elapsedMs)}` };
}

async function verified({ warehouse, target }: RunOptions): Promise<Outcome> {
  const { checks, passed } = await verify(warehouse, target);
  const failed = checks.filter((check) => !check.passed).map(({ name }) => name);
  const those = failed.length === 0 ? '' : `. Not those: ${failed.join(', ')}`;
  return { passed, result: `${checks.length - failed.length} of ${checks.length} checks hold${those}` };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
