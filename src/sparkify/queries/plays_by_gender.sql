-- title: Plays by gender
-- description: Plays and listeners by the listener's gender.
-- chart: bar
select gender, count(*) as plays, count(distinct user_id) as listeners
from plays
group by gender
order by gender
