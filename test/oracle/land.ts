import { type Line, WrittenNumber } from './read-objects.ts';
import type { LineCounts, StagingEvent, StagingSong } from './rows.ts';

/** A staged row, and whether its object is still there. */
export interface Staged<Row> {
  readonly row: Row;
  readonly isVanished: boolean;
}

/** The rows of a source and what became of its lines. */
export interface Landed<Row> {
  readonly staged: readonly Staged<Row>[];
  readonly lines: LineCounts;
}

/** Staging of the events; `fields` names the key of each of the eighteen columns. */
export function landEvents(lines: readonly Line[], fields: readonly string[]): Landed<StagingEvent> {
  return land(lines, (values) => eventOf(fields.map((field) => values[field])));
}

/** Staging of the songs: keys by name. */
export function landSongs(lines: readonly Line[]): Landed<StagingSong> {
  return land(lines, songOf);
}

/** Why a line is no row. */
class Rejected extends Error {}

/** Promise 2: "Every line read is loaded, rejected with its reason, or blank." */
function land<Row>(lines: readonly Line[], rowOf: (fields: Record<string, unknown>) => Row): Landed<Row> {
  const staged: Staged<Row>[] = [];
  let rejected = 0;
  for (const { fields, isBlank, isVanished } of lines) {
    if (isBlank) continue;
    try {
      if (fields === undefined) throw new Rejected('no JSON object');
      staged.push({ row: rowOf(fields), isVanished });
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      rejected += 1;
    }
  }
  const blank = lines.filter(({ isBlank }) => isBlank).length;
  return { staged, lines: { read: lines.length, loaded: staged.length, rejected, blank } };
}

/** §2: the columns of staging_events in their order, and which are required. */
function eventOf(values: readonly unknown[]): StagingEvent {
  const row = {
    artist: text(values[0]),
    auth: text(values[1]),
    first_name: text(values[2]),
    gender: text(values[3]),
    item_in_session: Number(required(integer(values[4], 0n, 65_535n))),
    last_name: text(values[5]),
    length: double(values[6]),
    level: required(text(values[7])),
    location: text(values[8]),
    method: text(values[9]),
    page: required(text(values[10])),
    registration: double(values[11]),
    session_id: required(integer(values[12], 0n, 2n ** 47n - 1n)),
    song: text(values[13]),
    status: numberOf(integer(values[14], -(2n ** 15n), 2n ** 15n - 1n)),
    ts: required(integer(values[15], 0n, lastMillisecond)),
    user_agent: text(values[16]),
    user_id: integer(values[17], -(2n ** 63n), 2n ** 63n - 1n),
  };
  if (row.page === 'NextSong') for (const value of [row.user_id, row.song, row.artist, row.length]) required(value);
  return row;
}

/** §2: the columns of staging_songs in their order, and which are required. */
function songOf(fields: Readonly<Record<string, unknown>>): StagingSong {
  return {
    num_songs: numberOf(integer(fields.num_songs, -(2n ** 31n), 2n ** 31n - 1n)),
    artist_id: required(text(fields.artist_id)),
    artist_latitude: double(fields.artist_latitude),
    artist_longitude: double(fields.artist_longitude),
    artist_location: text(fields.artist_location),
    artist_name: required(text(fields.artist_name)),
    song_id: required(text(fields.song_id)),
    title: required(text(fields.title)),
    duration: required(double(fields.duration)),
    year: numberOf(integer(fields.year, -(2n ** 31n), 2n ** 31n - 1n)),
  };
}

/** §3: "`ts` must lie in 1970…9999." */
const lastMillisecond = BigInt(Date.UTC(10_000, 0, 1)) - 1n;

/** §3: "a required column that is NULL is a reject". */
function required<Value>(value: Value | null): Value {
  if (value === null) throw new Rejected('required');
  return value;
}

/**
 * §3: "Text columns take strings as they are and numbers and booleans as the parser prints them, never objects or
 * arrays; trailing U+0020 is stripped", NUL is a reject. The length of the VARCHAR is not looked at.
 */
function text(value: unknown): string | null {
  const written = writtenText(value);
  if (written === null) return null;
  if (written.includes('\u0000') || /\p{Surrogate}/u.test(written)) throw new Rejected('no text');
  return written.replace(/ +$/, '');
}

/** §3: "Integer columns take `-?(0|[1-9][0-9]*)`, quoted or not, in the column's range"; "`""` is NULL". */
function integer(value: unknown, least: bigint, most: bigint): bigint | null {
  const written = literal(value);
  if (written === null || written === '') return null;
  if (!/^-?(0|[1-9][0-9]*)$/.test(written)) throw new Rejected('no integer');
  const whole = BigInt(written);
  if (whole < least || whole > most) throw new Rejected('out of range');
  return whole;
}

/** §3: "Numbers must be finite", quoted or not; `""` is NULL. */
function double(value: unknown): number | null {
  const written = literal(value);
  if (written === null || written === '') return null;
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(written)) throw new Rejected('no number');
  if (!Number.isFinite(Number(written))) throw new Rejected('not finite');
  return Number(written);
}

/** A quoted or bare number as it stands in the line. */
function literal(value: unknown): string | null {
  return value instanceof WrittenNumber ? value.text : writtenText(value);
}

/** A missing key is NULL, and so is null. */
function writtenText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return `${value}`;
  if (value instanceof WrittenNumber) return printed(value);
  throw new Rejected('an object or an array');
}

/** Integers as written; a number with a fraction or an exponent always shows a point: 1e3 is 1000.0. */
function printed({ text: written }: WrittenNumber): string {
  if (/^-?\d+$/.test(written)) return written;
  const shortest = `${Number(written)}`;
  return /[.e]/.test(shortest) ? shortest : `${shortest}.0`;
}

function numberOf(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
