-- title: Sessions by level
-- description: Sessions and their plays by the subscription at the time; a session in which it changes counts for both.
-- chart: bar
select level, count(*) as sessions, sum(plays) as plays
from (
  select session_id, user_id, level, count(*) as plays
  from plays
  group by session_id, user_id, level
) sessions
group by level
order by level
