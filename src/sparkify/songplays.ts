import { equal, fromEpochMillis, packedKey } from '../model/expression.ts';
import { defineFact } from '../model/fact.ts';
import { lookup } from '../model/lookup.ts';
import { column } from '../model/star-table.ts';
import { artists, songs, users } from './dimensions.ts';
import { stagingEvents } from './staging.ts';

export const songplays = defineFact(stagingEvents, (event) => {
  const catalogued = lookup(songs, {
    on: { title: event.song, artist_name: event.artist },
    nearest: { duration: event.length },
  });
  return {
    name: 'songplays',
    doc: 'What listeners play. Starts of songs, catalogued or not.',
    grain: 'one row per song started: each NextSong event',
    where: equal(event.page, 'NextSong'),
    key: {
      songplay_id: column(packedKey(event.session_id, event.item_in_session), 'session_id × 65,536 + item in session'),
    },
    columns: {
      start_time: column(fromEpochMillis(event.ts), 'When the song started', { required: true }),
      user_id: column(event.user_id, 'The listener', { required: true, references: users }),
      level: column(event.level, 'Subscription of the listener at the time: free or paid', { required: true }),
      song_id: column(
        catalogued.song_id,
        'The song of the catalogue with this title and artist; NULL when there is none',
        {
          references: songs,
        },
      ),
      artist_id: column(catalogued.artist_id, 'The artist of that song; NULL when there is none', {
        references: artists,
      }),
      session_id: column(event.session_id, 'The session of the listener', { required: true }),
      location: column(event.location, 'Metropolitan area of the listener'),
      user_agent: column(event.user_agent, 'Browser of the listener'),
      song_title: column(event.song, 'Title as the app sent it', { required: true }),
      artist_name: column(event.artist, 'Artist as the app sent it', { required: true }),
      song_length: column(event.length, 'Length of the song as the app sent it', { required: true }),
    },
    physical: { redshift: { distribution: { key: 'start_time' }, sortKey: ['start_time'] } },
  };
});
