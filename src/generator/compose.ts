import type { Random } from './random.ts';
import { createPicker } from './weighted.ts';
import { femaleNames, maleNames } from './words/first-names.ts';
import { adjectives, foreignNouns, nouns, verbs, versions } from './words/music.ts';

/** One of the values, each as likely as the others; there must be one. */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new RangeError('Nothing to pick from.');
  return value;
}

/** A title as catalogues write it: capitalised, often with a version in brackets, `_` where a comma was. Not unique. */
export function composeTitle(random: Random): string {
  const title = compose(random, titlePatterns, pickTitlePattern);
  return random.chance(0.12) ? `${title} (${pick(random, versions)})` : title;
}

/** A source of artist names: each is given once, but for the few that two artists share. */
export function createArtistNames(random: Random): () => string {
  const given = new Map<string, number>();
  const names: string[] = [];
  return () => {
    if (names.length > 0 && random.chance(sharedShare)) return pick(random, names);
    const name = drawName(random, given);
    const times = (given.get(name) ?? 0) + 1;
    given.set(name, times);
    names.push(times === 1 ? name : `${name} ${times}`);
    return names.at(-1) ?? name;
  };
}

/** Draws a word at each call. */
interface Words {
  noun(): string;
  nouns(): string;
  adjective(): string;
  verb(): string;
  first(): string;
}

type Pattern = readonly [weight: number, write: (words: Words) => string];

const titlePatterns: readonly Pattern[] = [
  [8, ({ noun }) => noun()],
  [36, ({ adjective, noun }) => `${adjective()} ${noun()}`],
  [10, ({ adjective, noun }) => `The ${adjective()} ${noun()}`],
  [14, ({ verb, noun }) => `${verb()} The ${noun()}`],
  [6, ({ verb, adjective, nouns }) => `${verb()} ${adjective()} ${nouns()}`],
  [5, ({ adjective, noun }) => `${noun()} Of The ${adjective()} ${noun()}`],
  [9, ({ verb, adjective, noun }) => `Don't ${verb()} My ${adjective()} ${noun()}`],
  [5, ({ noun, nouns }) => `No ${nouns()} In My ${noun()}`],
  [4, ({ first, adjective, noun }) => `${first()} And The ${adjective()} ${noun()}`],
  [1, ({ verb }) => `${verb()} Me_ ${verb()} Me`],
  [1, ({ noun, adjective, nouns }) => `${noun()} For ${adjective()} ${nouns()}_ Or How To ${adjective()} ${noun()}`],
  [
    1,
    ({ verb, first, noun, nouns }) => `${verb()} The ${nouns()} That ${first()} Left Behind The ${noun()} Last Night`,
  ],
];
const pickTitlePattern = createPicker(titlePatterns.map(([weight]) => weight));

const namePatterns: readonly Pattern[] = [
  [200, ({ adjective, nouns }) => `The ${adjective()} ${nouns()}`],
  [260, ({ first, adjective }) => `${first()} ${adjective()}`],
  [260, ({ first, noun }) => `${first()} ${noun()}`],
  [60, ({ first, adjective, nouns }) => `${first()} & The ${adjective()} ${nouns()}`],
  [120, ({ noun }) => `${noun()} ${noun()}`],
  [60, ({ adjective, noun }) => `DJ ${adjective()} ${noun()}`],
  [60, ({ adjective, noun }) => `${adjective()} ${noun()} Orchestra`],
  [12, ({ first, noun }) => `${first()} & ${first()}'s ${noun()}`],
  [60, ({ first }) => `${first()} & ${first()}`],
  [4, ({ first, adjective }) => `${adjective()}_ ${first()} & ${first()}`],
];
const pickNamePattern = createPicker(namePatterns.map(([weight]) => weight));

/** Share of the artists that have the name of another one. */
const sharedShare = 0.006;

/** Share of the nouns that need more than ASCII. */
const foreignShare = 0.03;

/** A name that nobody has, unless four in a row are taken. */
function drawName(random: Random, given: ReadonlyMap<string, number>): string {
  let name = compose(random, namePatterns, pickNamePattern);
  for (let tries = 1; tries < 4 && given.has(name); tries += 1) name = compose(random, namePatterns, pickNamePattern);
  return name;
}

function compose(random: Random, patterns: readonly Pattern[], pickPattern: (random: Random) => number): string {
  const pattern = patterns[pickPattern(random)];
  if (pattern === undefined) throw new RangeError('No pattern to compose by.');
  return pattern[1](wordsOf(random));
}

function wordsOf(random: Random): Words {
  return {
    noun: () => pick(random, random.chance(foreignShare) ? foreignNouns : nouns),
    nouns: () =>
      pick(random, nouns)
        .replace(/([^aeiou])y$/, '$1ie')
        .replace(/s?$/, 's'),
    adjective: () => pick(random, adjectives),
    verb: () => pick(random, verbs),
    first: () => pick(random, random.chance(0.5) ? femaleNames : maleNames),
  };
}
