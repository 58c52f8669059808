-- title: Daily activity
-- description: Plays, listeners and sessions with a play on each day, UTC.
-- chart: line
select cast(start_time as date) as date, count(*) as plays, count(distinct user_id) as listeners, count(distinct session_id) as sessions
from plays
group by cast(start_time as date)
order by cast(start_time as date)
