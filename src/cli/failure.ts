import { CommanderError } from 'commander';
import { messageOf, SparkifyError } from '../errors.ts';
import type { Effects } from './effects.ts';
import { type Failure, renderFailure } from './render/failure.ts';
import { renderJson } from './render/json.ts';
import { paintFor } from './render/style.ts';

const usageCodes = ['USAGE', 'TARGET_INVALID'];

/** Tells what went wrong: on stderr for people, on stdout as JSON. Gives the exit code: 2 for wrong usage, else 1. */
export function tellFailure(error: unknown, { output, environment }: Effects, json: boolean): number {
  const failure = failureOf(error);
  const { stack, ...told } = failure;
  if (json) output.write(`${renderJson({ error: told })}\n`);
  else output.writeError(`${renderFailure(failure, paintFor(output.colourErrors))}\n`);
  if (stack !== undefined && environment.SPARKIFY_DEBUG === '1') output.writeError(`${stack}\n`);
  return usageCodes.includes(failure.code) ? 2 : 1;
}

function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return usageFailure(error);
  if (isSparkifyError(error)) {
    const { code, message, hint, details } = error;
    return { code, message, hint, details, stack: error.stack };
  }
  return {
    code: 'BUG',
    message: messageOf(error),
    hint: 'This is a bug in sparkify, not something you did. Please report it with the command you ran; SPARKIFY_DEBUG=1 shows where it happened.',
    details: {},
    stack: error instanceof Error ? error.stack : undefined,
  };
}

// A warehouse module may bring a copy of this package, and with it another class of the same name.
function isSparkifyError(error: unknown): error is SparkifyError {
  return (
    error instanceof SparkifyError || (error instanceof Error && error.name === 'SparkifyError' && 'code' in error)
  );
}

/** commander writes `error: …` and its suggestion on a second line. */
function usageFailure({ message, code }: CommanderError): Failure {
  if (code === 'commander.help') return { code: 'USAGE', message: 'No verb is given.', hint: seeHelp, details: {} };
  const [what = '', ...more] = message.replace(/^error: /, '').split('\n');
  const suggestion = /Did you mean [^)]+/.exec(more.join(' '))?.[0];
  return { code: 'USAGE', message: sentence(what), hint: suggestion ?? seeHelp, details: {} };
}

const seeHelp = 'See sparkify --help.';

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
