import { ascending, descending, firstOf, groupedBy, inOrder } from './order.ts';
import type { Artist, Song, Songplay, StagingEvent, StagingSong, Time, User } from './rows.ts';

/** §2: "one row per song started: each `NextSong` event". */
export function songplaysOf(events: readonly StagingEvent[], songs: readonly Song[]): readonly Songplay[] {
  const songsByPair = groupedBy(songs, ({ title, artist_name }) => pairOf(title, artist_name));
  const plays = events.filter(({ page }) => page === 'NextSong');
  return plays.map((play) => songplayOf(play, songsByPair.get(pairOf(play.song, play.artist)) ?? []));
}

/** §2: "one row per user id seen in any event"; "the values of the latest event by (ts, session_id, item_in_session)". */
export function usersOf(events: readonly StagingEvent[]): readonly User[] {
  const latest = inOrder<StagingEvent>(
    descending(({ ts }) => ts),
    descending(({ session_id }) => session_id),
    descending(({ item_in_session }) => item_in_session),
  );
  const known = events.flatMap((event) => (event.user_id === null ? [] : [{ ...event, user_id: event.user_id }]));
  return [...groupedBy(known, ({ user_id }) => `${user_id}`).values()].map((eventsOfUser) => {
    const { user_id, first_name, last_name, gender, level } = firstOf(eventsOfUser, latest);
    return { user_id, first_name, last_name, gender, level };
  });
}

/** §2: "one row per song id", "`year` NULL when unknown (0)". */
export function songsOf(songs: readonly StagingSong[]): readonly Song[] {
  return songs.map(({ song_id, title, artist_id, year, duration, artist_name }) => {
    return { song_id, title, artist_id, year: knownYear(year), duration, artist_name };
  });
}

/**
 * §2: "the whole row of one song: first with both coordinates, then with a location, then the shortest name in
 * characters, then the highest year, then the smallest song_id"; "location (NULL when blank)".
 */
export function artistsOf(songs: readonly StagingSong[]): readonly Artist[] {
  const plainest = inOrder<StagingSong>(
    descending((song) => Number(song.artist_latitude !== null && song.artist_longitude !== null)),
    descending((song) => Number(knownPlace(song.artist_location) !== null)),
    ascending((song) => [...song.artist_name].length),
    descending((song) => knownYear(song.year)),
    ascending((song) => song.song_id),
  );
  return [...groupedBy(songs, ({ artist_id }) => artist_id).values()].map((songsOfArtist) => {
    const song = firstOf(songsOfArtist, plainest);
    return {
      artist_id: song.artist_id,
      name: song.artist_name,
      location: knownPlace(song.artist_location),
      latitude: song.artist_latitude,
      longitude: song.artist_longitude,
    };
  });
}

/** §2: "one row per distinct start_time of songplays". */
export function timeOf(songplays: readonly Songplay[]): readonly Time[] {
  return [...new Set(songplays.map(({ start_time }) => start_time))].map((start_time) => {
    const date = new Date(Number(start_time));
    return {
      start_time,
      hour: date.getUTCHours(),
      day: date.getUTCDate(),
      week: isoWeek(date),
      month: date.getUTCMonth() + 1,
      year: date.getUTCFullYear(),
      weekday: date.getUTCDay(),
    };
  });
}

function songplayOf(play: StagingEvent, candidates: readonly Song[]): Songplay {
  const song = candidates.length === 0 ? undefined : nearest(candidates, play.length);
  return {
    songplay_id: songplayId(play),
    start_time: play.ts,
    user_id: play.user_id,
    level: play.level,
    song_id: song?.song_id ?? null,
    artist_id: song?.artist_id ?? null,
    session_id: play.session_id,
    location: play.location,
    user_agent: play.user_agent,
    song_title: play.song,
    artist_name: play.artist,
    song_length: play.length,
  };
}

/** §2: "`songplay_id` = `session_id * 65536 + item_in_session`". */
function songplayId({ session_id, item_in_session }: StagingEvent): bigint {
  return session_id * 65_536n + BigInt(item_in_session);
}

/** §2: "of several, the one nearest in duration (DOUBLE; unknown = farthest), then the smallest song_id". */
function nearest(candidates: readonly Song[], length: number | null): Song {
  return firstOf(
    candidates,
    inOrder(
      ascending(({ duration }) => (length === null ? null : Math.abs(duration - length))),
      ascending(({ song_id }) => song_id),
    ),
  );
}

/** §2: "the song whose title and own artist_name equal the play's". */
function pairOf(title: string | null, artist: string | null): string {
  return JSON.stringify([title, artist]);
}

/** §1: "`year` 0 means unknown". */
function knownYear(year: number | null): number | null {
  return year === 0 ? null : year;
}

function knownPlace(location: string | null): string | null {
  return location === '' ? null : location;
}

/** The week that holds the Thursday of the date's week, counted from the one that holds the year's first Thursday. */
function isoWeek(date: Date): number {
  const daysToThursday = 4 - (date.getUTCDay() || 7);
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + daysToThursday));
  const dayOfYear = (thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000;
  return Math.floor(dayOfYear / 7) + 1;
}
