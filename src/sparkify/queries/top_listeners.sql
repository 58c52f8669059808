-- title: Keenest listeners
-- description: The 10 listeners with the most plays, with their subscription today.
-- chart: bar
select user_id, first_name, last_name, level_today as level, count(*) as plays
from plays
group by user_id, first_name, last_name, level_today
order by plays desc, user_id
limit 10
