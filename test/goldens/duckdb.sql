-- schema: create schema etl
create schema if not exists etl;

-- schema: create etl.mutex
create table if not exists etl.mutex (
  id integer not null,
  loads bigint not null,
  ledger_version integer not null
);

-- schema: create etl.runs
create table if not exists etl.runs (
  run_id varchar not null,
  root varchar not null,
  state varchar not null,
  started_at timestamp not null,
  finished_at timestamp,
  tool_version varchar not null,
  error_code varchar,
  error_message varchar
);

-- schema: create etl.objects
create table if not exists etl.objects (
  object_id bigint not null,
  source varchar not null,
  uri varchar not null,
  version varchar not null,
  content_hash varchar not null,
  mapping_hash varchar not null,
  size_bytes bigint not null,
  content_bytes bigint not null,
  state varchar not null,
  run_id varchar not null,
  lines_read bigint not null,
  lines_loaded bigint not null,
  lines_rejected bigint not null,
  lines_blank bigint not null
);

-- schema: create etl.rejects
create table if not exists etl.rejects (
  run_id varchar not null,
  object_id bigint not null,
  source varchar not null,
  uri varchar not null,
  line bigint not null,
  column_name varchar,
  reason varchar not null,
  raw_text varchar not null,
  state varchar not null
);

-- schema: create etl.checks
create table if not exists etl.checks (
  run_id varchar not null,
  name varchar not null,
  kind varchar not null,
  table_name varchar not null,
  severity varchar not null,
  passed boolean not null,
  failures bigint not null
);

-- schema: create staging_events
create table if not exists staging_events (
  artist varchar,
  auth varchar,
  first_name varchar,
  gender varchar,
  item_in_session integer,
  last_name varchar,
  length double,
  level varchar,
  location varchar,
  method varchar,
  page varchar,
  registration double,
  session_id bigint,
  song varchar,
  status smallint,
  ts bigint,
  user_agent varchar,
  user_id bigint,
  object_id bigint
);

-- schema: create staging_events_duplicates
create table if not exists etl.staging_events_duplicates (
  session_id bigint,
  item_in_session integer,
  lines bigint,
  conflicting boolean
);

-- schema: create staging_songs
create table if not exists staging_songs (
  num_songs integer,
  artist_id varchar,
  artist_latitude double,
  artist_longitude double,
  artist_location varchar,
  artist_name varchar,
  song_id varchar,
  title varchar,
  duration double,
  year integer,
  object_id bigint
);

-- schema: create staging_songs_duplicates
create table if not exists etl.staging_songs_duplicates (
  song_id varchar,
  lines bigint,
  conflicting boolean
);

-- schema: create users
create table if not exists users (
  user_id bigint,
  first_name varchar,
  last_name varchar,
  gender varchar,
  level varchar
);

-- schema: create artists
create table if not exists artists (
  artist_id varchar,
  name varchar,
  location varchar,
  latitude double,
  longitude double
);

-- schema: create songs
create table if not exists songs (
  song_id varchar,
  title varchar,
  artist_id varchar,
  year integer,
  duration double,
  artist_name varchar
);

-- schema: create songplays
create table if not exists songplays (
  songplay_id bigint,
  start_time timestamp,
  user_id bigint,
  level varchar,
  song_id varchar,
  artist_id varchar,
  session_id bigint,
  location varchar,
  user_agent varchar,
  song_title varchar,
  artist_name varchar,
  song_length double
);

-- schema: create time
create table if not exists time (
  start_time timestamp,
  hour smallint,
  day smallint,
  week smallint,
  month smallint,
  year smallint,
  weekday smallint
);

-- schema: create the view of the winners of staging_events
create or replace view etl.staging_events_winners as
select s.artist, s.auth, s.first_name, s.gender, s.item_in_session, s.last_name, s.length, s.level, s.location, s.method, s.page, s.registration, s.session_id, s.song, s.status, s.ts, s.user_agent, s.user_id
from staging_events s
left join etl.staging_events_duplicates d on d.session_id = s.session_id and d.item_in_session = s.item_in_session
where d.session_id is null
union all
select artist, auth, first_name, gender, item_in_session, last_name, length, level, location, method, page, registration, session_id, song, status, ts, user_agent, user_id
from (
  select s.*, row_number() over (
    partition by s.session_id, s.item_in_session
    order by case when o.state = 'vanished' then 1 else 0 end, s.ts desc nulls last, s.artist nulls last, s.auth nulls last, s.first_name nulls last, s.gender nulls last, s.item_in_session nulls last, s.last_name nulls last, s.length nulls last, s.level nulls last, s.location nulls last, s.method nulls last, s.page nulls last, s.registration nulls last, s.session_id nulls last, s.song nulls last, s.status nulls last, s.ts nulls last, s.user_agent nulls last, s.user_id nulls last
  ) as place
  from staging_events s
  join etl.staging_events_duplicates d on d.session_id = s.session_id and d.item_in_session = s.item_in_session
  left join etl.objects o on o.object_id = s.object_id
) ranked
where place = 1;

-- schema: create the view of the winners of staging_songs
create or replace view etl.staging_songs_winners as
select s.num_songs, s.artist_id, s.artist_latitude, s.artist_longitude, s.artist_location, s.artist_name, s.song_id, s.title, s.duration, s.year
from staging_songs s
left join etl.staging_songs_duplicates d on d.song_id = s.song_id
where d.song_id is null
union all
select num_songs, artist_id, artist_latitude, artist_longitude, artist_location, artist_name, song_id, title, duration, year
from (
  select s.*, row_number() over (
    partition by s.song_id
    order by case when o.state = 'vanished' then 1 else 0 end, s.year desc nulls last, s.num_songs nulls last, s.artist_id nulls last, s.artist_latitude nulls last, s.artist_longitude nulls last, s.artist_location nulls last, s.artist_name nulls last, s.song_id nulls last, s.title nulls last, s.duration nulls last, s.year nulls last
  ) as place
  from staging_songs s
  join etl.staging_songs_duplicates d on d.song_id = s.song_id
  left join etl.objects o on o.object_id = s.object_id
) ranked
where place = 1;

-- schema: create the view plays
create or replace view plays as
select
  f.songplay_id as songplay_id,
  f.start_time as start_time,
  f.user_id as user_id,
  f.level as level,
  f.song_id as song_id,
  f.artist_id as artist_id,
  f.session_id as session_id,
  f.location as location,
  f.user_agent as user_agent,
  f.song_title as song_title,
  f.artist_name as artist_name,
  f.song_length as song_length,
  d1.first_name as first_name,
  d1.last_name as last_name,
  d1.gender as gender,
  d1.level as level_today,
  d2.title as title,
  d2.year as release_year,
  d2.duration as duration,
  d2.artist_name as credited_artist_name,
  d3.name as catalogue_artist_name,
  d3.location as artist_location,
  d3.latitude as artist_latitude,
  d3.longitude as artist_longitude,
  d4.hour as hour,
  d4.day as day,
  d4.week as week,
  d4.month as month,
  d4.year as year,
  d4.weekday as weekday
from songplays f
left join users d1 on d1.user_id = f.user_id
left join songs d2 on d2.song_id = f.song_id
left join artists d3 on d3.artist_id = f.artist_id
left join time d4 on d4.start_time = f.start_time;

-- transform: forget the duplicates of staging_events
delete from etl.staging_events_duplicates;

-- transform: find the duplicates of staging_events
insert into etl.staging_events_duplicates (session_id, item_in_session, lines, conflicting)
select s.session_id, s.item_in_session, count(*), count(distinct s.ts) + max(case when s.ts is null then 1 else 0 end) > 1 or count(distinct s.user_id) + max(case when s.user_id is null then 1 else 0 end) > 1
from staging_events s
join (
  select session_id, item_in_session
  from staging_events
  group by session_id, item_in_session
  having count(*) > 1
) d on d.session_id = s.session_id and d.item_in_session = s.item_in_session
group by s.session_id, s.item_in_session;

-- transform: forget the duplicates of staging_songs
delete from etl.staging_songs_duplicates;

-- transform: find the duplicates of staging_songs
insert into etl.staging_songs_duplicates (song_id, lines, conflicting)
select s.song_id, count(*), false
from staging_songs s
join (
  select song_id
  from staging_songs
  group by song_id
  having count(*) > 1
) d on d.song_id = s.song_id
group by s.song_id;

-- transform: empty users
delete from users;

-- transform: fill users: one row per user id seen in any event
insert into users (user_id, first_name, last_name, gender, level)
select user_id, first_name, last_name, gender, level
from (
  select s.user_id as user_id, s.first_name as first_name, s.last_name as last_name, s.gender as gender, s.level as level, row_number() over (
    partition by s.user_id
    order by s.ts desc nulls last, s.session_id desc nulls last, s.item_in_session desc nulls last
  ) as place
  from etl.staging_events_winners s
  join (
    select c.user_id as key_0, max(c.ts) as first_value
    from etl.staging_events_winners c where c.user_id is not null
    group by c.user_id
  ) f on f.key_0 = s.user_id and f.first_value = s.ts
  where s.user_id is not null
) ranked
where place = 1;

-- transform: empty artists
delete from artists;

-- transform: fill artists: one row per artist id
insert into artists (artist_id, name, location, latitude, longitude)
select artist_id, name, location, latitude, longitude
from (
  select s.artist_id as artist_id, s.artist_name as name, nullif(s.artist_location, '') as location, s.artist_latitude as latitude, s.artist_longitude as longitude, row_number() over (
    partition by s.artist_id
    order by case when (s.artist_latitude is not null and s.artist_longitude is not null) then 1 else 0 end desc nulls last, case when nullif(s.artist_location, '') is not null then 1 else 0 end desc nulls last, cast(length(s.artist_name) as integer) nulls last, nullif(s.year, 0) desc nulls last, s.song_id nulls last
  ) as place
  from etl.staging_songs_winners s
) ranked
where place = 1;

-- transform: empty songs
delete from songs;

-- transform: fill songs: one row per song id
insert into songs (song_id, title, artist_id, year, duration, artist_name)
select s.song_id as song_id, s.title as title, s.artist_id as artist_id, nullif(s.year, 0) as year, s.duration as duration, s.artist_name as artist_name
from etl.staging_songs_winners s;

-- transform: empty songplays
delete from songplays;

-- transform: fill songplays: one row per song started: each NextSong event
insert into songplays (songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, song_title, artist_name, song_length)
select
  cast(s.session_id as bigint) * 65536 + s.item_in_session as songplay_id,
  cast(epoch_ms(s.ts) as timestamp) as start_time,
  s.user_id as user_id,
  s.level as level,
  found_1.song_id as song_id,
  found_1.artist_id as artist_id,
  s.session_id as session_id,
  s.location as location,
  s.user_agent as user_agent,
  s.song as song_title,
  s.artist as artist_name,
  s.length as song_length
from etl.staging_events_winners s
left join (
  select key_0, key_1, song_id, artist_id
  from (
    select s.session_id as key_0, s.item_in_session as key_1, d.song_id, d.artist_id, row_number() over (
      partition by s.session_id, s.item_in_session
      order by abs(d.duration - s.length) nulls last, d.song_id
    ) as place
    from etl.staging_events_winners s
    join songs d on d.title = s.song and d.artist_name = s.artist
    where s.page = 'NextSong'
  ) ranked
  where place = 1
) found_1 on found_1.key_0 = s.session_id and found_1.key_1 = s.item_in_session
where s.page = 'NextSong';

-- transform: empty time
delete from time;

-- transform: fill time: one row per distinct start_time of songplays
insert into time (start_time, hour, day, week, month, year, weekday)
select
  k.start_time as start_time,
  cast(extract(hour from k.start_time) as smallint) as hour,
  cast(extract(day from k.start_time) as smallint) as day,
  cast(extract(week from k.start_time) as smallint) as week,
  cast(extract(month from k.start_time) as smallint) as month,
  cast(extract(year from k.start_time) as smallint) as year,
  cast(extract(dow from k.start_time) as smallint) as weekday
from (
  select distinct f.start_time
  from songplays f
) k;

-- verify: staging_events_balance
select count(*)
from (select * from etl.objects where source = 'events') o
full join (select object_id, count(*) as loaded from staging_events group by object_id) s
  on s.object_id = o.object_id
left join (select object_id, count(*) as rejected from etl.rejects where source = 'events' and state = 'kept' group by object_id) r
  on r.object_id = o.object_id
where o.object_id is null
  or o.lines_read <> o.lines_loaded + o.lines_rejected + o.lines_blank
  or o.lines_loaded <> coalesce(s.loaded, 0)
  or o.lines_rejected <> coalesce(r.rejected, 0);

-- verify: staging_songs_balance
select count(*)
from (select * from etl.objects where source = 'songs') o
full join (select object_id, count(*) as loaded from staging_songs group by object_id) s
  on s.object_id = o.object_id
left join (select object_id, count(*) as rejected from etl.rejects where source = 'songs' and state = 'kept' group by object_id) r
  on r.object_id = o.object_id
where o.object_id is null
  or o.lines_read <> o.lines_loaded + o.lines_rejected + o.lines_blank
  or o.lines_loaded <> coalesce(s.loaded, 0)
  or o.lines_rejected <> coalesce(r.rejected, 0);

-- verify: staging_events_gender_is_known, staging_events_level_is_known, staging_events_method_is_known, staging_events_page_is_known, staging_events_status_is_known
select
  coalesce(sum(case when gender not in ('F', 'M') then 1 else 0 end), 0) as failures_0,
  coalesce(sum(case when level not in ('free', 'paid') then 1 else 0 end), 0) as failures_1,
  coalesce(sum(case when method not in ('GET', 'PUT') then 1 else 0 end), 0) as failures_2,
  coalesce(sum(case when page not in ('About', 'Cancel', 'Cancellation Confirmation', 'Downgrade', 'Error', 'Help', 'Home', 'Login', 'Logout', 'NextSong', 'Register', 'Save Settings', 'Settings', 'Submit Downgrade', 'Submit Registration', 'Submit Upgrade', 'Upgrade') then 1 else 0 end), 0) as failures_3,
  coalesce(sum(case when status not in (200, 307, 404) then 1 else 0 end), 0) as failures_4
from staging_events;

-- verify: users_key_is_unique
select count(*) from (
  select user_id from users group by user_id having count(*) > 1
) repeated;

-- verify: users_user_id_is_present, users_level_is_present
select
  coalesce(sum(case when user_id is null then 1 else 0 end), 0) as failures_0,
  coalesce(sum(case when level is null then 1 else 0 end), 0) as failures_1
from users;

-- verify: artists_key_is_unique
select count(*) from (
  select artist_id from artists group by artist_id having count(*) > 1
) repeated;

-- verify: artists_artist_id_is_present, artists_name_is_present
select
  coalesce(sum(case when artist_id is null then 1 else 0 end), 0) as failures_0,
  coalesce(sum(case when name is null then 1 else 0 end), 0) as failures_1
from artists;

-- verify: songs_key_is_unique
select count(*) from (
  select song_id from songs group by song_id having count(*) > 1
) repeated;

-- verify: songs_song_id_is_present, songs_title_is_present, songs_artist_id_is_present, songs_duration_is_present, songs_artist_name_is_present
select
  coalesce(sum(case when song_id is null then 1 else 0 end), 0) as failures_0,
  coalesce(sum(case when title is null then 1 else 0 end), 0) as failures_1,
  coalesce(sum(case when artist_id is null then 1 else 0 end), 0) as failures_2,
  coalesce(sum(case when duration is null then 1 else 0 end), 0) as failures_3,
  coalesce(sum(case when artist_name is null then 1 else 0 end), 0) as failures_4
from songs;

-- verify: songs_artist_id_is_in_artists
select count(*)
from songs f
left join artists d on d.artist_id = f.artist_id
where f.artist_id is not null and d.artist_id is null;

-- verify: songplays_key_is_unique
select count(*) from (
  select songplay_id from songplays group by songplay_id having count(*) > 1
) repeated;

-- verify: songplays_songplay_id_is_present, songplays_start_time_is_present, songplays_user_id_is_present, songplays_level_is_present, songplays_session_id_is_present, songplays_song_title_is_present, songplays_artist_name_is_present, songplays_song_length_is_present
select
  coalesce(sum(case when songplay_id is null then 1 else 0 end), 0) as failures_0,
  coalesce(sum(case when start_time is null then 1 else 0 end), 0) as failures_1,
  coalesce(sum(case when user_id is null then 1 else 0 end), 0) as failures_2,
  coalesce(sum(case when level is null then 1 else 0 end), 0) as failures_3,
  coalesce(sum(case when session_id is null then 1 else 0 end), 0) as failures_4,
  coalesce(sum(case when song_title is null then 1 else 0 end), 0) as failures_5,
  coalesce(sum(case when artist_name is null then 1 else 0 end), 0) as failures_6,
  coalesce(sum(case when song_length is null then 1 else 0 end), 0) as failures_7
from songplays;

-- verify: songplays_user_id_is_in_users
select count(*)
from songplays f
left join users d on d.user_id = f.user_id
where f.user_id is not null and d.user_id is null;

-- verify: songplays_song_id_is_in_songs
select count(*)
from songplays f
left join songs d on d.song_id = f.song_id
where f.song_id is not null and d.song_id is null;

-- verify: songplays_artist_id_is_in_artists
select count(*)
from songplays f
left join artists d on d.artist_id = f.artist_id
where f.artist_id is not null and d.artist_id is null;

-- verify: time_key_is_unique
select count(*) from (
  select start_time from time group by start_time having count(*) > 1
) repeated;

-- verify: time_start_time_is_present, time_hour_is_present, time_day_is_present, time_week_is_present, time_month_is_present, time_year_is_present, time_weekday_is_present
select
  coalesce(sum(case when start_time is null then 1 else 0 end), 0) as failures_0,
  coalesce(sum(case when hour is null then 1 else 0 end), 0) as failures_1,
  coalesce(sum(case when day is null then 1 else 0 end), 0) as failures_2,
  coalesce(sum(case when week is null then 1 else 0 end), 0) as failures_3,
  coalesce(sum(case when month is null then 1 else 0 end), 0) as failures_4,
  coalesce(sum(case when year is null then 1 else 0 end), 0) as failures_5,
  coalesce(sum(case when weekday is null then 1 else 0 end), 0) as failures_6
from time;

-- verify: songplays_start_time_is_in_time
select count(*)
from songplays f
left join time d on d.start_time = f.start_time
where f.start_time is not null and d.start_time is null;

-- verify: songplays_balance
select abs(
  (select count(*) from staging_events s where s.page = 'NextSong')
  - (select count(*) from songplays)
  - ((select count(*) from staging_events s join etl.staging_events_duplicates d on d.session_id = s.session_id and d.item_in_session = s.item_in_session where s.page = 'NextSong') - (select count(*) from etl.staging_events_winners s join etl.staging_events_duplicates d on d.session_id = s.session_id and d.item_in_session = s.item_in_session where s.page = 'NextSong'))
);

-- verify: plays_have_length
select count(*) from songplays t where not (t.song_length >= 0);
