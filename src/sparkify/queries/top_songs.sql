-- title: Top songs
-- description: The 10 most played songs, as the app names them.
-- chart: bar
select song_title, artist_name, count(*) as plays
from plays
group by song_title, artist_name
order by plays desc, song_title, artist_name
limit 10
