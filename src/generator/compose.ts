import type { Random } from './random.ts';
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
  const title = bareTitle(random);
  return random.chance(0.12) ? `${title} (${pick(random, versions)})` : title;
}

/** A source of artist names, each given once. */
export function createArtistNames(random: Random): () => string {
  const given = new Map<string, number>();
  return () => {
    const name = bareArtistName(random);
    const times = (given.get(name) ?? 0) + 1;
    given.set(name, times);
    return times === 1 ? name : `${name} ${times}`;
  };
}

function bareTitle(random: Random): string {
  const noun = () => pick(random, random.chance(0.03) ? foreignNouns : nouns);
  const adjective = () => pick(random, adjectives);
  const verb = () => pick(random, verbs);
  switch (random.below(9)) {
    case 0:
      return noun();
    case 1:
      return `The ${adjective()} ${noun()}`;
    case 2:
      return `${verb()} The ${noun()}`;
    case 3:
      return `${noun()} Of The ${adjective()} ${noun()}`;
    case 4:
      return `Don't ${verb()} My ${noun()}`;
    case 5:
      return `${verb()} Me_ ${verb()} Me`;
    case 6:
      return `No ${noun()} In ${noun()}`;
    default:
      return `${adjective()} ${noun()}`;
  }
}

function bareArtistName(random: Random): string {
  const noun = () => pick(random, random.chance(0.03) ? foreignNouns : nouns);
  const adjective = () => pick(random, adjectives);
  const first = () => pick(random, random.chance(0.5) ? femaleNames : maleNames);
  const band = () => pick(random, nouns).replace(/s?$/, 's');
  switch (random.below(8)) {
    case 0:
    case 1:
      return `The ${adjective()} ${band()}`;
    case 2:
      return `${first()} & The ${adjective()} ${band()}`;
    case 3:
      return `${noun()} ${noun()}`;
    case 4:
      return `DJ ${adjective()} ${noun()}`;
    case 5:
      return `${adjective()} ${noun()} Orchestra`;
    default:
      return `${first()} ${adjective()}`;
  }
}
