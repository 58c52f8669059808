import { drawDuration, type Song } from './catalogue.ts';
import { composeTitle, createArtistNames, pick } from './compose.ts';
import { asciiJson } from './json-text.ts';
import { createRandom, type Random } from './random.ts';
import { createPicker, zipfWeights } from './weighted.ts';

/** What the app can play, as fragments of JSON in ASCII. */
export interface Track {
  readonly artist: string;
  readonly song: string;
  readonly length: string;
  /** Whole seconds until the next song can begin. */
  readonly seconds: number;
  /** Whether title and artist equal those of a song in the catalogue. */
  readonly isInCatalogue: boolean;
}

/** Draws what a listener plays next. */
export type TrackPicker = (random: Random) => Track;

/** Songs the app can play although the catalogue team has not described them. */
const outsideCount = 20_000;

/** Popularity falls off with the rank in both lists; `outsideShare` (0…1) of the plays are of uncatalogued songs. */
export function createTrackPicker(seed: number, songs: readonly Song[], outsideShare: number): TrackPicker {
  const random = createRandom(seed, 'tracks');
  const inside = songs.map((song) => catalogueTrack(random, song));
  const outside = outsideTracks(random, songs);
  const pickInside = createPicker(zipfWeights(inside.length, 10));
  const pickOutside = createPicker(zipfWeights(outside.length, 200));
  return (draw) => {
    const track = draw.chance(outsideShare) ? outside[pickOutside(draw)] : inside[pickInside(draw)];
    if (track === undefined) throw new RangeError('There is no track to play.');
    return track;
  };
}

/** The app knows the same song by the same names, one in ten in a recording of another length. */
function catalogueTrack(random: Random, { artistName, title, duration }: Song): Track {
  const artist = asTheAppWrites(`${artistName}`);
  const song = asTheAppWrites(`${title}`);
  return {
    ...createTrack(artist, song, random.chance(0.1) ? drawDuration(random) : duration),
    isInCatalogue: artist === `${artistName}` && song === `${title}`,
  };
}

function outsideTracks(random: Random, songs: readonly Song[]): readonly Track[] {
  const taken = new Set(songs.map(({ artistName, title }) => pairOf(`${artistName}`, `${title}`)));
  const nextName = createArtistNames(random);
  const artists = Array.from({ length: outsideCount / 2 }, nextName);
  const tracks: Track[] = [];
  while (tracks.length < outsideCount) {
    const artist = pick(random, artists);
    const title = composeTitle(random);
    if (taken.has(pairOf(artist, title))) continue;
    tracks.push(createTrack(asTheAppWrites(artist), asTheAppWrites(title), drawDuration(random)));
  }
  return tracks;
}

function createTrack(artist: string, song: string, length: number): Track {
  return {
    artist: asciiJson(artist),
    song: asciiJson(song),
    length: `${length}`,
    seconds: Math.floor(length),
    isInCatalogue: false,
  };
}

/** The app reads its UTF-8 song list as ISO-8859-1, twice; so do the real logs, and such names match no catalogue. */
function asTheAppWrites(text: string): string {
  return misread(misread(text));
}

function misread(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function pairOf(artist: string, title: string): string {
  return JSON.stringify([artist, title]);
}
