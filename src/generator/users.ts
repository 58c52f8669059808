import { pick } from './compose.ts';
import { asciiJson } from './json-text.ts';
import type { Random } from './random.ts';
import { createPicker, type Picker, zipfWeights } from './weighted.ts';
import { femaleNames, maleNames } from './words/first-names.ts';
import { lastNames } from './words/last-names.ts';
import { places } from './words/places.ts';
import { userAgents } from './words/user-agents.ts';

/** What an event says of the person, as fragments of JSON between the fields of the event itself. */
export interface Person {
  readonly firstNameAndGender: string;
  readonly lastName: string;
  readonly location: string;
  readonly registration: string;
  readonly userAgentAndId: string;
}

/** What an event of a guest or of someone logged out says instead. */
export const nobody: Person = Object.freeze({
  firstNameAndGender: ',"firstName":null,"gender":null',
  lastName: ',"lastName":null',
  location: ',"location":null',
  registration: ',"registration":null',
  userAgentAndId: ',"userAgent":null,"userId":""',
});

/** Draws a person: `registeredMs` is whole milliseconds since the epoch, printed as the float it is in the logs. */
export type PersonSource = (userId: number, registeredMs: number, random: Random) => Person;

/** Larger places are likelier. */
export function createPersonSource(): PersonSource {
  const pickPlace: Picker = createPicker(zipfWeights(places.length, 8));
  return (userId, registeredMs, random) => {
    const gender = random.chance(0.6) ? 'F' : 'M';
    const firstName = pick(random, gender === 'F' ? femaleNames : maleNames);
    return {
      firstNameAndGender: `,"firstName":${asciiJson(firstName)},"gender":"${gender}"`,
      lastName: `,"lastName":${asciiJson(pick(random, lastNames))}`,
      location: `,"location":${asciiJson(places[pickPlace(random)] ?? '')}`,
      registration: `,"registration":${registeredMs}.0`,
      userAgentAndId: `,"userAgent":${asciiJson(pick(random, userAgents))},"userId":"${userId}"`,
    };
  };
}
