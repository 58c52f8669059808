import { landEvents, landSongs, type Staged } from './land.ts';
import { ascending, inOrder } from './order.ts';
import { type BucketObject, eventFields, eventLines, songLines } from './read-objects.ts';
import type { StagingEvent, StagingSong, Star } from './rows.ts';
import { artistsOf, songplaysOf, songsOf, timeOf, usersOf } from './star.ts';
import { byAllColumns, conflictsOf, eventWinners, songWinners } from './winners.ts';

/**
 * What the warehouse must hold for a bucket, worked out in memory, sentence by sentence from docs/design.md and without
 * a line of the product. Slow, and meant to be: every rule is a small function that says where it comes from.
 */
export function oracle(objects: readonly BucketObject[]): Star {
  const events = landEvents(eventLines(objects), eventFields(objects));
  const catalogue = landSongs(songLines(objects));
  const eventsOnce = eventWinners(events.staged);
  const songsOnce = songWinners(catalogue.staged);
  const songs = songsOf(songsOnce);
  const songplays = songplaysOf(eventsOnce, songs);
  return {
    staging_events: stagedEvents(events.staged),
    staging_songs: stagedSongs(catalogue.staged),
    songplays: songplays.toSorted(ascending(({ songplay_id }) => songplay_id)),
    users: usersOf(eventsOnce).toSorted(ascending(({ user_id }) => user_id)),
    songs: songs.toSorted(ascending(({ song_id }) => song_id)),
    artists: artistsOf(songsOnce).toSorted(ascending(({ artist_id }) => artist_id)),
    time: timeOf(songplays).toSorted(ascending(({ start_time }) => start_time)),
    lines: { events: events.lines, songs: catalogue.lines },
    duplicates: {
      events: events.staged.length - eventsOnce.length,
      songs: catalogue.staged.length - songsOnce.length,
    },
    conflicts: conflictsOf(events.staged),
  };
}

function stagedEvents(staged: readonly Staged<StagingEvent>[]): readonly StagingEvent[] {
  const order = inOrder<StagingEvent>(
    ascending(({ session_id }) => session_id),
    ascending(({ item_in_session }) => item_in_session),
    byAllColumns(),
  );
  return staged.map(({ row }) => row).sort(order);
}

function stagedSongs(staged: readonly Staged<StagingSong>[]): readonly StagingSong[] {
  const order = inOrder<StagingSong>(
    ascending(({ song_id }) => song_id),
    byAllColumns(),
  );
  return staged.map(({ row }) => row).sort(order);
}
