import { stagingEvents } from '../../sparkify/staging.ts';
import { pick } from '../compose.ts';
import type { Content } from '../content.ts';
import { createRandom } from '../random.ts';
import { anatomyOf } from './anatomy.ts';
import { createTally, type DamageKind, type Planted } from './kinds.ts';
import { createLineMemory, type LineMemory } from './line-memory.ts';
import { memberOf, withMember } from './members.ts';
import { type Rewrite, rewrites, type Surroundings } from './rewrites.ts';

/** Damage to the lines of the logs. Files are asked for in the order of their days. */
export interface LineDamage {
  /** The lines of a file, some damaged. What is given as one line may hold a second one, or may be no UTF-8. */
  damaged(lines: Iterable<string>): Generator<Content>;
  planted(): readonly Planted[];
}

interface LineSurroundings extends Surroundings {
  readonly memory: LineMemory;
}

/** Files that begin with a byte order mark, for each damaged line. */
const marksALine = 10;

/** Damages this share of the lines, 0…1, each kind as often as the others. Its draws disturb no others. */
export function createLineDamage(seed: number, share: number): LineDamage {
  const random = createRandom(seed, 'damaged lines');
  const memory = createLineMemory();
  const tally = createTally('events');
  const surroundings = { anatomy: anatomyOf(stagingEvents), random, memory };
  const spoil = (line: string, kind: DamageKind) => {
    const spoilt = lineRewrites[kind](line, surroundings);
    if (spoilt !== undefined) tally.add(kind);
    return spoilt;
  };
  return {
    *damaged(lines) {
      memory.nextFile();
      let first: DamageKind | undefined = random.chance(share * marksALine) ? 'byteOrderMark' : undefined;
      for (const line of lines) {
        const kind = first ?? (random.chance(share) ? pick(random, kinds) : undefined);
        first = undefined;
        const spoilt = kind && spoil(line, kind);
        if (spoilt === undefined) memory.keep(line);
        yield spoilt ?? line;
      }
    },
    planted: tally.rows,
  };
}

const lineRewrites = {
  ...rewrites,
  byteOrderMark: (line) => `\ufeff${line}`,
  carriageReturn: (line) => `${line}\r`,
  blankLine: (line, { random }) => `${pick(random, ['', ' ', '\t'])}\n${line}`,
  duplicate: (line, { memory, random }) => followed(line, memory.takeFromThisFile(random)),
  duplicateInLaterFile: (line, { memory, random }) => followed(line, memory.takeFromEarlierFile(random)),
  conflictingTime: (line, { memory, random }) => followed(line, atAnotherTime(memory.takeFromThisFile(random))),
  conflictingUser: (line, { memory, random }) => followed(line, ofAnotherUser(memory.takeFromThisFile(random))),
} as const satisfies Record<DamageKind, Rewrite<LineSurroundings>>;

/** All that any line can suffer; only the first of a file can follow a byte order mark. */
const kinds = (Object.keys(lineRewrites) as DamageKind[]).filter((kind) => kind !== 'byteOrderMark');

function followed(line: string, next: string | undefined): string | undefined {
  return next === undefined ? undefined : `${line}\n${next}`;
}

function atAnotherTime(line: string | undefined): string | undefined {
  return line === undefined ? undefined : withMember(line, 'ts', (json) => `${Number(json) + 60_000}`);
}

/** Undefined also for a line that shows no user. */
function ofAnotherUser(line: string | undefined): string | undefined {
  if (line === undefined || memberOf(line, 'userId') === '""') return undefined;
  return withMember(line, 'userId', (json) => `"${Number(JSON.parse(json)) + 1}"`);
}
