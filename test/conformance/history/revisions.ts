import { bigintType, integerType } from '../../../src/model/column-type.ts';
import {
  and,
  ascending,
  columnReference,
  type Expression,
  equal,
  isNotNull,
  lookedUp,
  not,
  nullIf,
  or,
} from '../../../src/model/expression.ts';
import type { Lookup } from '../../../src/model/lookup.ts';
import { bigint, integer, smallint, text } from '../../../src/model/staging.ts';
import { column, lookupsOf } from '../../../src/model/star-table.ts';
import { defineWarehouse, type Warehouse } from '../../../src/model/warehouse.ts';
import { artists, songs, users } from '../../../src/sparkify/dimensions.ts';
import { songplays } from '../../../src/sparkify/songplays.ts';
import { stagingEvents, stagingSongs } from '../../../src/sparkify/staging.ts';
import { sparkify } from '../../../src/sparkify/warehouse.ts';
import { jsonPathsObject } from '../../support/bucket.ts';

/** Another declaration of the warehouse, or another JSONPaths file. */
export interface Revision {
  readonly name: string;
  readonly warehouse: Warehouse;
  readonly jsonPaths: string;
}

const usualPaths = String(jsonPathsObject.content);
const event = stagingEvents.row;
const song = stagingSongs.row;
const [catalogued] = lookupsOf(songplays);
if (!catalogued) throw new Error('songplays looks nothing up');

const declared = (name: string, ...parts: readonly Part[]): Revision => ({
  name,
  warehouse: parts.length === 0 ? sparkify : replaced(sparkify, parts),
  jsonPaths: usualPaths,
});

const textType = { kind: 'text', bytes: 1024 } as const;
const place = columnReference<'text'>('place', textType);
const placed = column(place, 'Where the artist is from');

/** The first is Sparkify's own. */
export const revisions: readonly Revision[] = [
  declared('as it is'),
  declared('the first event of a user counts, and the longest name of an artist', [
    users.pick,
    [ascending(event.ts), ascending(event.session_id), ascending(event.item_in_session)],
  ]),
  declared('artists are those of their last song', [artists.pick, [...artists.pick].slice(-1)]),
  declared('only paid plays', [part(songplays.where), and(equal(event.page, 'NextSong'), equal(event.level, 'paid'))]),
  declared('users of plays, and not of every event', [
    part(users.where),
    and(isNotNull(event.user_id), or(equal(event.page, 'NextSong'), not(equal(event.level, 'paid')))),
  ]),
  declared('a song found by its smallest id', [catalogued, { ...catalogued, nearest: undefined }]),
  declared('a song found by its title alone', [catalogued, { ...catalogued, on: titleAlone(catalogued) }]),
  declared('the genders known are others', [
    stagingEvents.columns.gender,
    { ...stagingEvents.columns.gender, accepted: ['F'] },
  ]),
  declared('a gender is required', [stagingEvents.columns.gender, { ...stagingEvents.columns.gender, required: true }]),
  declared('sessions up to 32,768', [
    stagingEvents.columns.session_id,
    { ...stagingEvents.columns.session_id, range: [0n, 32_768n] },
  ]),
  declared(
    'a wider status',
    [stagingEvents.columns.status, integer({ from: 'status', doc: 'HTTP status of the response' })],
    [event.status, columnReference('status', integerType)],
  ),
  declared(
    'a wider year',
    [stagingSongs.columns.year, bigint({ from: 'year', doc: 'Year of release' })],
    [song.year, columnReference('year', bigintType)],
    [part(songs.columns.year), column(nullIf(columnReference<'integer'>('year', bigintType), 0), 'Year of release')],
  ),
  declared('a narrower year', [stagingSongs.columns.year, smallint({ from: 'year', doc: 'Year of release' })]),
  declared(
    'a place for songs and plays, and columns called as statements might call their own',
    [
      stagingSongs.columns,
      { ...stagingSongs.columns, place: text(1024, { from: 'artist_location', doc: 'Where the artist is from' }) },
    ],
    [stagingSongs.row, { ...stagingSongs.row, place }],
    [songs.columns, { ...songs.columns, place: placed, matches: placed, key_0: placed }],
    [
      songplays.columns,
      { ...songplays.columns, key_0: column(lookedUp(catalogued, 'key_0', textType), 'Where the artist is from') },
    ],
  ),
  declared(
    'no number of songs',
    [stagingSongs.columns, without(stagingSongs.columns, 'num_songs')],
    [stagingSongs.row, without(stagingSongs.row, 'num_songs')],
  ),
  declared('songs without their years', [songs.columns, without(songs.columns, 'year')]),
  { ...declared('agents and locations change their places'), jsonPaths: swapped(usualPaths, 'userAgent', 'location') },
];

/** The declaration of the revision whose name begins so. */
export function revisionNamed(beginning: string): Warehouse {
  const found = revisions.find(({ name }) => name.startsWith(beginning));
  if (!found) throw new Error(`no revision is called ${beginning}`);
  return found.warehouse;
}

/** What stands in a declaration, and what stands in its place. */
export type Part = readonly [original: object, replacement: object];

function part<T extends object>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is nothing to replace');
  return value;
}

/** A copy of a declaration, in which parts are replaced wherever they stand. */
export function replaced(warehouse: Warehouse, parts: readonly Part[]): Warehouse {
  const replacements = new Map<unknown, unknown>(parts);
  const copies = new Map<unknown, unknown>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || value instanceof URL) return value;
    if (!copies.has(value)) {
      const made: Record<string, unknown> = Array.isArray(value) ? ([] as never) : {};
      copies.set(value, made);
      for (const [name, member] of Object.entries(replacements.get(value) ?? value)) made[name] = copy(member);
    }
    return copies.get(value);
  };
  return defineWarehouse(copy(warehouse) as Warehouse);
}

function titleAlone({ on }: Lookup): Readonly<Record<string, Expression>> {
  return without(on, 'artist_name');
}

function without<T extends object>(record: T, name: keyof T & string): T {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name)) as T;
}

function swapped(paths: string, one: string, other: string): string {
  return paths.replaceAll(one, '\0').replaceAll(other, one).replaceAll('\0', other);
}
