/** Where a command writes. Nothing else in cli/ touches the standard streams, save the live display of listr2. */
export interface Output {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Whether a person watches stdout: a terminal that can be drawn on. */
  readonly isTerminal: boolean;
  /** Columns of the terminal, or undefined in a pipe, where nothing is cut. */
  readonly width: number | undefined;
  readonly colour: boolean;
  readonly colourErrors: boolean;
}

/** What a command does besides its work, each with a real default. */
export interface Effects {
  readonly output: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder: where `sparkify.config.json` is looked for and what a warehouse module is relative to. */
  readonly folder: string;
  readonly now: () => Date;
}

export function realEffects(): Effects {
  return { output: standardOutput(), environment: process.env, folder: process.cwd(), now: () => new Date() };
}

// The global: importing node:process opens stdin as well.
function standardOutput(): Output {
  const { env, stderr, stdout } = process;
  const isTerminal = stdout.isTTY === true && env.TERM !== 'dumb';
  const colour = isTerminal && !env.NO_COLOR;
  return {
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    isTerminal,
    width: isTerminal ? stdout.columns || 80 : undefined,
    colour,
    colourErrors: colour && stderr.isTTY === true,
  };
}
