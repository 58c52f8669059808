import { pick } from '../compose.ts';
import type { Content } from '../content.ts';
import type { Random } from '../random.ts';
import type { Anatomy } from './anatomy.ts';
import type { DamageKind } from './kinds.ts';
import { memberOf, withMember, withoutMember } from './members.ts';

/** What a rewrite draws from and where it may strike. */
export interface Surroundings {
  readonly anatomy: Anatomy;
  readonly random: Random;
}

/** A text, damaged: bytes where it is no longer text, undefined where this damage cannot be done to it. */
export type Rewrite<In extends Surroundings = Surroundings> = (text: string, surroundings: In) => Content | undefined;

/** Kinds that change one object of JSON on its own, whether it is a line or a file. */
export const rewrites = {
  cut: (text, { random }) => text.slice(0, 1 + random.below(text.length - 1)),
  missingBrace: (text) => text.slice(0, -1),
  fractionForInteger: (text, { anatomy, random }) => withMember(text, pick(random, anatomy.integers), () => '4.7'),
  wordForNumber: (text, { anatomy, random }) => withMember(text, pick(random, anatomy.numbers), () => '"abc"'),
  objectForText: (text, { anatomy, random }) =>
    withMember(text, pick(random, anatomy.texts).key, (json) => `{"value":${json}}`),
  missingRequiredKey: (text, { anatomy, random }) => withoutMember(text, pick(random, anatomy.required)),
  missingKey: (text, { anatomy, random }) => withoutMember(text, pick(random, anatomy.optional)),
  unknownKey: (text) => `${text.slice(0, -1)},"device":"tablet"}`,
  nulEscape: (text, surroundings) => withInside(text, '\\u0000', surroundings),
  invalidUtf8,
  overflow,
} as const satisfies Partial<Record<DamageKind, Rewrite>>;

/** A byte that never occurs, a sequence cut short, a slash in two bytes, half a surrogate pair. */
const invalidBytes = [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80]];

/** A character that nothing else here uses. */
const mark = '\ue000';

function invalidUtf8(text: string, surroundings: Surroundings): Uint8Array {
  const [before = '', behind = ''] = withInside(text, mark, surroundings).split(mark);
  const bytes = pick(surroundings.random, invalidBytes);
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(behind)]);
}

/** More bytes than the column takes, though not more characters. */
function overflow(text: string, { anatomy, random }: Surroundings): string {
  const { key, bytes } = pick(random, anatomy.texts);
  return withMember(text, key, () => `"${'é'.repeat(Math.floor(bytes / 2) + 1)}"`);
}

/** The text with an intruder at the end of one of its values that are texts, not null or a number. */
function withInside(text: string, intruder: string, { anatomy, random }: Surroundings): string {
  const filled = anatomy.texts.filter(({ key }) => memberOf(text, key)?.startsWith('"'));
  return withMember(text, pick(random, filled).key, (json) => `${json.slice(0, -1)}${intruder}"`);
}
