-- title: Table sizes
-- description: How many rows each of the seven tables has, by name.
-- chart: bar
select 'artists' as table_name, count(*) as rows from artists
union all
select 'songplays', count(*) from songplays
union all
select 'songs', count(*) from songs
union all
select 'staging_events', count(*) from staging_events
union all
select 'staging_songs', count(*) from staging_songs
union all
select 'time', count(*) from time
union all
select 'users', count(*) from users
order by table_name
