import type { Due } from './event-queue.ts';
import type { Random } from './random.ts';
import { chanceOfRest, warpFromDaytime, warpToDaytime } from './rhythm.ts';
import type { State, StateMachine } from './states.ts';
import type { Track, TrackPicker } from './tracks.ts';
import type { Auth, Level } from './transitions.ts';
import type { Person } from './users.ts';

/** Someone who uses the app, from one event to the next; changed in place, for there are millions of events. */
export interface Listener extends Due {
  readonly person: Person;
  /** Mean seconds between two events in a session. */
  readonly eventGap: number;
  /** Mean seconds between two sessions, beyond the least. */
  readonly sessionGap: number;
  auth: Auth;
  level: Level;
  /** Where the listener is at the second `at`; undefined when a session is to begin then. */
  state: State | undefined;
  sessionId: number;
  itemInSession: number;
  /** What plays since `at`; undefined on every page but NextSong. */
  track: Track | undefined;
  /** The second at which the last song is over. */
  songEndsAt: number;
  /** Until when it was decided whether the listener leaves for good. */
  stayedUntil: number;
}

/** What decides where listeners go. */
export interface Rules {
  readonly machine: StateMachine;
  readonly pickTrack: TrackPicker;
  readonly random: Random;
  /** The UTC day of second 0, counted from 1970-01-01. */
  readonly epochDay: number;
  /** The share of listeners that leave for good in a year. */
  readonly attritionRate: number;
}

/** Seconds between the end of a session and the next one, at least. */
const leastSessionGap = 1800;
const secondsAYear = 365 * 86_400;

/** Puts the listener on the first page of a session, at the second that is due. */
export function beginSession(listener: Listener, sessionId: number, rules: Rules): State {
  listener.sessionId = sessionId;
  listener.itemInSession = 0;
  listener.songEndsAt = listener.at;
  return arrive(listener, rules.machine.first(listener.auth, listener.level, rules.random), rules);
}

/** Moves the listener on to the next event, or to the next session; false when there is none, ever. */
export function advance(listener: Listener, state: State, rules: Rules): boolean {
  const next = rules.machine.next(state, rules.random);
  if (next === undefined) return endSession(listener, state, rules);
  listener.at += secondsUntil(next, listener, rules.random);
  listener.itemInSession += 1;
  arrive(listener, next, rules);
  return true;
}

/** The second, `from` or later, at which the next session begins. */
export function drawSessionStart(from: number, meanGap: number, { random, epochDay }: Rules): number {
  let even = warpFromDaytime(from);
  let start = from;
  do {
    even += Math.floor(random.exponential() * meanGap);
    start = Math.max(from, warpToDaytime(even));
  } while (random.chance(chanceOfRest(start, epochDay)));
  return start;
}

function arrive(listener: Listener, state: State, { pickTrack, random }: Rules): State {
  listener.state = state;
  listener.track = state.page === 'NextSong' ? pickTrack(random) : undefined;
  if (listener.track !== undefined) listener.songEndsAt = listener.at + listener.track.seconds;
  return state;
}

/** A redirect takes a second, a song begins when the one before it is over, and everything else is patience. */
function secondsUntil(next: State, listener: Listener, random: Random): number {
  if (next.isRedirect) return 1;
  if (next.page === 'NextSong' && listener.songEndsAt > listener.at) return listener.songEndsAt - listener.at;
  return Math.floor(random.exponential() * listener.eventGap);
}

function endSession(listener: Listener, last: State, rules: Rules): boolean {
  if (last.auth === 'Cancelled' || leaves(listener, rules)) return false;
  listener.auth = last.auth;
  listener.level = last.level;
  listener.state = undefined;
  listener.at = drawSessionStart(listener.at + leastSessionGap, listener.sessionGap, rules);
  return true;
}

function leaves(listener: Listener, { random, attritionRate }: Rules): boolean {
  const years = (listener.at - listener.stayedUntil) / secondsAYear;
  listener.stayedUntil = listener.at;
  return random.chance(attritionRate * years);
}
