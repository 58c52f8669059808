import { defineCheck } from '../model/check.ts';
import { atLeast } from '../model/expression.ts';
import { defineView, joined } from '../model/view.ts';
import { defineWarehouse } from '../model/warehouse.ts';
import { artists, songs, users } from './dimensions.ts';
import { songplays } from './songplays.ts';
import { stagingEvents, stagingSongs } from './staging.ts';
import { time } from './time.ts';

export const plays = defineView(songplays, {
  name: 'plays',
  doc: 'Every play with everything known of its listener, song, artist and time. Start here.',
  joins: [
    joined(users, { on: 'user_id', rename: { level: 'level_today' } }),
    joined(songs, {
      on: 'song_id',
      rename: { artist_id: false, year: 'release_year', artist_name: 'credited_artist_name' },
    }),
    joined(artists, {
      on: 'artist_id',
      rename: {
        name: 'catalogue_artist_name',
        location: 'artist_location',
        latitude: 'artist_latitude',
        longitude: 'artist_longitude',
      },
    }),
    joined(time, { on: 'start_time' }),
  ],
});

const playsHaveLength = defineCheck(songplays, {
  name: 'plays_have_length',
  doc: 'The length of a song is not negative.',
  holds: (play) => atLeast(play.song_length, 0),
  severity: 'warn',
});

/** Sparkify's warehouse: what listeners play, for the analytics team. */
export const sparkify = defineWarehouse({
  name: 'sparkify',
  doc: "What Sparkify's users listen to: plays with their listeners, songs, artists and times.",
  staging: [stagingEvents, stagingSongs],
  tables: [users, artists, songs, songplays, time],
  views: [plays],
  checks: [playsHaveLength],
  queries: new URL('./queries/', import.meta.url),
});
