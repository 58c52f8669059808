import type { TargetProbe } from '../engine.ts';
import { parseAddress } from './address.ts';
import { openConnection } from './connection.ts';

/** Connects and disconnects. */
export async function probeRedshift(target: string): Promise<TargetProbe> {
  const connection = await openConnection(parseAddress(target), {});
  await connection.end();
  return { version: connection.place.version, exists: true };
}
