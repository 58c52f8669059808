-- title: Catalogue coverage
-- description: How many plays are of a song in the catalogue, and how many distinct songs and artists those are.
-- chart: number
select count(*) as plays, count(song_id) as plays_in_catalogue, count(distinct song_id) as songs_played, count(distinct artist_id) as artists_played
from plays
