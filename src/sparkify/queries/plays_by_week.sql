-- title: Plays by week
-- description: Plays and listeners by ISO week.
-- chart: line
select week, count(*) as plays, count(distinct user_id) as listeners
from plays
group by week
order by week
