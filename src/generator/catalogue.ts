import { composeTitle, createArtistNames, pick } from './compose.ts';
import { createRandom, type Random } from './random.ts';
import { type ArtistPlace, artistPlaces } from './words/music.ts';
import { type Oddity, oddities } from './words/oddities.ts';

/** A song as its metadata file holds it. A number in place of text is written as a JSON number. */
export interface Song {
  readonly trackId: string;
  readonly songId: string;
  readonly artistId: string;
  readonly artistName: string | number;
  readonly title: string | number;
  readonly location: string | number;
  /** Degrees; unknown together or not at all. */
  readonly coordinates: readonly [latitude: number, longitude: number] | null;
  /** Seconds, five decimals. */
  readonly duration: number;
  /** 0 when unknown. */
  readonly year: number;
}

interface Artist {
  readonly id: string;
  readonly name: string | number;
  readonly place: ArtistPlace | undefined;
  readonly hasCoordinates: boolean;
}

interface Entry {
  readonly song: Song;
  readonly artist: Artist;
}

interface Parts {
  readonly artist: Artist;
  readonly guest: Artist | undefined;
  readonly earlier: Entry | undefined;
  readonly oddity: Oddity | undefined;
}

/** New artists a song; the rest of the songs are by artists that have one already. */
const artistsPerSong = 0.64;

/** Distance between two oddities of the catalogue, and where the first one stands. */
const oddityEvery = 11;
const firstOddity = 4;

/** The songs of a seed, most popular first. The first n of two catalogues of one seed are the same. */
export function createCatalogue(seed: number, count: number): readonly Song[] {
  const random = createRandom(seed, 'catalogue');
  const nextName = createArtistNames(random);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    const oddity = oddityAt(index);
    const earlier = drawEarlier(random, entries, oddity);
    const artist = earlier?.artist ?? createArtist(random, index, oddity?.artistName ?? nextName());
    const song = createSong(random, index, { artist, guest: drawGuest(random, entries), earlier, oddity });
    entries.push({ song, artist });
  }
  return entries.map(({ song }) => song);
}

/** A number of seconds with five decimals, the last of them odd, so that it never prints as an integer. */
export function drawDuration(random: Random): number {
  const typical = 120 + random.below(180);
  const seconds = random.chance(0.04) ? 7 + random.below(1500) : typical;
  return (seconds * 100_000 + 2 * random.below(50_000) + 1) / 100_000;
}

/** An earlier song of the artist, so that artists with many songs get more; undefined for a new artist. */
function drawEarlier(random: Random, entries: readonly Entry[], oddity: Oddity | undefined): Entry | undefined {
  const isNewArtist = entries.length === 0 || oddity?.artistName !== undefined || random.chance(artistsPerSong);
  return isNewArtist ? undefined : pick(random, entries);
}

function createArtist(random: Random, index: number, name: string | number): Artist {
  const place = random.chance(0.55) ? pick(random, artistPlaces) : undefined;
  return { id: createId(random, 'AR', index), name, place, hasCoordinates: random.chance(0.64) };
}

function drawGuest(random: Random, entries: readonly Entry[]): Artist | undefined {
  return entries.length > 0 && random.chance(0.06) ? pick(random, entries).artist : undefined;
}

function createSong(random: Random, index: number, { artist, guest, earlier, oddity }: Parts): Song {
  const place = drawPlace(random, artist);
  const isKnown = artist.hasCoordinates && random.chance(0.97);
  return {
    trackId: createTrackId(random, index),
    songId: createId(random, 'SO', index),
    artistId: artist.id,
    artistName: guest === undefined || guest === artist ? artist.name : `${artist.name} feat. ${guest.name}`,
    title: oddity?.title ?? drawTitle(random, earlier),
    location: oddity?.location ?? place?.location ?? '',
    coordinates: place !== undefined && isKnown ? [place.latitude, place.longitude] : null,
    duration: drawDuration(random),
    year: random.chance(0.32) ? 0 : 1955 + random.below(64),
  };
}

/** Now and then a song names another place than the artist's other songs do. */
function drawPlace(random: Random, artist: Artist): ArtistPlace | undefined {
  return random.chance(0.03) ? pick(random, artistPlaces) : artist.place;
}

/** Now and then a song is recorded a second time under its old title: another song id, another duration. */
function drawTitle(random: Random, earlier: Entry | undefined): string | number {
  return earlier !== undefined && random.chance(0.03) ? earlier.song.title : composeTitle(random);
}

function oddityAt(index: number): Oddity | undefined {
  return index % oddityEvery === firstOddity ? oddities[(index - firstOddity) / oddityEvery] : undefined;
}

/** Two letters, five random ones, and eleven hexadecimal digits that hold the index: unique below 16^6. */
function createId(random: Random, kind: 'SO' | 'AR', index: number): string {
  const middle = Array.from({ length: 5 }, () => letter(random.below(26))).join('');
  return `${kind}${middle}${tail(random, index)}`;
}

/** The letters at 3, 4 and 5 name the folder of the file: twelve songs a folder, A/A/A first. */
function createTrackId(random: Random, index: number): string {
  const folder = Math.floor(index / 12);
  const folderLetters = `${letter(Math.floor(folder / 676))}${letter(Math.floor(folder / 26))}${letter(folder)}`;
  return `TR${folderLetters}${letter(random.below(26))}${letter(random.below(26))}${tail(random, index)}`;
}

function tail(random: Random, index: number): string {
  const noise = random.below(16 ** 5);
  return (noise.toString(16).padStart(5, '0') + index.toString(16).padStart(6, '0')).toUpperCase();
}

function letter(index: number): string {
  return String.fromCharCode(65 + (index % 26));
}
