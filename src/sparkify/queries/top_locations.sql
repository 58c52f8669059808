-- title: Top places
-- description: The 10 places with the most plays.
-- chart: bar
select location, count(*) as plays
from plays
group by location
order by plays desc, location
limit 10
