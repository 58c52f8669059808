-- title: Plays by weekday
-- description: Plays by the day of the week; 0 is Sunday.
-- chart: bar
select weekday, count(*) as plays
from plays
group by weekday
order by weekday
