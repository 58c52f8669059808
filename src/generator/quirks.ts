import type { Random } from './random.ts';

/** A change to a few of many texts; a number means the text it is written as. */
interface Quirk {
  /** Of 10,000 texts, how many. */
  readonly often: number;
  readonly change: (text: string, random: Random) => string | number;
}

/** What careless hands and programs did to the texts of a catalogue, as often as in the real one. */
export type Quirks = readonly Quirk[];

const number = (_: string, random: Random) => 1 + random.below(3000);
const quoted = (text: string) => text.replace(/[^ ]+$/, '"$&"');
const blankBehind = (text: string) => `${text} `;

export const titleQuirks: Quirks = [
  { often: 24, change: (text) => `That\u0019s ${text}` },
  { often: 20, change: quoted },
  { often: 12, change: number },
  { often: 1, change: (_, random) => random.below(100) + 0.5 },
  { often: 6, change: blankBehind },
  { often: 3, change: (text) => ` ${text}` },
];

export const nameQuirks: Quirks = [
  { often: 14, change: number },
  { often: 8, change: quoted },
];

export const locationQuirks: Quirks = [
  { often: 50, change: blankBehind },
  { often: 40, change: (text) => text.replace(/[a-z]+/, '\ufffd') },
  { often: 12, change: number },
  { often: 5, change: (text) => `<a href="https://example.org/">${text}</a>` },
];

/** The text, or what one of the quirks makes of it. */
export function quirky(random: Random, text: string, quirks: Quirks): string | number {
  let point = random.below(10_000);
  for (const { often, change } of quirks) {
    if (point < often) return change(text, random);
    point -= often;
  }
  return text;
}
