import { defineDimension } from '../model/dimension.ts';
import { and, ascending, characterLength, descending, isNotNull, nullIf } from '../model/expression.ts';
import { column } from '../model/star-table.ts';
import { stagingEvents, stagingSongs } from './staging.ts';

export const users = defineDimension(stagingEvents, (event) => ({
  name: 'users',
  doc: 'The people who use Sparkify, as they are today.',
  grain: 'one row per user id seen in any event',
  where: isNotNull(event.user_id),
  key: { user_id: column(event.user_id, 'The person') },
  columns: {
    first_name: column(event.first_name, 'First name'),
    last_name: column(event.last_name, 'Last name'),
    gender: column(event.gender, 'Gender as the person gave it'),
    level: column(event.level, 'Subscription as of the latest event: free or paid', { required: true }),
  },
  pick: [descending(event.ts), descending(event.session_id), descending(event.item_in_session)],
  physical: { redshift: { distribution: 'all', sortKey: ['user_id'] } },
}));

export const artists = defineDimension(stagingSongs, (song) => ({
  name: 'artists',
  doc: 'The artists of the catalogue. Name, place and coordinates are those of one and the same song.',
  grain: 'one row per artist id',
  key: { artist_id: column(song.artist_id, 'The artist') },
  columns: {
    name: column(song.artist_name, 'Name; of several the plainest, since a credit "X feat. Y" is longer', {
      required: true,
    }),
    location: column(nullIf(song.artist_location, ''), 'Where the artist is from, in words; NULL when unknown'),
    latitude: column(song.artist_latitude, 'Where the artist is from'),
    longitude: column(song.artist_longitude, 'Where the artist is from'),
  },
  pick: [
    descending(and(isNotNull(song.artist_latitude), isNotNull(song.artist_longitude))),
    descending(isNotNull(nullIf(song.artist_location, ''))),
    ascending(characterLength(song.artist_name)),
    descending(nullIf(song.year, 0)),
    ascending(song.song_id),
  ],
  physical: { redshift: { distribution: 'all', sortKey: ['artist_id'] } },
}));

export const songs = defineDimension(stagingSongs, (song) => ({
  name: 'songs',
  doc: 'The songs of the catalogue.',
  grain: 'one row per song id',
  key: { song_id: column(song.song_id, 'The work, whatever the recording') },
  columns: {
    title: column(song.title, 'Title', { required: true }),
    artist_id: column(song.artist_id, 'The artist the song is credited to', { required: true, references: artists }),
    year: column(nullIf(song.year, 0), 'Year of release; NULL when unknown'),
    duration: column(song.duration, 'Length of the recording', { required: true }),
    artist_name: column(song.artist_name, 'Artist as credited on this song', { required: true }),
  },
  physical: { redshift: { distribution: 'all', sortKey: ['song_id'] } },
}));
