import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { engines } from '../engines/index.ts';
import { codeOf, messageOf, nearest, SparkifyError } from '../errors.ts';
import type { RejectLimit } from '../pipeline/guards.ts';
import type { OnDrift } from '../pipeline/load-batch.ts';
import type { Effects } from './effects.ts';
import { bytesOf, rejectLimitOf } from './quantities.ts';

/** Flags as commander gives them: by camel-case name. */
export type Flags = Readonly<Record<string, unknown>>;

export interface Settings {
  readonly from: string | undefined;
  readonly target: string;
  /** The path of a warehouse module, or undefined for Sparkify's own. */
  readonly warehouse: string | undefined;
  readonly maxConflicts: number;
  readonly maxRejects: RejectLimit | undefined;
  readonly onDrift: OnDrift;
  /** undefined for what a run takes unless it is told. */
  readonly batchBytes: number | undefined;
  /** How long a run waits for another one, in milliseconds. */
  readonly waitMs: number;
  /** Which of these were flags of this command line, so that a command to run next needs them too. */
  readonly given: { readonly target: boolean; readonly warehouse: boolean };
}

/** One place settings come from, and how people call a key there. */
interface Layer {
  readonly values: unknown;
  readonly nameOf: (key: string) => string;
  /** What stands after the name where the name alone does not tell the place. */
  readonly place: string;
}

const configFile = 'sparkify.config.json';
const defaultTarget = 'duckdb:sparkify.duckdb';
/** `--wait` without a number, in seconds. */
const patientWait = 3_600;

/** One setting: what a value must be, and the value that what was written means; undefined where it means none. */
interface Rule<T> {
  readonly must: string;
  readonly parse: (written: unknown) => T | undefined;
}

// The value stays out of the message: a target may hold a password.
const targetForms = `must be written as ${engines.map(({ targetForm }) => targetForm).join(' or ')}`;

// By hand: a library for eight values takes as long to load as a run with nothing new takes for all the rest.
const rules = {
  from: { must: 'must be a folder or s3://bucket/prefix', parse: parseText },
  target: { must: targetForms, parse: parseTarget },
  warehouse: { must: 'must be the path of a module', parse: parseText },
  maxConflicts: { must: 'must be a whole number from 0', parse: parseWhole },
  maxRejects: {
    must: 'must be a whole number from 0, or a percentage as 1%',
    parse: (written) => rejectLimitOf(String(written)),
  },
  onDrift: {
    must: 'must be warn or fail',
    parse: (written) => (written === 'warn' || written === 'fail' ? written : undefined),
  },
  batchBytes: { must: 'must be a size as 500MB or 4GiB', parse: (written) => bytesOf(String(written)) },
  wait: { must: 'must be a whole number of seconds from 0', parse: parseWhole },
} satisfies Record<string, Rule<string | number | RejectLimit>>;

type Values = { readonly [Key in keyof typeof rules]?: ReturnType<(typeof rules)[Key]['parse']> };

const keys = Object.keys(rules);
/** Variables that are no settings but belong to this tool. */
const otherVariables = ['SPARKIFY_DEBUG'];

/**
 * Flags, then `SPARKIFY_*` variables, then `sparkify.config.json` in the current folder, then defaults.
 * @throws USAGE listing every problem of all of them, each with where it comes from
 */
export async function readSettings(flags: Flags, { environment, folder }: Effects): Promise<Settings> {
  const layers = [configLayer(folder), environmentLayer(environment), flagLayer(flags)];
  const parsed = layers.map(parseLayer);
  const problems = parsed.flatMap((layer) => layer.problems);
  if (problems.length > 0) throw wrongSettings(problems);
  const {
    from,
    target = defaultTarget,
    warehouse,
    maxConflicts = 0,
    maxRejects,
    onDrift = 'warn',
    batchBytes,
    wait = 0,
  }: Values = Object.assign({}, ...parsed.map(({ values }) => values));
  return {
    from,
    target,
    warehouse,
    maxConflicts,
    maxRejects,
    onDrift,
    batchBytes,
    waitMs: wait * 1_000,
    given: { target: flags.target !== undefined, warehouse: flags.warehouse !== undefined },
  };
}

/** @throws USAGE saying how to give the root */
export function rootOf({ from }: Settings): string {
  if (from !== undefined) return from;
  throw new SparkifyError('USAGE', 'There is no root to read from.', {
    hint: `Give --from ROOT (a folder or s3://bucket/prefix), set SPARKIFY_FROM, or write "from" into ${configFile}.`,
  });
}

function configLayer(folder: string): Layer {
  return { values: parseConfig(readConfig(folder)), nameOf: (key) => key, place: ` in ${configFile}` };
}

function readConfig(folder: string): string {
  try {
    return readFileSync(join(folder, configFile), 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return '{}';
    throw wrongSettings([`${configFile} cannot be read: ${messageOf(cause)}`]);
  }
}

function parseConfig(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its message quotes the text, which may hold a password.
    throw wrongSettings([`${configFile} holds no valid JSON`]);
  }
}

/** Variables that are set to nothing are not set. */
function environmentLayer(environment: Effects['environment']): Layer {
  const entries = Object.entries(environment)
    .filter(([name, value]) => name.startsWith('SPARKIFY_') && value !== '' && !otherVariables.includes(name))
    .map(([name, value]) => [keyOfVariable(name), value]);
  return { values: Object.fromEntries(entries), nameOf: variableOf, place: '' };
}

/** Only those flags that are settings; the others are the verb's own. */
function flagLayer(flags: Flags): Layer {
  const entries = keys
    .filter((key) => flags[key] !== undefined)
    .map((key) => [key, flags[key] === true ? patientWait : flags[key]]);
  return { values: Object.fromEntries(entries), nameOf: (key) => `--${words(key).join('-')}`, place: '' };
}

function keyOfVariable(name: string): string {
  return name
    .slice('SPARKIFY_'.length)
    .toLowerCase()
    .replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const variableOf = (key: string): string => `SPARKIFY_${words(key).join('_').toUpperCase()}`;

const words = (key: string): string[] => key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(' ');

interface Parsed {
  readonly values: Values;
  readonly problems: readonly string[];
}

/** Known keys in the order of the rules, then the unknown ones as they come. */
function parseLayer(layer: Layer): Parsed {
  const { values, place, nameOf } = layer;
  if (!isRecord(values)) return { values: {}, problems: [`What stands${place} must be one JSON object`] };
  const written = Object.entries<Rule<unknown>>(rules).filter(([key]) => values[key] !== undefined);
  const read = written.map(([key, { must, parse }]) => ({ key, must, value: parse(values[key]) }));
  const wrong = read.filter(({ value }) => value === undefined);
  const unknown = Object.keys(values).filter((key) => !keys.includes(key));
  return {
    values: Object.fromEntries(read.map(({ key, value }) => [key, value])),
    problems: [...wrong.map(({ key, must }) => `${nameOf(key)}${place} ${must}`), ...unknown.map(noSetting(layer))],
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function noSetting({ nameOf, place }: Layer): (key: string) => string {
  return (key) => {
    const meant = nearest(key, keys);
    const advice =
      meant === undefined ? `Settings are ${keys.map(nameOf).join(', ')}.` : `Did you mean ${nameOf(meant)}?`;
    return `${nameOf(key)}${place} is no setting. ${advice}`;
  };
}

function parseText(written: unknown): string | undefined {
  return typeof written === 'string' && written !== '' ? written : undefined;
}

function parseTarget(written: unknown): string | undefined {
  const target = parseText(written);
  return target !== undefined && engines.some((engine) => engine.accepts(target)) ? target : undefined;
}

/** Flags and variables are text. */
function parseWhole(written: unknown): number | undefined {
  const number = typeof written === 'string' && /^\d+$/.test(written) ? Number(written) : written;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

function wrongSettings(problems: readonly string[]): SparkifyError {
  const list = problems.map((problem) => `\n  - ${problem}`).join('');
  return new SparkifyError(
    'USAGE',
    `${problems.length === 1 ? 'A setting is' : `${problems.length} settings are`} wrong:${list}`,
    {
      hint: `Flags come before SPARKIFY_* variables, and those before ${configFile} in the current folder.`,
      details: { problems },
    },
  );
}
