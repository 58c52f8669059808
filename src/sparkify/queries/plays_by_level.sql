-- title: Free against paid
-- description: Plays and listeners by the subscription at the time of the play.
-- chart: bar
select level, count(*) as plays, count(distinct user_id) as listeners
from plays
group by level
order by level
