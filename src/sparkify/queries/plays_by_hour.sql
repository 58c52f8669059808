-- title: Plays by hour
-- description: Plays by the hour of the day, UTC.
-- chart: line
select hour, count(*) as plays
from plays
group by hour
order by hour
