import { asciiJson } from './json-text.ts';
import type { Random } from './random.ts';
import {
  type Auth,
  firstPages,
  type Level,
  type Page,
  pages,
  shownAuths,
  type Transition,
  transitions,
} from './transitions.ts';
import { createPicker, type Picker } from './weighted.ts';

/** Where a listener is: a page, and as whom. The fragments of JSON are what an event there says of it. */
export interface State {
  readonly page: Page;
  readonly auth: Auth;
  readonly level: Level;
  /** The event follows the one before it after exactly one second. */
  readonly isRedirect: boolean;
  /** The event says who the listener is. */
  readonly showsPerson: boolean;
  readonly json: { readonly auth: string; readonly level: string; readonly request: string; readonly status: string };
}

/** How listeners move from page to page. */
export interface StateMachine {
  /** The first state of a session. */
  first(auth: Auth, level: Level, random: Random): State;
  /** What comes after a state; undefined when the session ends there. */
  next(state: State, random: Random): State | undefined;
}

interface Choice {
  /** Exclusive, of 10,000. */
  readonly upTo: number;
  readonly state: State;
}

/** The machine of `transitions.ts`, with every state made once. */
export function createStateMachine(): StateMachine {
  const states = new Map<string, State>();
  const stateOf = (page: Page, auth: Auth, level: Level): State => {
    const key = `${page}/${auth}/${level}`;
    const state = states.get(key) ?? createState(page, auth, level);
    states.set(key, state);
    return state;
  };
  const choices = new Map(transitions.map((row) => [stateOf(row.page, row.auth, row.level), choicesOf(row, stateOf)]));
  const firsts = new Map(firstPages.map((row) => [`${row.auth}/${row.level}`, firstPicker(row.weights)]));
  return {
    first: (auth, level, random) => stateOf(firsts.get(`${auth}/${level}`)?.(random) ?? 'Home', auth, level),
    next: (state, random) => chosen(choices.get(state) ?? [], random.below(10_000)),
  };
}

function createState(page: Page, auth: Auth, level: Level): State {
  const { method, status } = pages[page];
  return {
    page,
    auth,
    level,
    isRedirect: status >= 300 && status <= 399,
    showsPerson: shownAuths.includes(auth),
    json: {
      auth: `,"auth":${asciiJson(auth)}`,
      level: `,"level":${asciiJson(level)}`,
      request: `,"method":"${method}","page":${asciiJson(page)}`,
      status: `,"status":${status},"ts":`,
    },
  };
}

function choicesOf(
  { auth, level, to, arrives }: Transition,
  stateOf: (page: Page, auth: Auth, level: Level) => State,
): readonly Choice[] {
  let upTo = 0;
  return entriesOf(to).map(([page, probability]) => {
    upTo += Math.round(probability * 10_000);
    return { upTo, state: stateOf(page, arrives?.[page]?.auth ?? auth, arrives?.[page]?.level ?? level) };
  });
}

function chosen(choices: readonly Choice[], point: number): State | undefined {
  for (const { upTo, state } of choices) if (point < upTo) return state;
  return undefined;
}

function firstPicker(weights: Partial<Record<Page, number>>): (random: Random) => Page | undefined {
  const entries = entriesOf(weights);
  const pickIndex: Picker = createPicker(entries.map(([, weight]) => weight));
  return (random) => entries[pickIndex(random)]?.[0];
}

function entriesOf(record: Partial<Record<Page, number>>): readonly [Page, number][] {
  return Object.entries(record) as [Page, number][];
}
