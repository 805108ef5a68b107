-- What this ledger has vouched for, and what speaks against a log. Not derived from any log: kept, never changed.
create schema witness authorization :owner;
set role :owner;

-- The log's signed notes that the mirror contains, each with this witness's cosignature under it.
create table witness.cosigned (
  source text, size bigint check (size >= 0), root bytea not null check (length(root) = 32), note text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (source, size)
);

-- Cosignature lines of others, the city's, under those notes.
create table witness.endorsed (
  source text, size bigint, witness text, line text not null, at timestamptz not null default clock_timestamp(),
  primary key (source, size, witness), foreign key (source, size) references witness.cosigned
);

-- Two signed notes that no one history has; the log is refused from then on.
create table witness.refused (
  source text, shown text, trusted text not null, reason text not null, at timestamptz not null default clock_timestamp(),
  primary key (source, shown)
);

-- What `fuquan ledger restore` found in a log and replaced; written by the administrator alone.
create table witness.damaged (
  id bigint generated always as identity primary key,
  source text not null, found text not null, position bigint, stream uuid, version int, type text, envelope bytea,
  leaf_hash bytea, command_id uuid, note text, at timestamptz not null default clock_timestamp()
);

create function witness.no_change() returns trigger language plpgsql as $$
begin raise exception 'witness.% is append-only', tg_table_name using errcode = '42501'; end $$;
do $$ declare t text; begin
  foreach t in array array['cosigned', 'endorsed', 'refused', 'damaged'] loop
    execute format('create trigger no_change before update or delete on witness.%I for each row execute function witness.no_change()', t);
    execute format('create trigger no_truncate before truncate on witness.%I for each statement execute function witness.no_change()', t);
  end loop;
end $$;

grant usage on schema witness to :service;
grant select, insert on witness.cosigned, witness.endorsed, witness.refused to :service;
grant select on witness.damaged to :service;
reset role;
