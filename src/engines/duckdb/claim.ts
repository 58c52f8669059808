import type { DuckDBInstance } from '@duckdb/node-api';
import { SparkifyError } from '../../errors.ts';
import type { OpenOptions } from '../engine.ts';

interface Claim {
  readonly mode: OpenOptions['mode'];
  sessions: number;
  /** No longer used, but still open for the sake of the others. */
  readonly instances: DuckDBInstance[];
}

/**
 * The files this process has open. Its locks are its own: they do not keep itself out, and all are lost as soon as one
 * of several descriptors of a file is closed (fcntl(2)), so only the process itself can see to it.
 */
const claims = new Map<string, Claim>();

/**
 * Claims a file inside this process, for one writer or for any number of readers. Instances that readers hand back are
 * closed together, when the last one has.
 * @throws TARGET_IN_USE
 */
export function claim(file: string, mode: OpenOptions['mode']): (instance?: DuckDBInstance) => void {
  const held = claims.get(file) ?? { mode, sessions: 0, instances: [] };
  if (held.sessions > 0 && (mode === 'write' || held.mode === 'write')) throw inUse(file);
  held.sessions += 1;
  claims.set(file, held);
  return (instance) => {
    if (instance) held.instances.push(instance);
    held.sessions -= 1;
    if (held.sessions > 0) return;
    for (const open of held.instances) open.closeSync();
    claims.delete(file);
  };
}

function inUse(file: string): SparkifyError {
  return new SparkifyError('TARGET_IN_USE', `${file} is held open by this very process (PID ${process.pid}).`, {
    hint: 'Await the run or query that is under way before the next one, or give the run a time to wait.',
    details: { path: file, pid: process.pid },
    retryable: true,
  });
}
