-- A command that changes nothing is remembered too: a row of `command` without events (n = 0), at the
-- version it found. A late copy of it gets that answer, whatever others have changed since.
set role :owner;
alter table log.command drop constraint command_n_check, add constraint command_n_check check (n between 0 and 500);
alter table log.command drop constraint command_stream_from_version_key;
create unique index command_stream_from_version on log.command (stream, from_version) where n > 0;

create or replace function log.append(
  p_command uuid, p_stream uuid, p_expected int, p_actor text, p_request bytea, p_types text[], p_envelopes bytea[]
) returns table (status text, version int)
language plpgsql security definer set search_path = log, pg_temp as $$
#variable_conflict use_column
declare c log.command;
begin
  -- A stream begins at 1 (or 0, as the library's own cases do); one that has begun at 1 gets no 0.
  if (p_expected <= 0 or exists (select from event e where e.stream = p_stream and e.version = p_expected))
     and not exists (select from event e where e.stream = p_stream
                        and e.version between p_expected + 1 and greatest(p_expected + 1, 1)) then
    insert into command (command_id, stream, from_version, n, actor, request)
      values (p_command, p_stream, p_expected + 1, cardinality(p_types), p_actor, p_request)
      on conflict do nothing;
    if found then
      insert into event (stream, version, command_id, type, envelope)
        select p_stream, p_expected + i, p_command, p_types[i], p_envelopes[i] from generate_subscripts(p_types, 1) i;
      return query select 'ok'::text, p_expected + cardinality(p_types);
      return;
    end if;
  end if;
  -- A fresh snapshot: an idempotent retry, or a real conflict.
  select * into c from command k where k.command_id = p_command;
  if not found then
    return query select 'conflict'::text, null::int;
  elsif c.request = p_request then
    return query select 'duplicate'::text, c.from_version + c.n - 1;
  else
    return query select 'key-reused'::text, null::int;
  end if;
end $$;

create or replace function log.append_batch(
  p_command uuid[], p_stream uuid[], p_expected int[], p_count int[], p_actor text[], p_request bytea[],
  p_owner int[], p_types text[], p_envelopes bytea[]
) returns table (place int, status text, version int)
language plpgsql security definer set search_path = log, pg_temp as $$
#variable_conflict use_column
declare won uuid[];
begin
  with c as (
    select * from unnest(p_command, p_stream, p_expected, p_count, p_actor, p_request)
      with ordinality u(command_id, stream, expected, n, actor, request, place)
  ), accepted as (
    insert into command (command_id, stream, from_version, n, actor, request)
    select command_id, stream, expected + 1, n, actor, request from c
     where (expected <= 0 or exists (select from event e where e.stream = c.stream and e.version = c.expected))
       and not exists (select from event e where e.stream = c.stream
                          and e.version between c.expected + 1 and greatest(c.expected + 1, 1))
     order by stream, expected
    on conflict do nothing returning command_id, stream, from_version
  ), recorded as (
    insert into event (stream, version, command_id, type, envelope)
    select a.stream, a.from_version + (row_number() over (partition by e.owner order by e.nth))::int - 1,
           a.command_id, e.type, e.envelope
      from unnest(p_owner, p_types, p_envelopes) with ordinality e(owner, type, envelope, nth)
      join c on c.place = e.owner join accepted a on a.command_id = c.command_id
     order by e.nth
  )
  select coalesce(array_agg(command_id), '{}') into won from accepted;
  return query
    select u.place::int,
           case when u.command_id = any (won) then 'ok'
                when k.command_id is null then 'conflict'
                when k.request = u.request then 'duplicate' else 'key-reused' end,
           case when u.command_id = any (won) or k.request = u.request then k.from_version + k.n - 1 end
      from unnest(p_command, p_request) with ordinality u(command_id, request, place)
      left join command k on k.command_id = u.command_id
     order by u.place;
end $$;
reset role;
