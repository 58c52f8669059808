import { describe, expect, test } from 'vitest';
import type { Song } from '../../src/generator/catalogue.ts';
import { createRandom } from '../../src/generator/random.ts';
import { createTrackPicker, type Track } from '../../src/generator/tracks.ts';

const seed = 1;

function songBy(artistName: string | number, title: string | number): Song {
  const ids = { trackId: 'TR', songId: 'SO', artistId: 'AR' };
  return { ...ids, artistName, title, location: '', coordinates: null, duration: 200.00001, year: 0 };
}

function drawn(
  songs: readonly Song[],
  outsideCatalogue: number,
  count: number,
  doubleEncoded = true,
): readonly Track[] {
  const random = createRandom(seed, 'test');
  const pickTrack = createTrackPicker({ seed, songs, outsideCatalogue, doubleEncoded });
  return Array.from({ length: count }, () => pickTrack(random));
}

/** The only track of a catalogue with this song. */
function trackOf(song: Song) {
  return drawn([song], 0, 1)[0];
}

describe('a track of the catalogue', () => {
  test('has the title and artist of its song, numbers as their text', () => {
    expect(trackOf(songBy(707, 'Paper "Boats" '))).toMatchObject({
      artist: '"707"',
      song: '"Paper \\"Boats\\" "',
      isInCatalogue: true,
    });
  });

  test('matches no song when its name goes beyond ASCII, which the app encodes twice', () => {
    expect(trackOf(songBy('é', 'A'))).toMatchObject({
      artist: '"\\u00c3\\u0083\\u00c2\\u00a9"',
      isInCatalogue: false,
    });
  });
});

describe('a track of a song list that is read as UTF-8', () => {
  test('matches its song, in UTF-8 and not in escapes', () => {
    const [track] = drawn([songBy('é/夜', 'A "🚂"')], 0, 1, false);
    expect(track).toMatchObject({ artist: '"é\\/夜"', song: '"A \\"🚂\\""', isInCatalogue: true });
  });
});

describe('a track outside the catalogue', () => {
  test('is played alone when its share is 1', () => {
    expect(drawn([songBy('A', 'B')], 1, 1000).filter(({ isInCatalogue }) => isInCatalogue)).toEqual([]);
  });

  test('never has the title and artist of a song', () => {
    const others = Array.from({ length: 500 }, (_, index) => songBy('A', index));
    const outside = drawn(others, 1, 5000).filter(({ artist, song }) => !`${artist}${song}`.includes('\\u'));
    const songs = outside.slice(0, 500).map(({ artist, song }) => songBy(JSON.parse(artist), JSON.parse(song)));
    const taken = new Set(songs.map(({ artistName, title }) => JSON.stringify([artistName, title])));
    // As many songs as before: the list outside is drawn from the same numbers, so that they would come again.
    const again = drawn(songs, 1, 5000).map(({ artist, song }) => `[${artist},${song}]`);
    expect(again.filter((pair) => taken.has(pair))).toEqual([]);
  });
});
