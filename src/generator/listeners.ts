import type { Random } from './random.ts';
import type { Listener } from './sessions.ts';
import type { Person } from './users.ts';

const secondsADay = 86_400;

/** Means over all listeners, in seconds: between events that do not wait for a song, and between sessions. */
const meanEventGap = 90;
const meanSessionGap = 7 * secondsADay;

/** Of twelve listeners two pay, of eleven one is logged out. Their first session is due at second 0. */
export function createListener(person: Person, userId: number, random: Random): Listener {
  return {
    person,
    order: userId,
    at: 0,
    eventGap: meanEventGap * random.logNormal(),
    sessionGap: meanSessionGap * random.logNormal(),
    auth: random.below(11) < 10 ? 'Logged In' : 'Logged Out',
    level: random.below(12) < 10 ? 'free' : 'paid',
    state: undefined,
    sessionId: 0,
    itemInSession: 0,
    track: undefined,
    songEndsAt: 0,
    stayedUntil: 0,
  };
}

/** Seconds for which someone has been registered: two months in the mean, five years at most. */
export function drawMembership(random: Random): number {
  return Math.min(1 + Math.floor(random.exponential() * 60 * secondsADay), 5 * 365 * secondsADay);
}
