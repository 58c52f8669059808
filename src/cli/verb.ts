import type { Command } from 'commander';
import type { Effects } from './effects.ts';
import type { Flags } from './settings.ts';

/** What a verb found out, told in one of two ways. */
export interface Answer {
  /** The one object that `--json` prints. Integers too large for a JSON number become text. */
  readonly data: object;
  /** The same for people, without a newline at the end. Only called without `--json`. */
  readonly text: () => string | Promise<string>;
  /** False for exit code 1: the verb did its work and the finding is bad. Default true. */
  readonly passed?: boolean;
}

/** One use of a verb. */
export interface Call {
  readonly effects: Effects;
  readonly flags: Flags;
  /** Positional arguments; undefined for one that was left out. */
  readonly args: readonly (string | undefined)[];
  /** Whether `--json` was given, so that nothing else may be written to stdout. */
  readonly json: boolean;
}

/** A verb of the command line. What needs a package is imported inside `answer`: `--version` must not wait for it. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** Command lines for `--help`, each one line. */
  readonly examples: readonly string[];
  declare(command: Command): Command;
  answer(call: Call): Promise<Answer>;
}
