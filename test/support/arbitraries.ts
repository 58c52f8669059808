import * as fc from 'fast-check';

// Few distinct values, so that keys repeat, plays find songs and ties are common.
const name = fc.constantFrom('A', 'B', 'a', 'Ünï', '𝄞', 'A feat. B', 'it\'s "x"');
const length = fc.constantFrom(100.5, 200.25, 200.75, 300);

/** An event as it stands on a line, often one that does not fit. */
export const event = fc.record({
  artist: fc.option(name),
  auth: fc.constantFrom('Logged In', 'Logged Out'),
  firstName: fc.option(name),
  gender: fc.constantFrom('F', 'M', null),
  itemInSession: fc.constantFrom(0, 1, 2, 65_535),
  lastName: fc.option(name),
  length: fc.option(length),
  level: fc.constantFrom('free', 'paid'),
  location: fc.option(name),
  method: fc.constantFrom('GET', 'PUT'),
  page: fc.constantFrom('NextSong', 'NextSong', 'NextSong', 'Home'),
  registration: fc.option(fc.constantFrom(1540919166796.5, 1e12)),
  sessionId: fc.constantFrom(1, 2, 32_768, 2 ** 47 - 1),
  song: fc.option(name),
  status: fc.constantFrom(200, 307),
  // Around the turn of ISO years and of days.
  ts: fc.constantFrom(1546214400000, 1546300799999, 1546300800000, 1541121934796, 0),
  userAgent: fc.option(name),
  userId: fc.constantFrom('1', '2', '30', '', 4),
});

/** A song as it stands in a file. */
export const song = fc.record({
  num_songs: fc.constant(1),
  artist_id: fc.constantFrom('AR1', 'AR2', 'ar1'),
  artist_latitude: fc.option(fc.constantFrom(1.5, -70.25)),
  artist_longitude: fc.option(fc.constantFrom(1.5, 170.125)),
  artist_location: fc.constantFrom('', ' ', 'Oslo', 'Bergen '),
  artist_name: name,
  song_id: fc.constantFrom('SO1', 'SO2', 'SO3', 'so3'),
  title: fc.oneof(name, fc.constant(112)),
  duration: length,
  year: fc.constantFrom(0, 1999, 2007, null),
});
