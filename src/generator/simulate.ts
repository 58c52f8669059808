import { eventLine } from './event-line.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { createListener, drawMembership } from './listeners.ts';
import { createRandom } from './random.ts';
import { advance, beginSession, drawSessionStart, type Listener, type Rules } from './sessions.ts';
import { createStateMachine, type State } from './states.ts';
import type { TrackPicker } from './tracks.ts';
import { createPersonSource, type PersonSource } from './users.ts';

/** Counts of what has been written so far. */
export interface Totals {
  events: number;
  /** Events on page NextSong. */
  plays: number;
  /** Plays whose title and artist are those of a song in the catalogue. */
  playsInCatalogue: number;
  sessions: number;
  /** Distinct user ids in the events. */
  users: number;
}

/** The listeners of one run. Days are asked for in order from 0, each once. */
export interface Simulation {
  readonly totals: Readonly<Totals>;
  /** The events of a UTC day, each as a line without its newline. */
  linesOfDay(day: number): Generator<string>;
}

/** All of it decided: the caller has filled in the defaults and checked them. */
export interface SimulationOptions {
  readonly seed: number;
  readonly users: number;
  /** Second 0 of the simulation: a UTC midnight, in milliseconds since the epoch. */
  readonly startMs: number;
  /** New users in a year for each of the first. */
  readonly growthRate: number;
  readonly attritionRate: number;
  readonly pickTrack: TrackPicker;
}

interface World extends Rules {
  readonly options: SimulationOptions;
  readonly totals: Totals;
  readonly queue: EventQueue<Listener>;
  readonly drawPerson: PersonSource;
  /** Second 0 in milliseconds since the epoch. All times have the same milliseconds, as in the real logs. */
  readonly zeroMs: number;
  /** The listener that arrives next, as a guest. */
  newcomer: Listener | undefined;
  readonly seen: WeakSet<Listener>;
}

const secondsADay = 86_400;
const secondsAYear = 365 * secondsADay;
const millisecondsADay = 1000 * secondsADay;

/** The first user id. */
const firstUserId = 2;

/** One listener after another in the order of time, so that memory holds listeners, never the events. */
export function createSimulation(options: SimulationOptions): Simulation {
  const world = createWorld(options);
  for (let index = 0; index < options.users; index += 1) world.queue.add(settledListener(world, firstUserId + index));
  expectNewcomer(world, firstUserId + options.users, 0);
  return { totals: world.totals, linesOfDay: (day) => linesOfDay(world, (day + 1) * secondsADay) };
}

function createWorld(options: SimulationOptions): World {
  const random = createRandom(options.seed, 'sessions');
  return {
    options,
    random,
    zeroMs: options.startMs + random.below(1000),
    machine: createStateMachine(),
    pickTrack: options.pickTrack,
    epochDay: options.startMs / millisecondsADay,
    attritionRate: options.attritionRate,
    totals: { events: 0, plays: 0, playsInCatalogue: 0, sessions: 0, users: 0 },
    queue: createEventQueue(),
    drawPerson: createPersonSource(),
    newcomer: undefined,
    seen: new WeakSet(),
  };
}

function* linesOfDay(world: World, end: number): Generator<string> {
  for (let due = world.queue.first(); due !== undefined && due.at < end; due = world.queue.first()) {
    const state = due.state ?? welcome(world, due);
    count(world, due, state);
    yield eventLine(due, state, world.zeroMs + due.at * 1000);
    if (advance(due, state, world)) world.queue.firstMoved();
    else world.queue.removeFirst();
  }
}

/** Someone who registered before the simulation begins. */
function settledListener(world: World, userId: number): Listener {
  const { random, zeroMs } = world;
  const registeredMs = zeroMs - 1000 * drawMembership(random);
  const listener = createListener(world.drawPerson(userId, registeredMs, random), userId, random);
  listener.at = drawSessionStart(0, listener.sessionGap, world);
  return listener;
}

/** Queues the guest that comes next after the second `from`, to register as this user. */
function expectNewcomer(world: World, userId: number, from: number): void {
  const { random, zeroMs, options } = world;
  const arrivalsAYear = options.users * options.growthRate;
  if (arrivalsAYear === 0) return;
  const at = from + 1 + Math.floor((random.exponential() * secondsAYear) / arrivalsAYear);
  const person = world.drawPerson(userId, zeroMs + 1000 * at, random);
  world.newcomer = { ...createListener(person, userId, random), at, stayedUntil: at, auth: 'Guest', level: 'free' };
  world.queue.add(world.newcomer);
}

/** Begins a session; with the first one of a newcomer the next newcomer is expected. */
function welcome(world: World, due: Listener): State {
  world.totals.sessions += 1;
  const state = beginSession(due, world.totals.sessions, world);
  if (due === world.newcomer) expectNewcomer(world, due.order + 1, due.at);
  return state;
}

function count({ totals, seen }: World, due: Listener, state: State): void {
  totals.events += 1;
  if (due.track !== undefined) totals.plays += 1;
  if (due.track?.isInCatalogue === true) totals.playsInCatalogue += 1;
  if (!state.showsPerson || seen.has(due)) return;
  seen.add(due);
  totals.users += 1;
}
