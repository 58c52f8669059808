import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** One measured process. */
export interface Measurement {
  /** From spawn to exit. */
  readonly wallMs: number;
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  /** The most memory it held at once, in MiB. */
  readonly maxRssMb: number;
}

export interface NodeCommand {
  readonly script: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const hook = resolve(import.meta.dirname, 'usage-hook.mjs');

/** Runs a script in a Node process of its own. @throws when it exits with another code than 0 */
export async function measure({ script, args, env = {} }: NodeCommand): Promise<Measurement> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', hook, script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [errors, usage] = [collect(child.stdio[2]), collect(child.stdio[3])];
  const code = await new Promise<number | null>((done) => child.on('exit', done));
  const wallMs = performance.now() - startedAt;
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} exited with ${code}:\n${await errors}`);
  return { wallMs, ...(JSON.parse(await usage) as Pick<Measurement, 'cpuMs' | 'maxRssMb'>) };
}

async function collect(stream: unknown): Promise<string> {
  let text = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) text += chunk.toString();
  return text;
}

/** The value in the middle; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

export interface Comparison {
  readonly ours: Measurement;
  readonly peer: Measurement;
  /** Median of the ratios of wall time, pair by pair. */
  readonly ratio: number;
  readonly ratios: readonly number[];
}

/** Runs the two in turn, after one pair that does not count, and compares them pair by pair. */
export async function compare(
  pairs: number,
  ours: () => Promise<Measurement>,
  peer: () => Promise<Measurement>,
): Promise<Comparison> {
  await peer();
  await ours();
  const [mine, theirs]: [Measurement[], Measurement[]] = [[], []];
  for (let pair = 0; pair < pairs; pair += 1) {
    theirs.push(await peer());
    mine.push(await ours());
  }
  const ratios = mine.map(({ wallMs }, index) => wallMs / (theirs[index]?.wallMs ?? Number.NaN));
  return { ours: middleOf(mine), peer: middleOf(theirs), ratio: median(ratios), ratios };
}

function middleOf(measured: readonly Measurement[]): Measurement {
  const of = (field: keyof Measurement) => median(measured.map((measurement) => measurement[field]));
  return { wallMs: of('wallMs'), cpuMs: of('cpuMs'), maxRssMb: Math.max(...measured.map(({ maxRssMb }) => maxRssMb)) };
}
