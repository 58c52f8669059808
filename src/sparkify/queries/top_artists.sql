-- title: Top artists
-- description: The 10 most played artists, as the app names them.
-- chart: bar
select artist_name, count(*) as plays
from plays
group by artist_name
order by plays desc, artist_name
limit 10
