-- title: Top songs of the catalogue
-- description: The 10 most played songs of the catalogue.
-- chart: bar
select song_id, title, count(*) as plays
from plays
where song_id is not null
group by song_id, title
order by plays desc, song_id, title
limit 10
