import { drawDuration, type Song } from './catalogue.ts';
import { composeTitle, createArtistNames, pick } from './compose.ts';
import { asciiJson, utf8Json } from './json-text.ts';
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

/** What decides which tracks there are and how they are written. */
export interface TrackOptions {
  readonly seed: number;
  readonly songs: readonly Song[];
  /** Share of the plays, 0…1, whose song is not in the catalogue. */
  readonly outsideCatalogue: number;
  /** Names beyond ASCII are encoded twice, as the real app does, and match nothing; else they are plain UTF-8. */
  readonly doubleEncoded: boolean;
}

/** Popularity falls off with the rank in both lists, that of the catalogue and that of the songs outside. */
export function createTrackPicker({ seed, songs, outsideCatalogue, doubleEncoded }: TrackOptions): TrackPicker {
  const random = createRandom(seed, 'tracks');
  const notation = doubleEncoded ? encodedTwice : encodedOnce;
  const inside = songs.map((song) => catalogueTrack(random, song, notation));
  const outside = outsideTracks(random, songs, notation);
  const pickInside = createPicker(zipfWeights(inside.length, 10));
  const pickOutside = createPicker(zipfWeights(outside.length, 200));
  return (draw) => {
    const track = draw.chance(outsideCatalogue) ? outside[pickOutside(draw)] : inside[pickInside(draw)];
    if (track === undefined) throw new RangeError('There is no track to play.');
    return track;
  };
}

/** How names get from the app's song list into the logs. */
interface Notation {
  /** The text that a reader of the logs gets to see. */
  read(text: string): string;
  json(text: string): string;
}

const encodedOnce: Notation = { read: (text) => text, json: utf8Json };

/** The app reads its UTF-8 song list as ISO-8859-1, twice. */
const encodedTwice: Notation = { read: (text) => misread(misread(text)), json: asciiJson };

/** The app knows the same song by the same names, one in ten in a recording of another length. */
function catalogueTrack(random: Random, { artistName, title, duration }: Song, notation: Notation): Track {
  const length = random.chance(0.1) ? drawDuration(random) : duration;
  const isReadAsWritten = [artistName, title].every((name) => notation.read(`${name}`) === `${name}`);
  return { ...createTrack(`${artistName}`, `${title}`, length, notation), isInCatalogue: isReadAsWritten };
}

function outsideTracks(random: Random, songs: readonly Song[], notation: Notation): readonly Track[] {
  const taken = new Set(songs.map(({ artistName, title }) => pairOf(`${artistName}`, `${title}`)));
  const nextName = createArtistNames(random);
  const artists = Array.from({ length: outsideCount / 2 }, nextName);
  const tracks: Track[] = [];
  while (tracks.length < outsideCount) {
    const artist = pick(random, artists);
    const title = composeTitle(random);
    if (taken.has(pairOf(artist, title))) continue;
    tracks.push(createTrack(artist, title, drawDuration(random), notation));
  }
  return tracks;
}

function createTrack(artist: string, song: string, length: number, { read, json }: Notation): Track {
  return {
    artist: json(read(artist)),
    song: json(read(song)),
    length: `${length}`,
    seconds: Math.floor(length),
    isInCatalogue: false,
  };
}

function misread(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Blanks at the end do not tell two names apart. */
function pairOf(artist: string, title: string): string {
  return JSON.stringify([artist.trimEnd(), title.trimEnd()]);
}
