import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Output } from './effects.ts';
import { type Paint, paintFor } from './render/style.ts';

/** Their values are checked in settings.ts, together with variables and the settings file. */
const settingOptions = {
  from: ['--from <root>', 'what to read: a folder or s3://bucket/prefix'],
  target: [
    '--target <uri>',
    'the warehouse: duckdb:PATH, postgres://… or redshift://… (default: duckdb:sparkify.duckdb)',
  ],
  warehouse: ['--warehouse <file>', "a module that exports another warehouse than Sparkify's"],
  maxConflicts: ['--max-conflicts <n>', 'how many keys may have lines that contradict each other (default: 0)'],
  maxRejects: ['--max-rejects <n>', 'how many lines of a run may be rejected: 100, or 1% (default: any)'],
  onDrift: ['--on-drift <what>', 'warn or fail where lines have other keys or types than before (default: warn)'],
  batchBytes: ['--batch-bytes <size>', 'about how much one transaction loads: 500MB, 4GiB (default: 16GiB)'],
  wait: ['--wait [seconds]', 'wait for another run on the target to end, an hour unless said'],
} as const;

export function withSettings(command: Command, names: readonly (keyof typeof settingOptions)[]): Command {
  for (const name of names) {
    const [flags, text] = settingOptions[name];
    command.addOption(new Option(flags, text));
  }
  return command;
}

/** What a run is asked for besides what is new; `plan` shows what would come of it. */
export function withRequests(command: Command): Command {
  return command
    .option('--since <day>', 'only objects of this day (2018-11-30) and later; those without a day in their key always')
    .option('--until <day>', 'only objects up to this day, inclusive')
    .option('--full-refresh', 'read every object again, also what is loaded already')
    .option('--forget-vanished', 'drop the rows of objects that are in the root no more')
    .option('--add-root', 'load this root as well, besides those the target was loaded from')
    .option('--yes', 'do it, however many objects are landed again or forgotten');
}

/** For numbers that are no settings. @throws InvalidArgumentError, which commander reports with the option's name */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('It must be a whole number from 0.');
}

/** A share from 0 to 1. @throws InvalidArgumentError, which commander reports with the option's name */
export function share(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

/** A text flag, or undefined. */
export function textFlag(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** How wide and in which colours to render. */
export function lookOf({ width, colour }: Output): { width: number | undefined; paint: Paint } {
  return { width, paint: paintFor(colour) };
}
