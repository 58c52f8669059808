import type { Remembered } from '../engine.ts';
import { parseAddress } from './address.ts';
import { type LandingFolder, openLandingFolder } from './landing-folder.ts';

interface Memory {
  readonly text: string;
  readonly rememberedAtMs: number;
}

const longestMs = 24 * 60 * 60 * 1000;
const memoryKey = 'listing.json';

/**
 * Text kept in the landing prefix, for a day at most: asking the warehouse would wake it, which costs a minute at least
 * (facts 3.9). Whatever of ours writes to the warehouse forgets it first; of a DROP or a restored snapshot it knows
 * nothing.
 */
export async function recall(target: string): Promise<Remembered | undefined> {
  return withFolder(target, async (folder) => {
    const { text, rememberedAtMs = 0 } = JSON.parse((await folder.get(memoryKey)) ?? '{}') as Partial<Memory>;
    const age = Date.now() - rememberedAtMs;
    return text !== undefined && age >= 0 && age < longestMs ? { text, at: new Date(rememberedAtMs) } : undefined;
  });
}

export async function remember(target: string, text: string): Promise<void> {
  const memory: Memory = { text, rememberedAtMs: Date.now() };
  await withFolder(target, (folder) => folder.put(memoryKey, JSON.stringify(memory)));
}

export async function forget(target: string): Promise<void> {
  await withFolder(target, forgetIn);
}

/** Before anything changes in the warehouse. @throws where it cannot, as a memory that is wrong would stay */
export async function forgetIn(folder: LandingFolder): Promise<void> {
  await folder.remove([memoryKey]);
}

/** A memory that is missing, damaged or out of reach is none: the ledger will be asked. */
async function withFolder<T>(target: string, work: (folder: LandingFolder) => Promise<T>): Promise<T | undefined> {
  const address = parseAddress(target);
  if (!address.landing) return undefined;
  const folder = await openLandingFolder(address);
  try {
    return await work(folder);
  } catch {
    return undefined;
  } finally {
    folder.close();
  }
}
