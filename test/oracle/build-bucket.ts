import type { BucketObject } from './read-objects.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A line of the logs: a play in session 7 of user 3, with some fields another value. */
export function eventLine(fields: Fields = {}): string {
  return JSON.stringify({ ...play, ...fields });
}

/** A day's log of such lines. */
export function logOf(...lines: readonly string[]): BucketObject {
  return { key: 'log_data/2018/11/2018-11-15-events.json', content: lines.join('\n') };
}

/** The file of a song by The Quiet Lanterns, with some fields another value. */
export function songFile(fields: Fields = {}): BucketObject {
  return songText(JSON.stringify({ ...song, ...fields }));
}

/** A song's file with this content, under a key that no other file has. */
export function songText(content: string): BucketObject {
  songFiles += 1;
  return { key: `song_data/A/A/A/TR${songFiles}.json`, content };
}

let songFiles = 0;

const play: Fields = {
  artist: 'The Quiet Lanterns',
  auth: 'Logged In',
  firstName: 'Nora',
  gender: 'F',
  itemInSession: 0,
  lastName: 'Birch',
  length: 200.5,
  level: 'free',
  location: 'Spokane-Spokane Valley, WA',
  method: 'PUT',
  page: 'NextSong',
  registration: 1540919166796.5,
  sessionId: 7,
  song: 'Paper Boats',
  status: 200,
  ts: 1542241826796,
  userAgent: '"Mozilla/5.0 (X11)"',
  userId: '3',
};

const song: Fields = {
  num_songs: 1,
  artist_id: 'AR1',
  artist_latitude: null,
  artist_longitude: null,
  artist_location: '',
  artist_name: 'The Quiet Lanterns',
  song_id: 'SO1',
  title: 'Paper Boats',
  duration: 200.25,
  year: 0,
};
