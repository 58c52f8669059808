-- title: Rides by station
-- description: Rides and minutes from each station; stations that are not on the plan last.
-- chart: bar
select station_name, count(*) as rides, sum(seconds) / 60 as minutes
from all_rides
group by station_name
order by case when station_name is null then 1 else 0 end, station_name
