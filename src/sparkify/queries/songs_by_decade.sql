-- title: Songs by decade
-- description: Songs of the catalogue by decade of release; the unknown year last.
-- chart: bar
select year - year % 10 as decade, count(*) as songs
from songs
group by year - year % 10
order by case when year - year % 10 is null then 1 else 0 end, year - year % 10
