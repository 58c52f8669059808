import type { Listener } from './sessions.ts';
import type { State } from './states.ts';
import { nobody } from './users.ts';

/** One event as a line of JSON without its newline: eighteen keys in alphabetical order. `ts` is in milliseconds. */
export function eventLine({ person, track, sessionId, itemInSession }: Listener, state: State, ts: number): string {
  const { firstNameAndGender, lastName, location, registration, userAgentAndId } = state.showsPerson ? person : nobody;
  const { auth, level, request, status } = state.json;
  const { artist, length, song } = track ?? silence;
  let line = `{"artist":${artist}`;
  line += auth;
  line += firstNameAndGender;
  line += `,"itemInSession":${itemInSession}`;
  line += lastName;
  line += `,"length":${length}`;
  line += level;
  line += location;
  line += request;
  line += registration;
  line += `,"sessionId":${sessionId}`;
  line += `,"song":${song}`;
  line += status;
  line += ts;
  line += userAgentAndId;
  return `${line}}`;
}

const silence = Object.freeze({ artist: 'null', length: 'null', song: 'null' });
