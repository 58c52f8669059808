-- A full load, in order, for an empty database; without the questions a run asks, and what it notes of itself.
-- What the embedded parser executes, or a run with values of its own, is a comment. So nothing comes into the ledger by
-- hand: the balance of staging then counts each object, and `sparkify run` would load everything once more.

-- schema: create schema etl
create schema if not exists etl;

-- schema: create etl.mutex
create table if not exists etl.mutex (
  id integer not null,
  loads bigint not null,
  ledger_version integer not null,
  star_schema varchar
);

-- schema: create etl.roots
create table if not exists etl.roots (
  root varchar not null,
  run_id varchar not null
);

-- schema: create etl.definitions
create table if not exists etl.definitions (
  name varchar not null,
  fingerprint varchar not null,
  version integer not null,
  columns varchar not null
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
  fingerprint varchar not null,
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

-- schema: create etl.unreadable
create table if not exists etl.unreadable (
  run_id varchar not null,
  source varchar not null,
  uri varchar not null,
  error_code varchar not null,
  error_message varchar not null
);

-- schema: create etl.keys
create table if not exists etl.keys (
  source varchar not null,
  key varchar not null,
  types varchar not null,
  lines bigint not null,
  sampled_lines bigint not null,
  run_id varchar not null
);

-- schema: create etl.drift
create table if not exists etl.drift (
  run_id varchar not null,
  source varchar not null,
  key varchar not null,
  kind varchar not null,
  detail varchar not null
);

-- schema: begin to count loads
-- put the mutex in
insert into etl.mutex (id, loads, ledger_version)
select 1, 0, 3
from (select count(*) as present from etl.mutex) m
where present = 0;

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
  object_id bigint,
  lines bigint,
  versions bigint,
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
  object_id bigint,
  lines bigint,
  versions bigint,
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
select s.artist, s.auth, s.first_name, s.gender, s.item_in_session, s.last_name, s.length, s.level, s.location, s.method, s.page, s.registration, s.session_id, s.song, s.status, s.ts, s.user_agent, s.user_id, s.object_id
from staging_events s
left join etl.staging_events_duplicates d on d.session_id = s.session_id and d.item_in_session = s.item_in_session
where d.session_id is null
union all
select artist, auth, first_name, gender, item_in_session, last_name, length, level, location, method, page, registration, session_id, song, status, ts, user_agent, user_id, object_id
from etl.staging_events_duplicates;

-- schema: create the view of the winners of staging_songs
create or replace view etl.staging_songs_winners as
select s.num_songs, s.artist_id, s.artist_latitude, s.artist_longitude, s.artist_location, s.artist_name, s.song_id, s.title, s.duration, s.year, s.object_id
from staging_songs s
left join etl.staging_songs_duplicates d on d.song_id = s.song_id
where d.song_id is null
union all
select num_songs, artist_id, artist_latitude, artist_longitude, artist_location, artist_name, song_id, title, duration, year, object_id
from etl.staging_songs_duplicates;

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

begin;

-- load: count the load
-- take the mutex
update etl.mutex set loads = loads + 1 where id = 1;

-- load: parse files into staging_events
-- write the path of a file for OBJECT; rows that may not fit get a negative number, and are decided anew as text
-- land staging_events: parse 1 objects
insert into staging_events (artist, auth, first_name, gender, item_in_session, last_name, length, level, location, method, page, registration, session_id, song, status, ts, user_agent, user_id, "object_id")
select artist, auth, first_name, gender, item_in_session, last_name, length, level, location, method, page, registration, session_id, song, status, ts, user_agent, user_id, case when (prefix("$artist", '{') or prefix("$artist", '['))
  or strlen(artist) > 1024
  or contains("$artist", chr(0))
  or (prefix("$auth", '{') or prefix("$auth", '['))
  or strlen(auth) > 32
  or contains("$auth", chr(0))
  or (prefix("$first_name", '{') or prefix("$first_name", '['))
  or strlen(first_name) > 256
  or contains("$first_name", chr(0))
  or (prefix("$gender", '{') or prefix("$gender", '['))
  or strlen(gender) > 16
  or contains("$gender", chr(0))
  or (item_in_session::varchar is distinct from "$item_in_session" and "$item_in_session" <> '')
  or (item_in_session < 0 or item_in_session > 65535)
  or item_in_session is null
  or (prefix("$last_name", '{') or prefix("$last_name", '['))
  or strlen(last_name) > 256
  or contains("$last_name", chr(0))
  or ("$length" <> '' and (length is null or not regexp_full_match("$length", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?')))
  or not isfinite(length)
  or (prefix("$level", '{') or prefix("$level", '['))
  or strlen(level) > 16
  or contains("$level", chr(0))
  or level is null
  or (prefix("$location", '{') or prefix("$location", '['))
  or strlen(location) > 512
  or contains("$location", chr(0))
  or (prefix("$method", '{') or prefix("$method", '['))
  or strlen(method) > 16
  or contains("$method", chr(0))
  or (prefix("$page", '{') or prefix("$page", '['))
  or strlen(page) > 64
  or contains("$page", chr(0))
  or page is null
  or ("$registration" <> '' and (registration is null or not regexp_full_match("$registration", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?')))
  or not isfinite(registration)
  or (session_id::varchar is distinct from "$session_id" and "$session_id" <> '')
  or (session_id < 0 or session_id > 140737488355327)
  or session_id is null
  or (prefix("$song", '{') or prefix("$song", '['))
  or strlen(song) > 1024
  or contains("$song", chr(0))
  or (status::varchar is distinct from "$status" and "$status" <> '')
  or (ts::varchar is distinct from "$ts" and "$ts" <> '')
  or (ts < 0 or ts > 253402300799999)
  or ts is null
  or (prefix("$user_agent", '{') or prefix("$user_agent", '['))
  or strlen(user_agent) > 2048
  or contains("$user_agent", chr(0))
  or (user_id::varchar is distinct from "$user_id" and "$user_id" <> '')
  or ((page = 'NextSong') and (user_id is null or song is null or artist is null or length is null)) then -"$$id" else "$$id" end
from (
  select *, case when suffix("$artist", ' ') then rtrim("$artist", ' ') else "$artist" end as artist,
    case when suffix("$auth", ' ') then rtrim("$auth", ' ') else "$auth" end as auth,
    case when suffix("$first_name", ' ') then rtrim("$first_name", ' ') else "$first_name" end as first_name,
    case when suffix("$gender", ' ') then rtrim("$gender", ' ') else "$gender" end as gender,
    try_cast("$item_in_session" as integer) as item_in_session,
    case when suffix("$last_name", ' ') then rtrim("$last_name", ' ') else "$last_name" end as last_name,
    try_cast("$length" as double) as length,
    case when suffix("$level", ' ') then rtrim("$level", ' ') else "$level" end as level,
    case when suffix("$location", ' ') then rtrim("$location", ' ') else "$location" end as location,
    case when suffix("$method", ' ') then rtrim("$method", ' ') else "$method" end as method,
    case when suffix("$page", ' ') then rtrim("$page", ' ') else "$page" end as page,
    try_cast("$registration" as double) as registration,
    try_cast("$session_id" as bigint) as session_id,
    case when suffix("$song", ' ') then rtrim("$song", ' ') else "$song" end as song,
    try_cast("$status" as smallint) as status,
    try_cast("$ts" as bigint) as ts,
    case when suffix("$user_agent", ' ') then rtrim("$user_agent", ' ') else "$user_agent" end as user_agent,
    try_cast("$user_id" as bigint) as user_id
  from (
    select artist as "$artist", auth as "$auth", "firstName" as "$first_name", gender as "$gender", "itemInSession" as "$item_in_session", "lastName" as "$last_name", length as "$length", level as "$level", location as "$location", method as "$method", page as "$page", registration as "$registration", "sessionId" as "$session_id", song as "$song", status as "$status", ts as "$ts", "userAgent" as "$user_agent", "userId" as "$user_id",
      file_index::bigint + 1::bigint as "$$id"
    from read_json(
      ['OBJECT'],
      columns = {artist: 'varchar', auth: 'varchar', "firstName": 'varchar', gender: 'varchar', "itemInSession": 'varchar', "lastName": 'varchar', length: 'varchar', level: 'varchar', location: 'varchar', method: 'varchar', page: 'varchar', registration: 'varchar', "sessionId": 'varchar', song: 'varchar', status: 'varchar', ts: 'varchar', "userAgent": 'varchar', "userId": 'varchar'},
      format = 'newline_delimited', records = true, ignore_errors = true, hive_partitioning = false,
      compression = 'uncompressed', maximum_object_size = 16777216)
  )
);

-- load: parse lines handed over as text into staging_events
-- a run hands over lines as $1, the numbers of their objects as $2
-- -- land staging_events: the raw lines that fit
-- insert into staging_events (artist, auth, first_name, gender, item_in_session, last_name, length, level, location, method, page, registration, session_id, song, status, ts, user_agent, user_id, "object_id")
-- select artist, auth, first_name, gender, item_in_session, last_name, length, level, location, method, page, registration, session_id, song, status, ts, user_agent, user_id, "$$id"
-- from (
--     select *, case when "$$type" is null then 0
--       when "$$type" <> 'OBJECT' then 1
--       when (prefix("$artist", '{') or prefix("$artist", '[')) and json_type("$$raw", '/artist') in ('OBJECT', 'ARRAY') then 2
--       when contains("$artist", chr(0)) then 3
--       when strlen(artist) > 1024 then 4
--       when (page = 'NextSong') and artist is null then 5
--       when (prefix("$auth", '{') or prefix("$auth", '[')) and json_type("$$raw", '/auth') in ('OBJECT', 'ARRAY') then 6
--       when contains("$auth", chr(0)) then 7
--       when strlen(auth) > 32 then 8
--       when (prefix("$first_name", '{') or prefix("$first_name", '[')) and json_type("$$raw", '/firstName') in ('OBJECT', 'ARRAY') then 9
--       when contains("$first_name", chr(0)) then 10
--       when strlen(first_name) > 256 then 11
--       when (prefix("$gender", '{') or prefix("$gender", '[')) and json_type("$$raw", '/gender') in ('OBJECT', 'ARRAY') then 12
--       when contains("$gender", chr(0)) then 13
--       when strlen(gender) > 16 then 14
--       when "$item_in_session" <> '' and not regexp_full_match("$item_in_session", '-?(0|[1-9][0-9]*)') then 15
--       when "$item_in_session" <> '' and (item_in_session is null or (item_in_session < 0 or item_in_session > 65535)) then 16
--       when item_in_session is null then 17
--       when (prefix("$last_name", '{') or prefix("$last_name", '[')) and json_type("$$raw", '/lastName') in ('OBJECT', 'ARRAY') then 18
--       when contains("$last_name", chr(0)) then 19
--       when strlen(last_name) > 256 then 20
--       when "$length" <> '' and not regexp_full_match("$length", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 21
--       when "$length" <> '' and (length is null or not isfinite(length)) then 22
--       when (page = 'NextSong') and length is null then 23
--       when (prefix("$level", '{') or prefix("$level", '[')) and json_type("$$raw", '/level') in ('OBJECT', 'ARRAY') then 24
--       when contains("$level", chr(0)) then 25
--       when strlen(level) > 16 then 26
--       when level is null then 27
--       when (prefix("$location", '{') or prefix("$location", '[')) and json_type("$$raw", '/location') in ('OBJECT', 'ARRAY') then 28
--       when contains("$location", chr(0)) then 29
--       when strlen(location) > 512 then 30
--       when (prefix("$method", '{') or prefix("$method", '[')) and json_type("$$raw", '/method') in ('OBJECT', 'ARRAY') then 31
--       when contains("$method", chr(0)) then 32
--       when strlen(method) > 16 then 33
--       when (prefix("$page", '{') or prefix("$page", '[')) and json_type("$$raw", '/page') in ('OBJECT', 'ARRAY') then 34
--       when contains("$page", chr(0)) then 35
--       when strlen(page) > 64 then 36
--       when page is null then 37
--       when "$registration" <> '' and not regexp_full_match("$registration", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 38
--       when "$registration" <> '' and (registration is null or not isfinite(registration)) then 39
--       when "$session_id" <> '' and not regexp_full_match("$session_id", '-?(0|[1-9][0-9]*)') then 40
--       when "$session_id" <> '' and (session_id is null or (session_id < 0 or session_id > 140737488355327)) then 41
--       when session_id is null then 42
--       when (prefix("$song", '{') or prefix("$song", '[')) and json_type("$$raw", '/song') in ('OBJECT', 'ARRAY') then 43
--       when contains("$song", chr(0)) then 44
--       when strlen(song) > 1024 then 45
--       when (page = 'NextSong') and song is null then 46
--       when "$status" <> '' and not regexp_full_match("$status", '-?(0|[1-9][0-9]*)') then 47
--       when "$status" <> '' and (status is null or false) then 48
--       when "$ts" <> '' and not regexp_full_match("$ts", '-?(0|[1-9][0-9]*)') then 49
--       when "$ts" <> '' and (ts is null or (ts < 0 or ts > 253402300799999)) then 50
--       when ts is null then 51
--       when (prefix("$user_agent", '{') or prefix("$user_agent", '[')) and json_type("$$raw", '/userAgent') in ('OBJECT', 'ARRAY') then 52
--       when contains("$user_agent", chr(0)) then 53
--       when strlen(user_agent) > 2048 then 54
--       when "$user_id" <> '' and not regexp_full_match("$user_id", '-?(0|[1-9][0-9]*)') then 55
--       when "$user_id" <> '' and (user_id is null or false) then 56
--       when (page = 'NextSong') and user_id is null then 57 end as "$$problem"
--     from (
--       select *, case when suffix("$artist", ' ') then rtrim("$artist", ' ') else "$artist" end as artist,
--         case when suffix("$auth", ' ') then rtrim("$auth", ' ') else "$auth" end as auth,
--         case when suffix("$first_name", ' ') then rtrim("$first_name", ' ') else "$first_name" end as first_name,
--         case when suffix("$gender", ' ') then rtrim("$gender", ' ') else "$gender" end as gender,
--         try_cast("$item_in_session" as integer) as item_in_session,
--         case when suffix("$last_name", ' ') then rtrim("$last_name", ' ') else "$last_name" end as last_name,
--         try_cast("$length" as double) as length,
--         case when suffix("$level", ' ') then rtrim("$level", ' ') else "$level" end as level,
--         case when suffix("$location", ' ') then rtrim("$location", ' ') else "$location" end as location,
--         case when suffix("$method", ' ') then rtrim("$method", ' ') else "$method" end as method,
--         case when suffix("$page", ' ') then rtrim("$page", ' ') else "$page" end as page,
--         try_cast("$registration" as double) as registration,
--         try_cast("$session_id" as bigint) as session_id,
--         case when suffix("$song", ' ') then rtrim("$song", ' ') else "$song" end as song,
--         try_cast("$status" as smallint) as status,
--         try_cast("$ts" as bigint) as ts,
--         case when suffix("$user_agent", ' ') then rtrim("$user_agent", ' ') else "$user_agent" end as user_agent,
--         try_cast("$user_id" as bigint) as user_id
--       from (
--         select *, "$$object".artist as "$artist", "$$object".auth as "$auth", "$$object"."firstName" as "$first_name", "$$object".gender as "$gender", "$$object"."itemInSession" as "$item_in_session", "$$object"."lastName" as "$last_name", "$$object".length as "$length", "$$object".level as "$level", "$$object".location as "$location", "$$object".method as "$method", "$$object".page as "$page", "$$object".registration as "$registration", "$$object"."sessionId" as "$session_id", "$$object".song as "$song", "$$object".status as "$status", "$$object".ts as "$ts", "$$object"."userAgent" as "$user_agent", "$$object"."userId" as "$user_id"
--         from (
--           select *, case when "$$type" = 'OBJECT' then from_json("$$raw", '{"artist":"VARCHAR","auth":"VARCHAR","firstName":"VARCHAR","gender":"VARCHAR","itemInSession":"VARCHAR","lastName":"VARCHAR","length":"VARCHAR","level":"VARCHAR","location":"VARCHAR","method":"VARCHAR","page":"VARCHAR","registration":"VARCHAR","sessionId":"VARCHAR","song":"VARCHAR","status":"VARCHAR","ts":"VARCHAR","userAgent":"VARCHAR","userId":"VARCHAR"}') end as "$$object"
--           from (
--             select *, case when json_valid("$$raw") then json_type("$$raw") end as "$$type"
--             from (
--               select unnest("$$lines") as "$$raw", unnest("$$ids") as "$$id", unnest(range(len("$$lines"))) as "$$index"
--               from (select string_split(decode($1), chr(10)) as "$$lines", string_split($2, ',')::bigint[] as "$$ids")
--             )
--           )
--         )
--       )
--     )
--   )
-- where "$$problem" is null;

-- load: name the lines that do not fit into staging_events
-- a run hands over lines as $1, the numbers of their objects as $2
-- -- land staging_events: the raw lines that do not
-- select "$$index", "$$problem"
-- from (
--     select *, case when "$$type" is null then 0
--       when "$$type" <> 'OBJECT' then 1
--       when (prefix("$artist", '{') or prefix("$artist", '[')) and json_type("$$raw", '/artist') in ('OBJECT', 'ARRAY') then 2
--       when contains("$artist", chr(0)) then 3
--       when strlen(artist) > 1024 then 4
--       when (page = 'NextSong') and artist is null then 5
--       when (prefix("$auth", '{') or prefix("$auth", '[')) and json_type("$$raw", '/auth') in ('OBJECT', 'ARRAY') then 6
--       when contains("$auth", chr(0)) then 7
--       when strlen(auth) > 32 then 8
--       when (prefix("$first_name", '{') or prefix("$first_name", '[')) and json_type("$$raw", '/firstName') in ('OBJECT', 'ARRAY') then 9
--       when contains("$first_name", chr(0)) then 10
--       when strlen(first_name) > 256 then 11
--       when (prefix("$gender", '{') or prefix("$gender", '[')) and json_type("$$raw", '/gender') in ('OBJECT', 'ARRAY') then 12
--       when contains("$gender", chr(0)) then 13
--       when strlen(gender) > 16 then 14
--       when "$item_in_session" <> '' and not regexp_full_match("$item_in_session", '-?(0|[1-9][0-9]*)') then 15
--       when "$item_in_session" <> '' and (item_in_session is null or (item_in_session < 0 or item_in_session > 65535)) then 16
--       when item_in_session is null then 17
--       when (prefix("$last_name", '{') or prefix("$last_name", '[')) and json_type("$$raw", '/lastName') in ('OBJECT', 'ARRAY') then 18
--       when contains("$last_name", chr(0)) then 19
--       when strlen(last_name) > 256 then 20
--       when "$length" <> '' and not regexp_full_match("$length", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 21
--       when "$length" <> '' and (length is null or not isfinite(length)) then 22
--       when (page = 'NextSong') and length is null then 23
--       when (prefix("$level", '{') or prefix("$level", '[')) and json_type("$$raw", '/level') in ('OBJECT', 'ARRAY') then 24
--       when contains("$level", chr(0)) then 25
--       when strlen(level) > 16 then 26
--       when level is null then 27
--       when (prefix("$location", '{') or prefix("$location", '[')) and json_type("$$raw", '/location') in ('OBJECT', 'ARRAY') then 28
--       when contains("$location", chr(0)) then 29
--       when strlen(location) > 512 then 30
--       when (prefix("$method", '{') or prefix("$method", '[')) and json_type("$$raw", '/method') in ('OBJECT', 'ARRAY') then 31
--       when contains("$method", chr(0)) then 32
--       when strlen(method) > 16 then 33
--       when (prefix("$page", '{') or prefix("$page", '[')) and json_type("$$raw", '/page') in ('OBJECT', 'ARRAY') then 34
--       when contains("$page", chr(0)) then 35
--       when strlen(page) > 64 then 36
--       when page is null then 37
--       when "$registration" <> '' and not regexp_full_match("$registration", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 38
--       when "$registration" <> '' and (registration is null or not isfinite(registration)) then 39
--       when "$session_id" <> '' and not regexp_full_match("$session_id", '-?(0|[1-9][0-9]*)') then 40
--       when "$session_id" <> '' and (session_id is null or (session_id < 0 or session_id > 140737488355327)) then 41
--       when session_id is null then 42
--       when (prefix("$song", '{') or prefix("$song", '[')) and json_type("$$raw", '/song') in ('OBJECT', 'ARRAY') then 43
--       when contains("$song", chr(0)) then 44
--       when strlen(song) > 1024 then 45
--       when (page = 'NextSong') and song is null then 46
--       when "$status" <> '' and not regexp_full_match("$status", '-?(0|[1-9][0-9]*)') then 47
--       when "$status" <> '' and (status is null or false) then 48
--       when "$ts" <> '' and not regexp_full_match("$ts", '-?(0|[1-9][0-9]*)') then 49
--       when "$ts" <> '' and (ts is null or (ts < 0 or ts > 253402300799999)) then 50
--       when ts is null then 51
--       when (prefix("$user_agent", '{') or prefix("$user_agent", '[')) and json_type("$$raw", '/userAgent') in ('OBJECT', 'ARRAY') then 52
--       when contains("$user_agent", chr(0)) then 53
--       when strlen(user_agent) > 2048 then 54
--       when "$user_id" <> '' and not regexp_full_match("$user_id", '-?(0|[1-9][0-9]*)') then 55
--       when "$user_id" <> '' and (user_id is null or false) then 56
--       when (page = 'NextSong') and user_id is null then 57 end as "$$problem"
--     from (
--       select *, case when suffix("$artist", ' ') then rtrim("$artist", ' ') else "$artist" end as artist,
--         case when suffix("$auth", ' ') then rtrim("$auth", ' ') else "$auth" end as auth,
--         case when suffix("$first_name", ' ') then rtrim("$first_name", ' ') else "$first_name" end as first_name,
--         case when suffix("$gender", ' ') then rtrim("$gender", ' ') else "$gender" end as gender,
--         try_cast("$item_in_session" as integer) as item_in_session,
--         case when suffix("$last_name", ' ') then rtrim("$last_name", ' ') else "$last_name" end as last_name,
--         try_cast("$length" as double) as length,
--         case when suffix("$level", ' ') then rtrim("$level", ' ') else "$level" end as level,
--         case when suffix("$location", ' ') then rtrim("$location", ' ') else "$location" end as location,
--         case when suffix("$method", ' ') then rtrim("$method", ' ') else "$method" end as method,
--         case when suffix("$page", ' ') then rtrim("$page", ' ') else "$page" end as page,
--         try_cast("$registration" as double) as registration,
--         try_cast("$session_id" as bigint) as session_id,
--         case when suffix("$song", ' ') then rtrim("$song", ' ') else "$song" end as song,
--         try_cast("$status" as smallint) as status,
--         try_cast("$ts" as bigint) as ts,
--         case when suffix("$user_agent", ' ') then rtrim("$user_agent", ' ') else "$user_agent" end as user_agent,
--         try_cast("$user_id" as bigint) as user_id
--       from (
--         select *, "$$object".artist as "$artist", "$$object".auth as "$auth", "$$object"."firstName" as "$first_name", "$$object".gender as "$gender", "$$object"."itemInSession" as "$item_in_session", "$$object"."lastName" as "$last_name", "$$object".length as "$length", "$$object".level as "$level", "$$object".location as "$location", "$$object".method as "$method", "$$object".page as "$page", "$$object".registration as "$registration", "$$object"."sessionId" as "$session_id", "$$object".song as "$song", "$$object".status as "$status", "$$object".ts as "$ts", "$$object"."userAgent" as "$user_agent", "$$object"."userId" as "$user_id"
--         from (
--           select *, case when "$$type" = 'OBJECT' then from_json("$$raw", '{"artist":"VARCHAR","auth":"VARCHAR","firstName":"VARCHAR","gender":"VARCHAR","itemInSession":"VARCHAR","lastName":"VARCHAR","length":"VARCHAR","level":"VARCHAR","location":"VARCHAR","method":"VARCHAR","page":"VARCHAR","registration":"VARCHAR","sessionId":"VARCHAR","song":"VARCHAR","status":"VARCHAR","ts":"VARCHAR","userAgent":"VARCHAR","userId":"VARCHAR"}') end as "$$object"
--           from (
--             select *, case when json_valid("$$raw") then json_type("$$raw") end as "$$type"
--             from (
--               select unnest("$$lines") as "$$raw", unnest("$$ids") as "$$id", unnest(range(len("$$lines"))) as "$$index"
--               from (select string_split(decode($1), chr(10)) as "$$lines", string_split($2, ',')::bigint[] as "$$ids")
--             )
--           )
--         )
--       )
--     )
--   )
-- where "$$problem" is not null
-- order by 1;

-- load: parse lines handed over as text into staging_songs
-- a run hands over lines as $1, the numbers of their objects as $2
-- -- land staging_songs: the raw lines that fit
-- insert into staging_songs (num_songs, artist_id, artist_latitude, artist_longitude, artist_location, artist_name, song_id, title, duration, year, "object_id")
-- select num_songs, artist_id, artist_latitude, artist_longitude, artist_location, artist_name, song_id, title, duration, year, "$$id"
-- from (
--     select *, case when "$$type" is null then 0
--       when "$$type" <> 'OBJECT' then 1
--       when "$num_songs" <> '' and not regexp_full_match("$num_songs", '-?(0|[1-9][0-9]*)') then 2
--       when "$num_songs" <> '' and (num_songs is null or false) then 3
--       when (prefix("$artist_id", '{') or prefix("$artist_id", '[')) and json_type("$$raw", '/artist_id') in ('OBJECT', 'ARRAY') then 4
--       when contains("$artist_id", chr(0)) then 5
--       when strlen(artist_id) > 64 then 6
--       when artist_id is null then 7
--       when "$artist_latitude" <> '' and not regexp_full_match("$artist_latitude", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 8
--       when "$artist_latitude" <> '' and (artist_latitude is null or not isfinite(artist_latitude)) then 9
--       when "$artist_longitude" <> '' and not regexp_full_match("$artist_longitude", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 10
--       when "$artist_longitude" <> '' and (artist_longitude is null or not isfinite(artist_longitude)) then 11
--       when (prefix("$artist_location", '{') or prefix("$artist_location", '[')) and json_type("$$raw", '/artist_location') in ('OBJECT', 'ARRAY') then 12
--       when contains("$artist_location", chr(0)) then 13
--       when strlen(artist_location) > 1024 then 14
--       when (prefix("$artist_name", '{') or prefix("$artist_name", '[')) and json_type("$$raw", '/artist_name') in ('OBJECT', 'ARRAY') then 15
--       when contains("$artist_name", chr(0)) then 16
--       when strlen(artist_name) > 1024 then 17
--       when artist_name is null then 18
--       when (prefix("$song_id", '{') or prefix("$song_id", '[')) and json_type("$$raw", '/song_id') in ('OBJECT', 'ARRAY') then 19
--       when contains("$song_id", chr(0)) then 20
--       when strlen(song_id) > 64 then 21
--       when song_id is null then 22
--       when (prefix("$title", '{') or prefix("$title", '[')) and json_type("$$raw", '/title') in ('OBJECT', 'ARRAY') then 23
--       when contains("$title", chr(0)) then 24
--       when strlen(title) > 1024 then 25
--       when title is null then 26
--       when "$duration" <> '' and not regexp_full_match("$duration", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 27
--       when "$duration" <> '' and (duration is null or not isfinite(duration)) then 28
--       when duration is null then 29
--       when "$year" <> '' and not regexp_full_match("$year", '-?(0|[1-9][0-9]*)') then 30
--       when "$year" <> '' and (year is null or false) then 31 end as "$$problem"
--     from (
--       select *, try_cast("$num_songs" as integer) as num_songs,
--         case when suffix("$artist_id", ' ') then rtrim("$artist_id", ' ') else "$artist_id" end as artist_id,
--         try_cast("$artist_latitude" as double) as artist_latitude,
--         try_cast("$artist_longitude" as double) as artist_longitude,
--         case when suffix("$artist_location", ' ') then rtrim("$artist_location", ' ') else "$artist_location" end as artist_location,
--         case when suffix("$artist_name", ' ') then rtrim("$artist_name", ' ') else "$artist_name" end as artist_name,
--         case when suffix("$song_id", ' ') then rtrim("$song_id", ' ') else "$song_id" end as song_id,
--         case when suffix("$title", ' ') then rtrim("$title", ' ') else "$title" end as title,
--         try_cast("$duration" as double) as duration,
--         try_cast("$year" as integer) as year
--       from (
--         select *, "$$object".num_songs as "$num_songs", "$$object".artist_id as "$artist_id", "$$object".artist_latitude as "$artist_latitude", "$$object".artist_longitude as "$artist_longitude", "$$object".artist_location as "$artist_location", "$$object".artist_name as "$artist_name", "$$object".song_id as "$song_id", "$$object".title as "$title", "$$object".duration as "$duration", "$$object".year as "$year"
--         from (
--           select *, case when "$$type" = 'OBJECT' then from_json("$$raw", '{"num_songs":"VARCHAR","artist_id":"VARCHAR","artist_latitude":"VARCHAR","artist_longitude":"VARCHAR","artist_location":"VARCHAR","artist_name":"VARCHAR","song_id":"VARCHAR","title":"VARCHAR","duration":"VARCHAR","year":"VARCHAR"}') end as "$$object"
--           from (
--             select *, case when json_valid("$$raw") then json_type("$$raw") end as "$$type"
--             from (
--               select unnest("$$lines") as "$$raw", unnest("$$ids") as "$$id", unnest(range(len("$$lines"))) as "$$index"
--               from (select string_split(decode($1), chr(10)) as "$$lines", string_split($2, ',')::bigint[] as "$$ids")
--             )
--           )
--         )
--       )
--     )
--   )
-- where "$$problem" is null;

-- load: name the lines that do not fit into staging_songs
-- a run hands over lines as $1, the numbers of their objects as $2
-- -- land staging_songs: the raw lines that do not
-- select "$$index", "$$problem"
-- from (
--     select *, case when "$$type" is null then 0
--       when "$$type" <> 'OBJECT' then 1
--       when "$num_songs" <> '' and not regexp_full_match("$num_songs", '-?(0|[1-9][0-9]*)') then 2
--       when "$num_songs" <> '' and (num_songs is null or false) then 3
--       when (prefix("$artist_id", '{') or prefix("$artist_id", '[')) and json_type("$$raw", '/artist_id') in ('OBJECT', 'ARRAY') then 4
--       when contains("$artist_id", chr(0)) then 5
--       when strlen(artist_id) > 64 then 6
--       when artist_id is null then 7
--       when "$artist_latitude" <> '' and not regexp_full_match("$artist_latitude", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 8
--       when "$artist_latitude" <> '' and (artist_latitude is null or not isfinite(artist_latitude)) then 9
--       when "$artist_longitude" <> '' and not regexp_full_match("$artist_longitude", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 10
--       when "$artist_longitude" <> '' and (artist_longitude is null or not isfinite(artist_longitude)) then 11
--       when (prefix("$artist_location", '{') or prefix("$artist_location", '[')) and json_type("$$raw", '/artist_location') in ('OBJECT', 'ARRAY') then 12
--       when contains("$artist_location", chr(0)) then 13
--       when strlen(artist_location) > 1024 then 14
--       when (prefix("$artist_name", '{') or prefix("$artist_name", '[')) and json_type("$$raw", '/artist_name') in ('OBJECT', 'ARRAY') then 15
--       when contains("$artist_name", chr(0)) then 16
--       when strlen(artist_name) > 1024 then 17
--       when artist_name is null then 18
--       when (prefix("$song_id", '{') or prefix("$song_id", '[')) and json_type("$$raw", '/song_id') in ('OBJECT', 'ARRAY') then 19
--       when contains("$song_id", chr(0)) then 20
--       when strlen(song_id) > 64 then 21
--       when song_id is null then 22
--       when (prefix("$title", '{') or prefix("$title", '[')) and json_type("$$raw", '/title') in ('OBJECT', 'ARRAY') then 23
--       when contains("$title", chr(0)) then 24
--       when strlen(title) > 1024 then 25
--       when title is null then 26
--       when "$duration" <> '' and not regexp_full_match("$duration", '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') then 27
--       when "$duration" <> '' and (duration is null or not isfinite(duration)) then 28
--       when duration is null then 29
--       when "$year" <> '' and not regexp_full_match("$year", '-?(0|[1-9][0-9]*)') then 30
--       when "$year" <> '' and (year is null or false) then 31 end as "$$problem"
--     from (
--       select *, try_cast("$num_songs" as integer) as num_songs,
--         case when suffix("$artist_id", ' ') then rtrim("$artist_id", ' ') else "$artist_id" end as artist_id,
--         try_cast("$artist_latitude" as double) as artist_latitude,
--         try_cast("$artist_longitude" as double) as artist_longitude,
--         case when suffix("$artist_location", ' ') then rtrim("$artist_location", ' ') else "$artist_location" end as artist_location,
--         case when suffix("$artist_name", ' ') then rtrim("$artist_name", ' ') else "$artist_name" end as artist_name,
--         case when suffix("$song_id", ' ') then rtrim("$song_id", ' ') else "$song_id" end as song_id,
--         case when suffix("$title", ' ') then rtrim("$title", ' ') else "$title" end as title,
--         try_cast("$duration" as double) as duration,
--         try_cast("$year" as integer) as year
--       from (
--         select *, "$$object".num_songs as "$num_songs", "$$object".artist_id as "$artist_id", "$$object".artist_latitude as "$artist_latitude", "$$object".artist_longitude as "$artist_longitude", "$$object".artist_location as "$artist_location", "$$object".artist_name as "$artist_name", "$$object".song_id as "$song_id", "$$object".title as "$title", "$$object".duration as "$duration", "$$object".year as "$year"
--         from (
--           select *, case when "$$type" = 'OBJECT' then from_json("$$raw", '{"num_songs":"VARCHAR","artist_id":"VARCHAR","artist_latitude":"VARCHAR","artist_longitude":"VARCHAR","artist_location":"VARCHAR","artist_name":"VARCHAR","song_id":"VARCHAR","title":"VARCHAR","duration":"VARCHAR","year":"VARCHAR"}') end as "$$object"
--           from (
--             select *, case when json_valid("$$raw") then json_type("$$raw") end as "$$type"
--             from (
--               select unnest("$$lines") as "$$raw", unnest("$$ids") as "$$id", unnest(range(len("$$lines"))) as "$$index"
--               from (select string_split(decode($1), chr(10)) as "$$lines", string_split($2, ',')::bigint[] as "$$ids")
--             )
--           )
--         )
--       )
--     )
--   )
-- where "$$problem" is not null
-- order by 1;

-- load: write rejects, in bulk
-- a run hands over the values of its rows
-- insert into etl.rejects (run_id, object_id, source, uri, line, column_name, reason, raw_text, state)
-- values (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- load: write objects, in bulk
-- a run hands over the values of its rows
-- insert into etl.objects (object_id, source, uri, version, content_hash, fingerprint, size_bytes, content_bytes, state, run_id, lines_read, lines_loaded, lines_rejected, lines_blank)
-- values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- transform: forget the duplicates of staging_events
delete from etl.staging_events_duplicates;

-- transform: find the duplicates of staging_events
insert into etl.staging_events_duplicates (artist, auth, first_name, gender, item_in_session, last_name, length, level, location, method, page, registration, session_id, song, status, ts, user_agent, user_id, object_id, lines, versions, conflicting)
select w.artist, w.auth, w.first_name, w.gender, w.item_in_session, w.last_name, w.length, w.level, w.location, w.method, w.page, w.registration, w.session_id, w.song, w.status, w.ts, w.user_agent, w.user_id, w.object_id, k.lines, k.versions, k.conflicting
from (
  select s.*, row_number() over (
    partition by s.session_id, s.item_in_session
    order by case when o.state = 'vanished' then 1 else 0 end, s.ts desc nulls last, s.artist nulls last, s.auth nulls last, s.first_name nulls last, s.gender nulls last, s.item_in_session nulls last, s.last_name nulls last, s.length nulls last, s.level nulls last, s.location nulls last, s.method nulls last, s.page nulls last, s.registration nulls last, s.session_id nulls last, s.song nulls last, s.status nulls last, s.ts nulls last, s.user_agent nulls last, s.user_id nulls last, s.object_id
  ) as "$place"
  from staging_events s join (select session_id, item_in_session from staging_events l group by session_id, item_in_session having count(*) > 1) r on r.session_id = s.session_id and r.item_in_session = s.item_in_session
  left join etl.objects o on o.object_id = s.object_id
) w
join (
  select v.session_id, v.item_in_session, cast(sum(v.lines) as bigint) as lines, count(*) as versions, (count(distinct v.ts) + max(case when v.ts is null then 1 else 0 end) > 1 or count(distinct v.user_id) + max(case when v.user_id is null then 1 else 0 end) > 1) as conflicting
  from (
    select s.artist, s.auth, s.first_name, s.gender, s.item_in_session, s.last_name, s.length, s.level, s.location, s.method, s.page, s.registration, s.session_id, s.song, s.status, s.ts, s.user_agent, s.user_id, count(*) as lines
    from staging_events s join (select session_id, item_in_session from staging_events l group by session_id, item_in_session having count(*) > 1) r on r.session_id = s.session_id and r.item_in_session = s.item_in_session
    group by s.artist, s.auth, s.first_name, s.gender, s.item_in_session, s.last_name, s.length, s.level, s.location, s.method, s.page, s.registration, s.session_id, s.song, s.status, s.ts, s.user_agent, s.user_id
  ) v
  group by v.session_id, v.item_in_session
) k on k.session_id = w.session_id and k.item_in_session = w.item_in_session
where w."$place" = 1;

-- transform: forget the duplicates of staging_songs
delete from etl.staging_songs_duplicates;

-- transform: find the duplicates of staging_songs
insert into etl.staging_songs_duplicates (num_songs, artist_id, artist_latitude, artist_longitude, artist_location, artist_name, song_id, title, duration, year, object_id, lines, versions, conflicting)
select w.num_songs, w.artist_id, w.artist_latitude, w.artist_longitude, w.artist_location, w.artist_name, w.song_id, w.title, w.duration, w.year, w.object_id, k.lines, k.versions, k.conflicting
from (
  select s.*, row_number() over (
    partition by s.song_id
    order by case when o.state = 'vanished' then 1 else 0 end, s.year desc nulls last, s.num_songs nulls last, s.artist_id nulls last, s.artist_latitude nulls last, s.artist_longitude nulls last, s.artist_location nulls last, s.artist_name nulls last, s.song_id nulls last, s.title nulls last, s.duration nulls last, s.year nulls last, s.object_id
  ) as "$place"
  from staging_songs s join (select song_id from staging_songs l group by song_id having count(*) > 1) r on r.song_id = s.song_id
  left join etl.objects o on o.object_id = s.object_id
) w
join (
  select v.song_id, cast(sum(v.lines) as bigint) as lines, count(*) as versions, false as conflicting
  from (
    select s.num_songs, s.artist_id, s.artist_latitude, s.artist_longitude, s.artist_location, s.artist_name, s.song_id, s.title, s.duration, s.year, count(*) as lines
    from staging_songs s join (select song_id from staging_songs l group by song_id having count(*) > 1) r on r.song_id = s.song_id
    group by s.num_songs, s.artist_id, s.artist_latitude, s.artist_longitude, s.artist_location, s.artist_name, s.song_id, s.title, s.duration, s.year
  ) v
  group by v.song_id
) k on k.song_id = w.song_id
where w."$place" = 1;

-- transform: empty users
delete from users;

-- transform: fill users: one row per user id seen in any event
insert into users (user_id, first_name, last_name, gender, level)
select user_id, first_name, last_name, gender, level
from (
  select s.user_id as user_id, s.first_name as first_name, s.last_name as last_name, s.gender as gender, s.level as level, row_number() over (
    partition by s.user_id
    order by s.ts desc nulls last, s.session_id desc nulls last, s.item_in_session desc nulls last
  ) as "$place"
  from etl.staging_events_winners s
  join (
    select c.user_id as key_0, max(c.ts) as first_value
    from etl.staging_events_winners c
    where c.user_id is not null
    group by c.user_id
  ) f on f.key_0 = s.user_id and f.first_value = s.ts
  where s.user_id is not null
) ranked
where "$place" = 1;

-- transform: empty artists
delete from artists;

-- transform: fill artists: one row per artist id
insert into artists (artist_id, name, location, latitude, longitude)
select artist_id, name, location, latitude, longitude
from (
  select s.artist_id as artist_id, s.artist_name as name, nullif(s.artist_location, '') as location, s.artist_latitude as latitude, s.artist_longitude as longitude, row_number() over (
    partition by s.artist_id
    order by case when (s.artist_latitude is not null and s.artist_longitude is not null) then 1 else 0 end desc, case when nullif(s.artist_location, '') is not null then 1 else 0 end desc, cast(length(s.artist_name) as integer) nulls last, nullif(s.year, 0) desc nulls last, s.song_id nulls last
  ) as "$place"
  from etl.staging_songs_winners s
) ranked
where "$place" = 1;

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
  coalesce(only_1.song_id, nearest_1.song_id) as song_id,
  coalesce(only_1.artist_id, nearest_1.artist_id) as artist_id,
  s.session_id as session_id,
  s.location as location,
  s.user_agent as user_agent,
  s.song as song_title,
  s.artist as artist_name,
  s.length as song_length
from etl.staging_events_winners s
left join (
  select *
  from (select m.*, count(*) over (partition by title, artist_name) as "$matches" from songs m) d
  where d."$matches" = 1
) only_1 on only_1.title = s.song and only_1.artist_name = s.artist
left join (
  select "$key_0", "$key_1", song_id, artist_id
  from (
    select s.session_id as "$key_0", s.item_in_session as "$key_1", d.song_id, d.artist_id, row_number() over (
      partition by s.session_id, s.item_in_session
      order by abs(d.duration - s.length) nulls last, d.song_id
    ) as "$place"
    from etl.staging_events_winners s
    join (select m.*, count(*) over (partition by title, artist_name) as "$matches" from songs m) d on d.title = s.song and d.artist_name = s.artist and d."$matches" > 1
    where s.page = 'NextSong'
  ) ranked
  where "$place" = 1
) nearest_1 on nearest_1."$key_0" = s.session_id and nearest_1."$key_1" = s.item_in_session
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

-- verify: duplicates of staging_events
-- count the duplicates of staging_events
select coalesce(sum(lines - 1), 0), coalesce(sum(lines - versions), 0), coalesce(sum(case when conflicting then 1 else 0 end), 0)
from etl.staging_events_duplicates;

-- verify: conflicts of staging_events
-- list conflicts of staging_events
select session_id, item_in_session
from etl.staging_events_duplicates
where conflicting
order by session_id, item_in_session
limit 10;

-- verify: duplicates of staging_songs
-- count the duplicates of staging_songs
select coalesce(sum(lines - 1), 0), coalesce(sum(lines - versions), 0), coalesce(sum(case when conflicting then 1 else 0 end), 0)
from etl.staging_songs_duplicates;

-- verify: conflicts of staging_songs
-- list conflicts of staging_songs
select song_id
from etl.staging_songs_duplicates
where conflicting
order by song_id
limit 10;

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
from staging_events t;

-- verify: users_key_is_unique
select count(*) from (
  select count(*) as lines from users k group by k.user_id having count(*) > 1
) repeated;

-- verify: users_user_id_is_present, users_level_is_present
select
  coalesce(sum(case when user_id is null then 1 else 0 end), 0) as failures_0,
  coalesce(sum(case when level is null then 1 else 0 end), 0) as failures_1
from users t;

-- verify: artists_key_is_unique
select count(*) from (
  select count(*) as lines from artists k group by k.artist_id having count(*) > 1
) repeated;

-- verify: artists_artist_id_is_present, artists_name_is_present
select
  coalesce(sum(case when artist_id is null then 1 else 0 end), 0) as failures_0,
  coalesce(sum(case when name is null then 1 else 0 end), 0) as failures_1
from artists t;

-- verify: songs_key_is_unique
select count(*) from (
  select count(*) as lines from songs k group by k.song_id having count(*) > 1
) repeated;

-- verify: songs_song_id_is_present, songs_title_is_present, songs_artist_id_is_present, songs_duration_is_present, songs_artist_name_is_present
select
  coalesce(sum(case when song_id is null then 1 else 0 end), 0) as failures_0,
  coalesce(sum(case when title is null then 1 else 0 end), 0) as failures_1,
  coalesce(sum(case when artist_id is null then 1 else 0 end), 0) as failures_2,
  coalesce(sum(case when duration is null then 1 else 0 end), 0) as failures_3,
  coalesce(sum(case when artist_name is null then 1 else 0 end), 0) as failures_4
from songs t;

-- verify: songs_artist_id_is_in_artists
select count(*)
from songs f
left join artists d on d.artist_id = f.artist_id
where f.artist_id is not null and d.artist_id is null;

-- verify: songplays_key_is_unique
select count(*) from (
  select count(*) as lines from songplays k group by k.songplay_id having count(*) > 1
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
from songplays t;

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
  select count(*) as lines from time k group by k.start_time having count(*) > 1
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
from time t;

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

-- record: write keys, in bulk
-- a run hands over the values of its rows
-- insert into etl.keys (source, key, types, lines, sampled_lines, run_id)
-- values (?, ?, ?, ?, ?, ?);

-- record: write checks, in bulk
-- a run hands over the values of its rows
-- insert into etl.checks (run_id, name, kind, table_name, severity, passed, failures)
-- values (?, ?, ?, ?, ?, ?, ?);

-- record: write drift, in bulk
-- a run hands over the values of its rows
-- insert into etl.drift (run_id, source, key, kind, detail)
-- values (?, ?, ?, ?, ?);

commit;

-- maintain: refresh the statistics
analyze;
