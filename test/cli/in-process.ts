import { tmpdir } from 'node:os';
import { main } from '../../src/cli/command-line.ts';
import type { Effects } from '../../src/cli/effects.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly environment?: Effects['environment'];
  /** The current folder; the system's temporary folder, where there is no settings file, unless given. */
  readonly folder?: string;
}

/** Runs a command line in this process, as if in a pipe. */
export async function sparkify(
  argv: readonly string[],
  { environment = {}, folder = tmpdir() }: Surroundings = {},
): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const output: Effects['output'] = {
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
    isTerminal: false,
    width: undefined,
    colour: false,
    colourErrors: false,
  };
  const code = await main(argv, { output, environment, folder, now: () => new Date(), onStop: () => () => {} });
  return { code, stdout, stderr };
}

/** As `sparkify` with --json: what stdout holds, which must be one object on one line, and nothing on stderr. */
export async function sparkifyJson(
  argv: readonly string[],
  surroundings?: Surroundings,
): Promise<{ readonly code: number; readonly data: Record<string, unknown> }> {
  const { code, stdout, stderr } = await sparkify([...argv, '--json'], surroundings);
  if (stderr !== '' || !/^\{.*\}\n$/.test(stdout)) throw new Error(`not one JSON object:\n${stdout}\n${stderr}`);
  return { code, data: JSON.parse(stdout) };
}

/** The `error` of a command that must fail under --json. */
export async function sparkifyError(argv: readonly string[], surroundings?: Surroundings): Promise<CommandError> {
  const { code: exitCode, data } = await sparkifyJson(argv, surroundings);
  return { exitCode, ...(data.error as Omit<CommandError, 'exitCode'>) };
}

interface CommandError {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
}
