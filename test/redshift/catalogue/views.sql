-- System tables and views, with the columns of facts 1.13 and of the documentation.

create table redshift.load_history (
  user_id integer, query_id bigint primary key, transaction_id bigint, session_id integer, database_name text,
  status text, table_name text, start_time timestamp, end_time timestamp, data_source text, file_format text,
  loaded_rows bigint, loaded_bytes bigint, source_file_count integer, source_file_bytes bigint, error_count integer
);

create table redshift.load_files (
  query_id bigint, file_name text, bytes_scanned bigint, lines_scanned bigint, errors bigint, status integer,
  file_etag text
);

create table redshift.load_errors (
  query_id bigint, table_id bigint, file_name text, line_number bigint, column_name text, column_type text,
  column_length text, position integer, error_code integer, error_message text, raw_line text, raw_field_value text,
  visible_at timestamptz not null
);

-- Superusers and who has SYSLOG ACCESS UNRESTRICTED see all, others what is their own (dg:cm_chap_system-tables).
create function redshift.sees(user_id integer) returns boolean stable language sql
  return (select u.usesysid::integer = $1 or pg_has_role(current_user, 'pg_read_all_stats', 'usage')
          from pg_user u where u.usename = current_user);

create view redshift.sys_load_history as
select
  user_id, query_id, transaction_id, session_id, database_name::char(64) as database_name, status::char(10) as status,
  table_name::char(128) as table_name, start_time, end_time,
  (extract(epoch from end_time - start_time) * 1000000)::bigint as duration, data_source::char(256) as data_source,
  file_format::char(16) as file_format, loaded_rows, loaded_bytes, source_file_count, source_file_bytes,
  source_file_count as file_count_scanned, source_file_bytes as file_bytes_scanned, error_count, -1 as copy_job_id
from redshift.load_history
where redshift.sees(user_id);

create view redshift.sys_load_detail as
select
  h.user_id, h.query_id, f.file_name::char(256) as file_name, f.bytes_scanned, f.lines_scanned,
  h.end_time as record_time, 1 as splits_scanned, h.start_time, h.end_time, f.file_etag::char(64) as file_etag,
  h.start_time as file_last_modified
from redshift.load_files f
join redshift.load_history h on h.query_id = f.query_id
where redshift.sees(h.user_id);

create view redshift.sys_load_error_detail as
select
  h.user_id, h.query_id, h.transaction_id, h.session_id, h.database_name::char(64) as database_name,
  e.table_id::integer as table_id, h.start_time, e.file_name::char(256) as file_name, e.line_number,
  e.column_name::char(127) as column_name, e.column_type::char(10) as column_type,
  e.column_length::char(10) as column_length, e.position, e.error_code, e.error_message::char(512) as error_message
from redshift.load_errors e
join redshift.load_history h on h.query_id = e.query_id
where redshift.sees(h.user_id) and e.visible_at <= clock_timestamp();

create view redshift.stl_load_errors as
select
  h.user_id as userid, 0 as slice, e.table_id::integer as tbl, h.start_time as starttime, h.session_id as session,
  h.query_id as query, e.file_name::char(256) as filename, e.line_number, e.column_name::char(127) as colname,
  e.column_type::char(10) as type, e.column_length::char(10) as col_length, e.position,
  e.raw_line::char(1024) as raw_line, e.raw_field_value::char(1024) as raw_field_value, e.error_code as err_code,
  e.error_message::char(100) as err_reason, 0 as is_partial, 0::bigint as start_offset, -1 as copy_job_id
from redshift.load_errors e
join redshift.load_history h on h.query_id = e.query_id
where redshift.sees(h.user_id) and e.visible_at <= clock_timestamp();

create view redshift.stl_load_commits as
select
  h.user_id as userid, h.query_id as query, 0 as slice, f.file_name::char(256) as name,
  f.file_name::char(256) as filename, 0 as byte_offset, f.lines_scanned, f.errors, h.end_time as curtime, f.status,
  h.file_format::char(16) as file_format, 0 as is_partial, 0::bigint as start_offset, -1 as copy_job_id
from redshift.load_files f
join redshift.load_history h on h.query_id = f.query_id
where redshift.sees(h.user_id);

-- Empty tables are left out (dg:r_SVV_TABLE_INFO), and so are temporary ones.
create view redshift.svv_table_info as
select
  current_database()::text as database, n.nspname::text as schema, c.oid::integer as table_id, c.relname::text as "table",
  case when l.layout -> 'encodings' = '{}' then 'Y, AUTO(ENCODE)' else 'Y' end as encoded,
  case l.layout ->> 'diststyle'
    when 'KEY' then format('KEY(%s)', l.layout ->> 'distkey')
    when 'AUTO' then 'AUTO(ALL)'
    else l.layout ->> 'diststyle'
  end as diststyle,
  case when (l.layout ->> 'sortAuto')::boolean then 'AUTO(SORTKEY)' else l.layout -> 'sortkey' ->> 0 end as sortkey1,
  jsonb_array_length(l.layout -> 'sortkey') as sortkey_num,
  (pg_relation_size(c.oid) + 1048575) / 1048576 as size,
  c.reltuples::numeric(38, 0) as tbl_rows
from redshift.table_layouts l
join pg_class c on c.oid = l.relation
join pg_namespace n on n.oid = c.relnamespace
where c.relpersistence = 'p' and pg_relation_size(c.oid) > 0;

-- Only what the search path leads to.
create view redshift.pg_table_def as
select
  n.nspname as schemaname, c.relname as tablename, a.attname as "column", format_type(a.atttypid, a.atttypmod) as type,
  coalesce(l.layout -> 'encodings' ->> a.attname::text, 'none') as encoding,
  coalesce(l.layout ->> 'distkey' = a.attname::text, false) as distkey,
  coalesce(
    (select s.place::integer from jsonb_array_elements_text(l.layout -> 'sortkey') with ordinality as s (name, place)
     where s.name = a.attname::text), 0) as sortkey,
  a.attnotnull as notnull
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join redshift.table_layouts l on l.relation = c.oid
where c.relkind in ('r', 'v') and n.nspname = any (current_schemas(true)) and n.nspname <> 'pg_catalog';

-- Late-binding views depend on nothing (facts 2.7).
create view redshift.pg_depend as
select d.* from pg_catalog.pg_depend d
where not exists (
  select from redshift.late_views l join pg_rewrite r on r.ev_class = to_regclass(l.name)
  where d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
);

create view redshift.svv_tables as
select table_catalog, table_schema, table_name, table_type, null::text as remarks
from information_schema.tables
where table_schema not in ('redshift', 'pg_catalog', 'information_schema');

create view redshift.svv_columns as
select
  table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,
  character_maximum_length, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision,
  interval_type, null::text as interval_precision, null::text as remarks
from information_schema.columns
where table_schema not in ('redshift', 'pg_catalog', 'information_schema');

-- Visible as above by dg:r_SVV_TRANSACTIONS; dg:cm_chap_system-tables says that all see all, which nobody may rely on.
create view redshift.svv_transactions as
select
  a.usename::text as txn_owner, a.datname::text as txn_db, coalesce(l.transactionid::text, '0')::bigint as xid, l.pid,
  a.xact_start at time zone 'UTC' as txn_start, l.mode as lock_mode, l.locktype as lockable_object_type,
  l.relation::integer as relation, l.granted
from pg_locks l
join pg_stat_activity a on a.pid = l.pid
where a.datname = current_database() and l.locktype in ('relation', 'transactionid') and redshift.sees(a.usesysid::integer);

create view redshift.stv_sessions as
select
  backend_start at time zone 'UTC' as starttime, pid as process, usename::char(50) as user_name,
  datname::char(50) as db_name, 0 as timeout_sec
from pg_stat_activity
where backend_type = 'client backend' and application_name <> 'stand-in' and redshift.sees(usesysid::integer);

create view redshift.stv_db_isolation_level as
select oid::integer as db_id, datname::char(128) as db_name, 'Snapshot Isolation'::char(32) as isolation_level
from pg_database where datname = current_database();

grant usage on schema redshift to public;
grant select on all tables in schema redshift to public;
revoke select on redshift.load_history, redshift.load_files, redshift.load_errors from public;
