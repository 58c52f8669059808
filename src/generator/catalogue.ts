import { composeTitle, createArtistNames, pick } from './compose.ts';
import { locationQuirks, nameQuirks, quirky, titleQuirks } from './quirks.ts';
import { createRandom, type Random } from './random.ts';
import { createId, createTrackId } from './song-ids.ts';
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
  /** What the catalogue knows of it; undefined when it knows nothing. */
  readonly place: ArtistPlace | undefined;
  readonly location: string | number;
  readonly hasCoordinates: boolean;
  readonly firstTitle: string | number;
}

interface Parts {
  readonly artist: Artist;
  readonly isFirst: boolean;
  readonly guest: Artist | undefined;
  readonly oddity: Oddity | undefined;
}

/** New artists a song; the rest of the songs are by artists that have one already. */
const artistsPerSong = 0.64;

/** Distance between two oddities of the catalogue, and where the first one stands. */
const oddityEvery = 11;
const firstOddity = 4;

const latestYear = 2018;
const earliestYear = 1927;

/** The songs of a seed, most popular first. The first n of two catalogues of one seed are the same. */
export function createCatalogue(seed: number, count: number): readonly Song[] {
  const random = createRandom(seed, 'catalogue');
  const nextName = createArtistNames(random);
  const artists: Artist[] = [];
  return Array.from({ length: count }, (_, index) => {
    const oddity = oddityAt(index);
    const isFirst = artists.length === 0 || isByNewArtist(random, oddity);
    const artist = isFirst ? createArtist(random, index, nextName, oddity) : pick(random, artists);
    const guest = oddity?.again === undefined && random.chance(0.045) ? pickOther(random, artists, artist) : undefined;
    if (isFirst) artists.push(artist);
    return createSong(random, index, { artist, isFirst, guest, oddity });
  });
}

/** A number of seconds with five decimals, the last of them odd, so that it never prints as an integer. */
export function drawDuration(random: Random): number {
  const typical = 100 + random.below(90) + random.below(90) + Math.floor(random.exponential() * 45);
  const seconds = random.chance(0.01) ? 6 + random.below(2600) : typical;
  return (seconds * 100_000 + 2 * random.below(50_000) + 1) / 100_000;
}

function isByNewArtist(random: Random, oddity: Oddity | undefined): boolean {
  const isByNew = random.chance(artistsPerSong);
  return oddity?.artistName !== undefined || (isByNew && oddity?.again === undefined);
}

function pickOther(random: Random, artists: readonly Artist[], artist: Artist): Artist | undefined {
  const other = artists.length > 0 ? pick(random, artists) : undefined;
  return other === artist ? undefined : other;
}

function createArtist(random: Random, index: number, nextName: () => string, oddity: Oddity | undefined): Artist {
  const place = random.chance(0.55) ? pick(random, artistPlaces) : undefined;
  return {
    id: createId(random, 'AR', index),
    name: oddity?.artistName ?? quirky(random, nextName(), nameQuirks),
    place,
    location: place === undefined ? '' : quirky(random, place.location, locationQuirks),
    hasCoordinates: random.chance(0.64),
    firstTitle: oddity?.title ?? quirky(random, composeTitle(random), titleQuirks),
  };
}

function createSong(random: Random, index: number, { artist, isFirst, guest, oddity }: Parts): Song {
  const place = drawPlace(random, artist, oddity);
  const isKnown = artist.hasCoordinates && random.chance(0.998);
  return {
    trackId: createTrackId(random, index),
    songId: createId(random, 'SO', index),
    artistId: artist.id,
    artistName: guest === undefined ? artist.name : `${artist.name} feat. ${guest.name}`,
    title: isFirst ? artist.firstTitle : drawTitle(random, artist, oddity),
    location: oddity?.location ?? (place === artist.place ? artist.location : (place?.location ?? '')),
    coordinates: place !== undefined && isKnown ? [place.latitude, place.longitude] : null,
    duration: drawDuration(random),
    year: random.chance(0.32) ? 0 : Math.max(earliestYear, latestYear - Math.floor(random.exponential() * 13)),
  };
}

/** Now and then a song names another place than the artist's other songs do. */
function drawPlace(random: Random, artist: Artist, oddity: Oddity | undefined): ArtistPlace | undefined {
  const isElsewhere = random.chance(0.004) || oddity?.again === 'elsewhere';
  return isElsewhere
    ? pick(
        random,
        artistPlaces.filter((place) => place !== artist.place),
      )
    : artist.place;
}

/** Now and then a song is recorded a second time under its old title: another song id, another duration. */
function drawTitle(random: Random, artist: Artist, oddity: Oddity | undefined): string | number {
  const title = quirky(random, composeTitle(random), titleQuirks);
  if (oddity?.again === 'recorded' || random.chance(0.002)) return artist.firstTitle;
  return oddity?.title ?? title;
}

function oddityAt(index: number): Oddity | undefined {
  return index % oddityEvery === firstOddity ? oddities[(index - firstOddity) / oddityEvery] : undefined;
}
