-- Functions that Redshift has and PostgreSQL lacks, or that mean something else there. rewrite/expressions.ts sends calls
-- here by their names.

-- In the time zone of the session (dg:r_GETDATE, dg:r_SYSDATE), by the clock that the session was given when it began.
create function redshift.getdate() returns timestamp stable language sql
  return date_trunc('second', (statement_timestamp() + current_setting('redshift.clock_ahead')::interval)::timestamp);

create function redshift.sysdate() returns timestamp stable language sql
  return (transaction_timestamp() + current_setting('redshift.clock_ahead')::interval)::timestamp;

create function redshift.len(text) returns integer immutable strict language sql return char_length($1);

-- Facts 3.3: exactly two arguments, NULL if one is NULL.
create function redshift.concat(text, text) returns text immutable strict language sql return $1 || $2;

create function redshift.charindex(text, text) returns integer immutable strict language sql return strpos($2, $1);

create function redshift.sha2(text, integer) returns text immutable strict language plpgsql as $$
begin
  return case $2
    when 0 then encode(sha256(convert_to($1, 'UTF8')), 'hex')
    when 224 then encode(sha224(convert_to($1, 'UTF8')), 'hex')
    when 256 then encode(sha256(convert_to($1, 'UTF8')), 'hex')
    when 384 then encode(sha384(convert_to($1, 'UTF8')), 'hex')
    when 512 then encode(sha512(convert_to($1, 'UTF8')), 'hex')
  end;
end $$;

-- Facts 3.6: at most 16 hexadecimal digits, signed.
create function redshift.strtol(digits text, base integer) returns bigint immutable strict language plpgsql as $$
declare
  result numeric := 0;
  digit integer;
begin
  for i in 1..length(digits) loop
    digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', lower(substr(digits, i, 1))) - 1;
    if digit < 0 or digit >= base then
      raise exception 'The input % is not valid to be converted to base %', digits, base using errcode = '22023';
    end if;
    result := result * base + digit;
  end loop;
  return result::bigint;
end $$;

-- dg:r_Dateparts_for_datetime_functions: a part and its abbreviations. `m` is a minute.
create function redshift.date_part_name(part text) returns text immutable strict language plpgsql as $$
declare
  name text := lower(part);
begin
  return case
    when name in ('millennium', 'millennia', 'mil', 'mils') then 'millennium'
    when name in ('century', 'centuries', 'c', 'cent', 'cents') then 'century'
    when name in ('decade', 'decades', 'dec', 'decs') then 'decade'
    when name = 'epoch' then 'epoch'
    when name in ('year', 'years', 'y', 'yr', 'yrs') then 'year'
    when name in ('quarter', 'quarters', 'qtr', 'qtrs') then 'quarter'
    when name in ('month', 'months', 'mon', 'mons') then 'month'
    when name in ('week', 'weeks', 'w') then 'week'
    when name in ('dayofweek', 'dow', 'dw', 'weekday') then 'dow'
    when name in ('dayofyear', 'doy', 'dy', 'yearday') then 'doy'
    when name in ('day', 'days', 'd') then 'day'
    when name in ('hour', 'hours', 'h', 'hr', 'hrs') then 'hour'
    when name in ('minute', 'minutes', 'm', 'min', 'mins') then 'minute'
    when name in ('second', 'seconds', 's', 'sec', 'secs') then 'second'
    when name in ('millisecond', 'milliseconds', 'ms', 'msec', 'msecs', 'msecond', 'mseconds', 'millisec', 'millisecs',
      'millisecon') then 'millisecond'
    when name in ('microsecond', 'microseconds', 'microsec', 'microsecs', 'microsecond', 'usecond', 'useconds', 'us',
      'usec', 'usecs') then 'microsecond'
  end;
end $$;

create function redshift.checked_part(part text) returns text immutable strict language plpgsql as $$
declare
  name text := redshift.date_part_name(part);
begin
  if name is null then
    raise exception 'timestamp units "%" not recognized', part using errcode = '22023';
  end if;
  return name;
end $$;

-- Facts 3.5: the number is an INTEGER. 29 February and a year: 1 March (dg:r_DATEADD_function).
create function redshift.dateadd(part text, number integer, at timestamp) returns timestamp
  immutable strict language plpgsql as $$
declare
  name text := redshift.checked_part(part);
  moved timestamp;
begin
  if name in ('dow', 'doy', 'epoch') then
    raise exception 'timestamp units "%" not supported', part using errcode = '22023';
  end if;
  moved := at + case name
    when 'quarter' then number * interval '3 months'
    when 'millisecond' then number * interval '1 millisecond'
    when 'microsecond' then number * interval '1 microsecond'
    else number * ('1 ' || name)::interval
  end;
  if name = 'year' and extract(month from at) = 2 and extract(day from at) = 29 and extract(day from moved) = 28 then
    return moved + interval '1 day';
  end if;
  return moved;
end $$;

-- Facts 3.5: how many boundaries are crossed, not how much time goes by. A week begins on Sunday here
-- (dg:r_DATEDIFF_function counts boundaries; where a week begins is left open, so do not use it).
create function redshift.datediff(part text, a timestamp, b timestamp) returns bigint
  immutable strict language plpgsql as $$
declare
  name text := redshift.checked_part(part);
  months bigint := (extract(year from b) - extract(year from a)) * 12 + extract(month from b) - extract(month from a);
begin
  return case name
    when 'year' then extract(year from b) - extract(year from a)
    when 'quarter' then (extract(year from b) - extract(year from a)) * 4 + extract(quarter from b) - extract(quarter from a)
    when 'month' then months
    when 'week' then (date_trunc('week', b + interval '1 day')::date - date_trunc('week', a + interval '1 day')::date) / 7
    when 'day' then b::date - a::date
    when 'hour' then extract(epoch from date_trunc('hour', b) - date_trunc('hour', a)) / 3600
    when 'minute' then extract(epoch from date_trunc('minute', b) - date_trunc('minute', a)) / 60
    when 'second' then extract(epoch from date_trunc('second', b) - date_trunc('second', a))
    when 'millisecond' then extract(epoch from date_trunc('milliseconds', b) - date_trunc('milliseconds', a)) * 1000
    when 'microsecond' then extract(epoch from b - a) * 1000000
  end;
end $$;

-- Facts 3.4: INTEGER from a TIMESTAMP or DATE, seconds without fraction and milliseconds without seconds.
create function redshift.extract(part text, at timestamp) returns integer immutable strict language plpgsql as $$
declare
  name text := redshift.checked_part(part);
begin
  return case name
    when 'millisecond' then mod(floor(date_part('milliseconds', at))::integer, 1000)
    when 'microsecond' then mod(floor(date_part('microseconds', at))::integer, 1000000)
    else floor(date_part(name, at))::integer
  end;
end $$;

create function redshift.extract(part text, at date) returns integer immutable strict language sql
  return redshift.extract(part, at::timestamp);

create function redshift.extract(part text, at timestamptz) returns double precision stable strict language sql
  return date_part(redshift.checked_part(part), at);

create function redshift.date_part(part text, at timestamp) returns double precision immutable strict language sql
  return date_part(redshift.checked_part(part), at);

create function redshift.date_part(part text, at date) returns double precision immutable strict language sql
  return date_part(redshift.checked_part(part), at::timestamp);

create function redshift.last_day(timestamp) returns date immutable strict language sql
  return (date_trunc('month', $1) + interval '1 month - 1 day')::date;

-- The last day of a month stays one (dg:r_DATEADD_function, usage notes).
create function redshift.add_months(timestamp, integer) returns timestamp immutable strict language sql
  return case
    when $1::date = redshift.last_day($1) then redshift.last_day($1 + $2 * interval '1 month') + $1::time
    else $1 + $2 * interval '1 month'
  end;

create function redshift.convert_timezone(text, text, timestamp) returns timestamp immutable strict language sql
  return ($3 at time zone $1) at time zone $2;

create function redshift.convert_timezone(text, timestamp) returns timestamp immutable strict language sql
  return ($2 at time zone 'UTC') at time zone $1;

create function redshift.version() returns text immutable language sql
  return 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), '
    || 'Redshift 1.0.436211';

-- An INTEGER, where PostgreSQL gives a BOOLEAN.
create function redshift.pg_terminate_backend(integer) returns integer language sql
  return pg_terminate_backend($1)::integer;

create function redshift.pg_cancel_backend(integer) returns integer language sql
  return pg_cancel_backend($1)::integer;

-- dg:r_AVG: the average of integers is a BIGINT.
create function redshift.count_and_sum(state numeric[], value bigint) returns numeric[] immutable strict language sql
  return array[state[1] + 1, state[2] + value];

create function redshift.whole_average(state numeric[]) returns bigint immutable strict language sql
  return trunc(state[2] / nullif(state[1], 0))::bigint;

create aggregate redshift.avg(bigint) (
  sfunc = redshift.count_and_sum, stype = numeric[], initcond = '{0,0}', finalfunc = redshift.whole_average
);
create function redshift.count_and_sum(state numeric[], value integer) returns numeric[] immutable strict language sql
  return array[state[1] + 1, state[2] + value];

create aggregate redshift.avg(integer) (
  sfunc = redshift.count_and_sum, stype = numeric[], initcond = '{0,0}', finalfunc = redshift.whole_average
);
create aggregate redshift.avg(numeric) (sfunc = numeric_avg_accum, stype = internal, finalfunc = numeric_avg);
create aggregate redshift.avg(double precision) (
  sfunc = float8_accum, stype = float8[], initcond = '{0,0,0}', finalfunc = float8_avg
);
