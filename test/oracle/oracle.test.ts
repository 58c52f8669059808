import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { eventLine, logOf, songFile, songText } from './build-bucket.ts';
import { oracle } from './oracle.ts';
import type { BucketObject } from './read-objects.ts';

/** The values of one column. */
function column<Row, Name extends keyof Row>(rows: readonly Row[], name: Name): readonly Row[Name][] {
  return rows.map((row) => row[name]);
}

/** The only event of a bucket with one line, or undefined when it was rejected. */
function landedEvent(fields: Readonly<Record<string, unknown>>) {
  return oracle([logOf(eventLine(fields))]).staging_events[0];
}

describe('a line', () => {
  test('becomes a row with the columns of the design in their order', () => {
    const { staging_events, staging_songs } = oracle([logOf(eventLine()), songFile()]);
    expect(Object.entries(staging_events[0] ?? {})).toEqual([
      ['artist', 'The Quiet Lanterns'],
      ['auth', 'Logged In'],
      ['first_name', 'Nora'],
      ['gender', 'F'],
      ['item_in_session', 0],
      ['last_name', 'Birch'],
      ['length', 200.5],
      ['level', 'free'],
      ['location', 'Spokane-Spokane Valley, WA'],
      ['method', 'PUT'],
      ['page', 'NextSong'],
      ['registration', 1540919166796.5],
      ['session_id', 7n],
      ['song', 'Paper Boats'],
      ['status', 200],
      ['ts', 1542241826796n],
      ['user_agent', '"Mozilla/5.0 (X11)"'],
      ['user_id', 3n],
    ]);
    expect(Object.entries(staging_songs[0] ?? {})).toEqual([
      ['num_songs', 1],
      ['artist_id', 'AR1'],
      ['artist_latitude', null],
      ['artist_longitude', null],
      ['artist_location', ''],
      ['artist_name', 'The Quiet Lanterns'],
      ['song_id', 'SO1'],
      ['title', 'Paper Boats'],
      ['duration', 200.25],
      ['year', 0],
    ]);
  });

  test('is loaded, rejected or blank', () => {
    const log = logOf(eventLine(), '', ' \t\r', '{"broken', '[1]', '7', 'null', '');
    expect(oracle([log]).lines.events).toEqual({ read: 7, loaded: 1, rejected: 4, blank: 2 });
  });

  test('of invalid UTF-8 is a reject', () => {
    const content = Buffer.from(eventLine({ song: 'é' }), 'latin1');
    expect(oracle([{ key: 'log_data/x.json', content }]).lines.events).toMatchObject({ loaded: 0, rejected: 1 });
  });

  test('is a whole object for songs, newlines and all', () => {
    const pretty = songText(JSON.stringify(JSON.parse(String(songFile().content)), null, 2));
    expect(oracle([pretty]).lines.songs).toEqual({ read: 1, loaded: 1, rejected: 0, blank: 0 });
  });

  test('is read from objects of the two sources alone, gzipped ones too', () => {
    const log = { key: 'log_data/2018/11/2018-11-15-events.json.gz', content: gzipSync(eventLine()) };
    const others = ['log_data/README.md', 'other/x.json'].map((key) => ({ key, content: eventLine() }));
    expect(oracle([log, ...others]).lines.events.read).toBe(1);
  });

  test('is mapped to columns by the position of the JSONPaths', () => {
    const paths = ['artist', 'auth', 'firstName', 'gender', 'itemInSession', 'lastName', 'length', 'level', 'location'];
    const others = ['method', 'page', 'registration', 'sessionId', 'title', 'status', 'ts', 'userAgent', 'userId'];
    const jsonpaths = [...paths, ...others].map((path) => `$['${path}']`);
    const mapping = { key: 'log_json_path.json', content: JSON.stringify({ jsonpaths }) };
    const { staging_events } = oracle([mapping, logOf(eventLine({ title: 'Renamed' }))]);
    expect(column(staging_events, 'song')).toEqual(['Renamed']);
  });
});

describe('a value', () => {
  test.each([
    ['a string as it is, without blanks at its end', '  a\u00a0  ', '  a\u00a0'],
    ['a blank string as an empty one', '   ', ''],
    ['an integer as it is written', 112, '112'],
    ['a fraction', 4.6, '4.6'],
    ['a boolean', true, 'true'],
    ['null', null, null],
  ])('is text from %s', (_, value, text) => {
    expect(landedEvent({ location: value })?.location).toBe(text);
  });

  test('is text with a point from a number with a fraction or an exponent', () => {
    const line = eventLine({ location: 'X' });
    const written = (number: string) => oracle([logOf(line.replace('"X"', number))]).staging_events[0]?.location;
    expect(written('1e3')).toBe('1000.0');
    expect(written('2.50')).toBe('2.5');
    expect(written('12345678901234567')).toBe('12345678901234567');
  });

  test.each([
    ['an object', {}],
    ['an array', ['x']],
    ['NUL', 'a\u0000b'],
    ['half a surrogate pair', '\ud800'],
  ])('is no text from %s', (_, value) => {
    expect(landedEvent({ location: value })).toBeUndefined();
  });

  test.each([
    ['a number', 42, 42n],
    ['a quoted number', '-42', -42n],
    ['an empty string', '', null],
    ['nothing', undefined, null],
  ])('is an integer from %s', (_, value, integer) => {
    expect(landedEvent({ page: 'Home', userId: value })).toMatchObject({ user_id: integer });
  });

  test('is an integer with all its digits', () => {
    const line = eventLine({ userId: 'X' }).replace('"X"', '9007199254740993');
    expect(column(oracle([logOf(line)]).staging_events, 'user_id')).toEqual([9007199254740993n]);
  });

  test.each(['4.7', '1e3', '+5', '0x1F', '1_000', ' 5 ', '007', 'true', '9223372036854775808'])(
    'is no integer from %j',
    (value) => {
      expect(landedEvent({ userId: value })).toBeUndefined();
    },
  );

  test.each(['4.0', '1e3'])('is no integer from the number %s', (number) => {
    const line = eventLine({ userId: 'X' }).replace('"X"', number);
    expect(oracle([logOf(line)]).staging_events).toEqual([]);
  });

  test.each<[unknown, number | null | undefined]>([
    ['200.5', 200.5],
    ['', null],
    ['abc', undefined],
    ['NaN', undefined],
    ['1e400', undefined],
  ])('as a double from %j is %j', (value, double) => {
    expect(landedEvent({ registration: value })?.registration).toBe(double);
  });

  test.each([
    ['ts', 253402300800000],
    ['ts', -1],
    ['itemInSession', 65536],
    ['sessionId', 2 ** 47],
    ['sessionId', -1],
    ['status', 32768],
  ])('of %s out of its range is a reject: %d', (field, value) => {
    expect(landedEvent({ [field]: value })).toBeUndefined();
  });

  test.each(['ts', 'sessionId', 'itemInSession', 'page', 'level'])('of %s is required', (field) => {
    expect(landedEvent({ page: 'Home', [field]: null })).toBeUndefined();
  });

  test.each(['userId', 'song', 'artist', 'length'])('of %s is required of a play alone', (field) => {
    expect(landedEvent({ [field]: null })).toBeUndefined();
    expect(landedEvent({ page: 'Home', [field]: null })).toBeDefined();
  });

  test.each(['song_id', 'title', 'artist_id', 'artist_name', 'duration'])('of %s is required of a song', (field) => {
    expect(oracle([songFile({ [field]: null })]).lines.songs.rejected).toBe(1);
  });
});

describe('of several lines with one key', () => {
  const winningSong = (...files: readonly BucketObject[]) => oracle(files).songs[0]?.title;

  test('staging keeps all, and the star one', () => {
    const star = oracle([logOf(eventLine(), eventLine())]);
    expect(star.staging_events).toHaveLength(2);
    expect(star.songplays).toHaveLength(1);
    expect(star.duplicates).toEqual({ events: 1, songs: 0 });
    expect(star.conflicts).toBe(0);
  });

  test('the latest event wins, from whatever object', () => {
    const lines = [eventLine({ level: 'paid', ts: 1000 }), eventLine({ level: 'free', ts: 2000 })];
    expect(column(oracle([logOf(...lines)]).songplays, 'level')).toEqual(['free']);
    expect(column(oracle([logOf(...lines.reverse())]).songplays, 'level')).toEqual(['free']);
  });

  test('the song with the highest year wins, an unknown one last', () => {
    expect(winningSong(songFile({ title: 'A', year: null }), songFile({ title: 'B', year: 0 }))).toBe('B');
    expect(winningSong(songFile({ title: 'A', year: 1999 }), songFile({ title: 'B', year: 2001 }))).toBe('B');
  });

  test('the first by all columns wins when the year ties, text by its bytes', () => {
    expect(winningSong(songFile({ title: 'b' }), songFile({ title: 'B' }))).toBe('B');
    expect(winningSong(songFile({ title: '\u{1f682}' }), songFile({ title: '\uff5e' }))).toBe('\uff5e');
    expect(winningSong(songFile({ title: 'A', artist_id: 'AR2' }), songFile({ title: 'B', artist_id: 'AR1' }))).toBe(
      'B',
    );
  });

  test('a value wins over NULL', () => {
    const known = songFile({ title: 'Known', artist_latitude: 80 });
    expect(winningSong(songFile({ title: 'A', artist_latitude: null }), known)).toBe('Known');
  });

  test('numbers are compared as numbers', () => {
    expect(winningSong(songFile({ title: 'A', num_songs: 10 }), songFile({ title: 'B', num_songs: 9 }))).toBe('B');
  });

  test('those of existing objects win over those of vanished ones', () => {
    const vanished = { ...songFile({ title: 'A', year: 2018 }), vanished: true };
    expect(winningSong(vanished, songFile({ title: 'B', year: 1960 }))).toBe('B');
    expect(winningSong(vanished)).toBe('A');
  });

  test('they conflict when ts or user_id differ, once for each key', () => {
    const conflictsOf = (...lines: readonly string[]) => oracle([logOf(...lines)]).conflicts;
    expect(conflictsOf(eventLine({ ts: 1 }), eventLine({ ts: 2 }), eventLine({ ts: 3 }))).toBe(1);
    expect(conflictsOf(eventLine({ page: 'Home', userId: '' }), eventLine())).toBe(1);
    expect(conflictsOf(eventLine({ location: 'A' }), eventLine({ location: 'B' }))).toBe(0);
    expect(conflictsOf(eventLine(), eventLine({ itemInSession: 1, ts: 1 }))).toBe(0);
  });
});

describe('songplays', () => {
  test('hold the plays alone, keyed by session and item', () => {
    const { songplays } = oracle([
      logOf(eventLine({ itemInSession: 5 }), eventLine({ page: 'Home', itemInSession: 6 })),
    ]);
    expect(songplays).toEqual([
      {
        songplay_id: 7n * 65_536n + 5n,
        start_time: 1542241826796n,
        user_id: 3n,
        level: 'free',
        song_id: null,
        artist_id: null,
        session_id: 7n,
        location: 'Spokane-Spokane Valley, WA',
        user_agent: '"Mozilla/5.0 (X11)"',
        song_title: 'Paper Boats',
        artist_name: 'The Quiet Lanterns',
        song_length: 200.5,
      },
    ]);
  });

  const songIdOf = (...files: readonly BucketObject[]) => oracle([logOf(eventLine()), ...files]).songplays[0]?.song_id;

  test('find the song of their title and artist, whatever its duration', () => {
    expect(songIdOf(songFile({ duration: 900 }))).toBe('SO1');
    expect(songIdOf(songFile({ title: 'paper boats' }))).toBeNull();
    expect(songIdOf(songFile({ artist_name: 'The Quiet Lanterns feat. X' }))).toBeNull();
    expect(songIdOf(songFile({ title: 'Paper Boats  ' }))).toBe('SO1');
  });

  test('take the nearest in duration of several songs, then the smallest id', () => {
    const at = (song_id: string, duration: number) => songFile({ song_id, duration });
    expect(songIdOf(at('SO1', 190), at('SO2', 205))).toBe('SO2');
    expect(songIdOf(at('SO2', 200), at('SO1', 201))).toBe('SO1');
  });

  test('compare with the winner of a song, not with its other lines', () => {
    expect(songIdOf(songFile({ year: 2001, title: 'Other' }), songFile({ year: 1999 }))).toBeNull();
  });
});

describe('users', () => {
  const levelOf = (...lines: readonly string[]) => oracle([logOf(...lines)]).users[0]?.level;

  test('are as their latest event says, on whatever page', () => {
    const home = { page: 'Home', level: 'paid', artist: null, song: null, length: null };
    expect(levelOf(eventLine(), eventLine({ ...home, itemInSession: 1, ts: 1542241826797 }))).toBe('paid');
    expect(levelOf(eventLine(), eventLine({ ...home, itemInSession: 1, ts: 1 }))).toBe('free');
  });

  test('are told apart by session and item when the time ties', () => {
    expect(levelOf(eventLine({ level: 'paid', sessionId: 10 }), eventLine({ sessionId: 9, itemInSession: 4 }))).toBe(
      'paid',
    );
    expect(levelOf(eventLine({ itemInSession: 9 }), eventLine({ level: 'paid', itemInSession: 10 }))).toBe('paid');
  });

  test('have an id, and are sorted by it', () => {
    const lines = ['10', '9'].map((userId, itemInSession) => eventLine({ userId, itemInSession }));
    const loggedOut = eventLine({ page: 'Home', userId: '', itemInSession: 2 });
    expect(column(oracle([logOf(...lines, loggedOut)]).users, 'user_id')).toEqual([9n, 10n]);
  });
});

describe('songs', () => {
  test('have no year when it is unknown', () => {
    const { songs } = oracle([songFile({ song_id: 'SO2', year: 1999 }), songFile()]);
    expect(songs).toEqual([
      {
        song_id: 'SO1',
        title: 'Paper Boats',
        artist_id: 'AR1',
        year: null,
        duration: 200.25,
        artist_name: 'The Quiet Lanterns',
      },
      {
        song_id: 'SO2',
        title: 'Paper Boats',
        artist_id: 'AR1',
        year: 1999,
        duration: 200.25,
        artist_name: 'The Quiet Lanterns',
      },
    ]);
  });
});

describe('artists', () => {
  const artistOf = (...songs: readonly Readonly<Record<string, unknown>>[]) =>
    oracle(songs.map((fields, index) => songFile({ song_id: `SO${index}`, ...fields }))).artists[0];

  test('are the whole row of the song with both coordinates', () => {
    const placed = { artist_name: 'Long Name', artist_latitude: 1, artist_longitude: 2 };
    expect(artistOf({ artist_name: 'N', artist_location: 'Cork', artist_latitude: 3 }, placed)).toEqual({
      artist_id: 'AR1',
      name: 'Long Name',
      location: null,
      latitude: 1,
      longitude: 2,
    });
  });

  test('are then the song with a location, then with the shortest name in characters', () => {
    expect(artistOf({ artist_name: 'N' }, { artist_name: 'Name', artist_location: 'Cork' })?.name).toBe('Name');
    expect(artistOf({ artist_name: 'N', artist_location: '  ' }, { artist_location: 'Cork' })?.location).toBe('Cork');
    expect(artistOf({ artist_name: 'abcd' }, { artist_name: '東京🚂' })?.name).toBe('東京🚂');
  });

  test('are then the song with the highest year, an unknown one last, then with the smallest id', () => {
    const named = (artist_name: string, year: number | null) => ({ artist_name, year });
    expect(artistOf(named('A', 0), named('B', 1960))?.name).toBe('B');
    expect(artistOf(named('B', null), named('A', 0))?.name).toBe('B');
    expect(artistOf(named('B', 1990), named('A', 1990))?.name).toBe('B');
  });
});

describe('time', () => {
  test('has one row for each start of a song, in UTC', () => {
    const ts = Date.UTC(2018, 10, 18, 23, 59, 59, 999);
    const lines = [0, 1].map((itemInSession) => eventLine({ ts, itemInSession }));
    expect(oracle([logOf(...lines)]).time).toEqual([
      { start_time: BigInt(ts), hour: 23, day: 18, week: 46, month: 11, year: 2018, weekday: 0 },
    ]);
  });

  test.each([
    ['2018-01-01', 1],
    ['2018-12-31', 1],
    ['2021-01-03', 53],
    ['2021-01-04', 1],
    ['2016-01-01', 53],
    ['2020-12-31', 53],
    ['2012-01-01', 52],
  ])('knows the ISO week of %s', (date, week) => {
    expect(column(oracle([logOf(eventLine({ ts: Date.parse(date) }))]).time, 'week')).toEqual([week]);
  });
});
