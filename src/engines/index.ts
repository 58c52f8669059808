import { SparkifyError } from '../errors.ts';
import { duckdb } from './duckdb/index.ts';
import type { Engine, OpenOptions, Session } from './engine.ts';
import { postgres } from './postgres/index.ts';
import { redshift } from './redshift/index.ts';

/** Every engine there is. A new one is added here and nowhere else. */
export const engines: readonly Engine[] = Object.freeze([duckdb, postgres, redshift]);

const forms = (): string => engines.map(({ targetForm }) => targetForm).join(', ');

/** @throws TARGET_INVALID listing the forms a target may have */
export function engineOf(target: string): Engine {
  const engine = engines.find(({ accepts }) => accepts(target));
  if (engine) return engine;
  throw new SparkifyError('TARGET_INVALID', `The target does not name an engine this version has.`, {
    hint: `Write it as ${forms()}.`,
  });
}

/** @throws USAGE listing the engines */
export function engineNamed(name: string): Engine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine) return engine;
  throw new SparkifyError('USAGE', `There is no engine '${name}'.`, {
    hint: `Engines are ${engines.map((candidate) => candidate.name).join(', ')}.`,
  });
}

/** Opens a target; the caller closes the session. */
export function openTarget(target: string, options: OpenOptions): Promise<Session> {
  return engineOf(target).open(target, options);
}
