-- One service's log: accepted commands, their events, the dense order. DESIGN section 5.
-- Applied as the owner; :service appends, :relay sequences, :reader reads, nobody changes.
create schema log authorization :owner;
set role :owner;

-- Accepted commands: idempotency key and optimistic concurrency in one row, written before any
-- number is drawn, so that every writer owns its transaction id first (the sequencer relies on it).
create table log.command (
  command_id   uuid primary key,
  stream       uuid not null,
  from_version int not null check (from_version >= 0),
  n            smallint not null check (n between 1 and 500),
  actor        text not null,
  request      bytea not null check (length(request) = 32),
  received_at  timestamptz not null default clock_timestamp(),
  unique (stream, from_version)
);

-- A command of many steps has no events of its own; each step is a command. Kept here is which
-- request its id stands for, so that a reused id is told from a repetition.
create table log.request (
  command_id  uuid primary key,
  request     bytea not null check (length(request) = 32),
  received_at timestamptz not null default clock_timestamp()
);

-- Events: the exact bytes. 65,535 is the longest entry of a C2SP tlog-tiles bundle.
create table log.event (
  ord       bigint generated always as identity unique,
  stream    uuid not null,
  version   int not null check (version >= 0),
  command_id uuid not null,
  type      text not null,
  envelope  bytea not null check (length(envelope) <= 65535),
  leaf_hash bytea not null generated always as (sha256('\x00'::bytea || envelope)) stored,
  primary key (stream, version)
);

-- The dense order: position = Merkle leaf index = message position = replay order.
create table log.entry (
  position      bigint primary key check (position >= 0),
  ord           bigint not null unique references log.event (ord),
  leaf_hash     bytea not null,
  previous      bigint,
  integrated_at timestamptz not null default clock_timestamp()
);
create table log.sequence (one bool primary key default true check (one), next_position bigint not null, last_ord bigint not null);
insert into log.sequence values (true, 0, 0);
create table log.checkpoint (
  size bigint primary key, root bytea not null check (length(root) = 32), note text not null,
  signed_at timestamptz not null default clock_timestamp()
);

-- Who relays this log, and up to where it is confirmed by the broker. An epoch fences a holder
-- that slept through its lease.
create table log.relay (
  one bool primary key default true check (one), holder text, epoch bigint not null, until timestamptz not null,
  next_position bigint not null
);
insert into log.relay values (true, null, 0, 'epoch', 0);

create function log.append(
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
      values (p_command, p_stream, p_expected + 1, array_length(p_types, 1), p_actor, p_request)
      on conflict do nothing;
    if found then
      insert into event (stream, version, command_id, type, envelope)
        select p_stream, p_expected + i, p_command, p_types[i], p_envelopes[i] from generate_subscripts(p_types, 1) i;
      return query select 'ok'::text, p_expected + array_length(p_types, 1);
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

-- ok, duplicate or key-reused.
create function log.remember(p_command uuid, p_request bytea) returns text
language plpgsql security definer set search_path = log, pg_temp as $$
begin
  insert into request (command_id, request) values (p_command, p_request) on conflict do nothing;
  return case when found then 'ok'
              when exists (select from request r where r.command_id = p_command and r.request = p_request)
              then 'duplicate' else 'key-reused' end;
end $$;

-- Group commit: many independent commands, one transaction, one flush, an outcome each.
-- Two commands of one stream, or one command twice, belong into two batches (the caller sees to it).
create function log.append_batch(
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
    returning command_id
  )
  select coalesce(array_agg(distinct command_id), '{}') into won from recorded;
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

-- The sequencer. L = last number drawn; X = a transaction id of our own, taken after L; once every
-- id below X has ended, the numbers up to L are final: visible rows in order, holes are roll-backs.
-- Returns how many were integrated; 0 also while a writer below X is still open, -1 if another one is at work.
create function log.integrate(p_limit int, p_wait_ms int default 100) returns int
language plpgsql security definer set search_path = log, pg_temp as $$
declare k int; cur log.sequence; l bigint; x xid8; waited int := 0; highest bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'integrate needs read committed';
  end if;
  if not pg_try_advisory_xact_lock(hashtext('log.integrate')) then return -1; end if;
  select * into cur from sequence;
  select last_value into l from event_ord_seq where is_called;
  if l is null or l <= cur.last_ord then return 0; end if;
  x := pg_current_xact_id();
  while pg_snapshot_xmin(pg_current_snapshot()) < x loop
    waited := waited + 1;
    if waited > p_wait_ms then return 0; end if;
    perform pg_sleep(0.001);
  end loop;
  with batch as materialized (
    select e.ord, e.leaf_hash, e.stream, e.version from event e
     where e.ord > cur.last_ord and e.ord <= l order by e.ord limit p_limit
  ), numbered as materialized (
    select *, cur.next_position - 1 + row_number() over (order by ord) as pos,
           lag(version) over same as last_version, lag(ord) over same as last_ord
      from batch window same as (partition by stream order by ord)
  ), written as (
    insert into entry (position, ord, leaf_hash, previous)
    select n.pos, n.ord, n.leaf_hash,
           case when n.last_version = n.version - 1 then (select m.pos from numbered m where m.ord = n.last_ord)
                else (select p.position from event e join entry p on p.ord = e.ord
                       where e.stream = n.stream and e.version = n.version - 1) end
      from numbered n returning 1
  )
  select count(*), max(n.ord) into k, highest from numbered n;
  update sequence set next_position = next_position + k, last_ord = case when k < p_limit then l else highest end;
  return k;
end $$;

-- Even the owner trips over a trigger.
create function log.no_change() returns trigger language plpgsql as $$
begin raise exception 'log.% is append-only', tg_table_name using errcode = '42501'; end $$;
do $$ declare t text; begin
  foreach t in array array['command', 'request', 'event', 'entry', 'checkpoint'] loop
    execute format('create trigger no_change before update or delete on log.%I for each row execute function log.no_change()', t);
    execute format('create trigger no_truncate before truncate on log.%I for each statement execute function log.no_change()', t);
  end loop;
end $$;

revoke all on all tables in schema log from public;
revoke all on all functions in schema log from public;
grant usage on schema log to :service, :relay, :reader;
grant execute on function log.remember(uuid, bytea),
  log.append(uuid, uuid, int, text, bytea, text[], bytea[]),
  log.append_batch(uuid[], uuid[], int[], int[], text[], bytea[], int[], text[], bytea[]) to :service;
grant select on log.command to :service;
grant select on log.event, log.entry, log.checkpoint to :service, :relay, :reader;
grant execute on function log.integrate(int, int) to :relay;
grant select on log.sequence to :relay;
grant insert on log.checkpoint to :relay;
grant select, update on log.relay to :relay;
grant select on log.relay to :service, :reader;
reset role;
