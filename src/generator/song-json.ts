import type { Song } from './catalogue.ts';

/** The key of a song's object: the folders are the letters at 3, 4 and 5 of the track id, counted from 1. */
export function songKey({ trackId }: Song): string {
  return `song_data/${trackId[2]}/${trackId[3]}/${trackId[4]}/${trackId}.json`;
}

/** A song's object: one line of JSON with a blank behind each colon and comma, in UTF-8. */
export function songJson(song: Song): string {
  const [latitude, longitude] = song.coordinates ?? [null, null];
  const fields = {
    num_songs: 1,
    artist_id: song.artistId,
    artist_latitude: latitude,
    artist_longitude: longitude,
    artist_location: song.location,
    artist_name: song.artistName,
    song_id: song.songId,
    title: song.title,
    duration: song.duration,
    year: song.year,
  };
  const members = Object.entries(fields).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  return `{${members.join(', ')}}`;
}
