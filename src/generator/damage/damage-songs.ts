import { stagingSongs } from '../../sparkify/staging.ts';
import { pick } from '../compose.ts';
import type { Content } from '../content.ts';
import { createRandom } from '../random.ts';
import { anatomyOf } from './anatomy.ts';
import { createTally, type DamageKind, type Planted } from './kinds.ts';
import { type Rewrite, rewrites } from './rewrites.ts';

/** An object of the bucket. */
export interface SongObject {
  readonly key: string;
  readonly content: Content;
}

/** Damage to the files of songs. Songs are asked for in their order. */
export interface SongDamage {
  /** The objects to write for a song: one, or two of the same content. */
  damaged(key: string, json: string): readonly SongObject[];
  planted(): readonly Planted[];
}

/** Damages this share of the songs, 0…1, each kind as often as the others. Its draws disturb no others. */
export function createSongDamage(seed: number, share: number): SongDamage {
  const random = createRandom(seed, 'damaged songs');
  const tally = createTally('songs');
  const surroundings = { anatomy: anatomyOf(stagingSongs), random };
  return {
    damaged(key, json) {
      if (!random.chance(share)) return [{ key, content: json }];
      const kind = pick(random, kinds);
      tally.add(kind);
      if (kind === 'duplicate') return [key, keyOfCopy(key)].map((name) => ({ key: name, content: json }));
      return [{ key, content: songRewrites[kind](json, surroundings) ?? json }];
    },
    planted: tally.rows,
  };
}

const songRewrites = {
  ...rewrites,
  byteOrderMark: (json) => `\ufeff${json}`,
  carriageReturn: (json) => `${json}\r\n`,
} as const satisfies Partial<Record<DamageKind, Rewrite>>;

const kinds = ['duplicate', ...(Object.keys(songRewrites) as (keyof typeof songRewrites)[])] as const;

/** In the same folder, and the key of no other song. */
function keyOfCopy(key: string): string {
  return key.replace(/\.json$/, '-copy.json');
}
