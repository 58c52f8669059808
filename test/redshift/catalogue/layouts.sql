-- What Redshift keeps of a table and PostgreSQL does not, and views that follow names.

create table redshift.table_layouts (relation oid primary key, layout jsonb not null);

-- Called behind CREATE TABLE in the same transaction. Of a table that was there before (IF NOT EXISTS) nothing changes.
create function redshift.record_table(made regclass, layout text, parent regclass) returns void
  language plpgsql security definer as $$
declare
  whole jsonb := layout::jsonb;
begin
  if made is null or exists (select from redshift.table_layouts l where l.relation = made) then
    return;
  end if;
  if parent is not null then
    whole := coalesce(
      (select l.layout - 'keys' || jsonb_build_object('keys', whole -> 'keys')
       from redshift.table_layouts l where l.relation = parent), whole);
  end if;
  insert into redshift.table_layouts values (made, whole);
  perform redshift.check_bytes(made);
end $$;

-- Called behind ALTER TABLE. Declared keys are added to those there are.
create function redshift.alter_layout(altered regclass, change text) returns void
  language plpgsql security definer as $$
declare
  changed jsonb := change::jsonb;
begin
  if altered is null then
    return;
  end if;
  update redshift.table_layouts l
  set layout = l.layout || (changed - 'keys')
    || jsonb_build_object('keys', (l.layout -> 'keys') || coalesce(changed -> 'keys', '[]'))
  where l.relation = altered;
  perform redshift.check_bytes(altered);
end $$;

-- Facts 1.7: the length of a VARCHAR is in bytes, blanks at the end that go beyond it do not count; a CHAR takes
-- single-byte characters alone. The name of the constraint says the length, for the error's text.
create function redshift.check_bytes(altered regclass) returns void language plpgsql security definer as $$
declare
  col record;
  wanted text;
begin
  for col in
    select a.attname, a.attnum, a.atttypmod - 4 as length, a.atttypid = 'bpchar'::regtype as is_char
    from pg_attribute a
    where a.attrelid = altered and a.attnum > 0 and not a.attisdropped and a.atttypmod > 4
      and a.atttypid in ('varchar'::regtype, 'bpchar'::regtype)
  loop
    wanted := format('redshift_bytes_%s_%s', col.attnum, col.length);
    if not exists (select from pg_constraint where conrelid = altered and conname = wanted) then
      for wanted in
        select conname from pg_constraint
        where conrelid = altered and conname like format('redshift\_bytes\_%s\_%%', col.attnum)
      loop
        execute format('alter table %s drop constraint %I', altered, wanted);
      end loop;
      execute format(
        case
          when col.is_char then 'alter table %s add constraint %I check (octet_length(%I) <= %s)'
          else 'alter table %s add constraint %I check (octet_length(rtrim(%I, '' '')) <= %s)'
        end,
        altered, format('redshift_bytes_%s_%s', col.attnum, col.length), col.attname, col.length);
    end if;
  end loop;
end $$;

-- Called before a column is dropped or its type altered: keys cannot be (dg:r_ALTER_TABLE). The constraint in the error is
-- the member of ddlForms (rules/ddl-forms.ts) that it falls under.
create function redshift.check_column(altered regclass, col text, change text) returns void
  language plpgsql stable security definer as $$
declare
  whole jsonb := (select l.layout from redshift.table_layouts l where l.relation = altered);
  declared boolean := exists (select from jsonb_array_elements(whole -> 'keys') k where k -> 'columns' ? col);
begin
  if change = 'drop' and (declared or whole ->> 'distkey' = col or whole -> 'sortkey' ? col) then
    raise exception 'cannot drop column % of a key', col using errcode = '0A000', constraint = 'dropKey';
  end if;
  if change = 'type' and (declared or exists (
    select from pg_attribute a where a.attrelid = altered and a.attname = col and a.atthasdef
  )) then
    raise exception 'cannot alter type of column % of a key, or with a default', col
      using errcode = '0A000', constraint = 'alterKeyType';
  end if;
end $$;

-- Views WITH NO SCHEMA BINDING (facts 2.7): kept as text, and made anew when what they read comes back.
create table redshift.late_views (name text primary key, owner name not null, definition text not null);

create function redshift.create_late_view(view_name text, definition text, or_replace boolean) returns void
  language plpgsql security definer as $$
begin
  if to_regclass(view_name) is not null or exists (select from redshift.late_views l where l.name = view_name) then
    if not or_replace then
      raise exception 'relation "%" already exists', view_name using errcode = '42P07';
    end if;
    execute format('drop view if exists %s', view_name);
    delete from redshift.late_views l where l.name = view_name;
  end if;
  insert into redshift.late_views values (view_name, session_user, definition);
  perform redshift.bind_late_views();
end $$;

-- Makes those that are missing and can be made.
create function redshift.bind_late_views() returns void language plpgsql security definer as $$
declare
  view record;
begin
  for view in select * from redshift.late_views l where to_regclass(l.name) is null loop
    begin
      execute 'create view ' || view.definition;
      execute format('alter view %s owner to %I', view.name, view.owner);
    exception when others then
      null;
    end;
  end loop;
end $$;

-- Takes away those that read one of these relations.
create function redshift.unbind_late_views(relation_names text[]) returns void language plpgsql security definer as $$
declare
  view record;
begin
  for view in
    select distinct l.name
    from redshift.late_views l
    join pg_rewrite r on r.ev_class = to_regclass(l.name)
    join pg_depend d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass
    where d.refobjid in (select to_regclass(n) from unnest(relation_names) n where to_regclass(n) is not null)
      and d.refobjid <> r.ev_class
  loop
    execute format('drop view if exists %s cascade', view.name);
  end loop;
end $$;

-- Called before DROP VIEW, which needs a view to drop.
create function redshift.forget_late_views(view_names text[]) returns void language plpgsql security definer as $$
declare
  view record;
begin
  for view in delete from redshift.late_views l where l.name = any (view_names) returning l.name, l.owner loop
    if to_regclass(view.name) is null then
      execute format('create view %s as select 1 as dropped', view.name);
      execute format('alter view %s owner to %I', view.name, view.owner);
    end if;
  end loop;
end $$;

-- Aborts the transaction, as any error does; the stand-in tells the client which.
create function redshift.fail() returns void language plpgsql as $$
begin
  raise exception 'refused';
end $$;
