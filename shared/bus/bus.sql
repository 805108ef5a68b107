-- A consumer's place in each source, and the facts it could not digest. Same transaction as the effects.
create schema bus authorization :owner;
create schema readmodel authorization :owner;
set role :owner;

-- projected: next position for the read model; reacted: next position for the policies.
create table bus.cursor (
  source text primary key, projected bigint not null default 0, reacted bigint not null default 0,
  check (reacted <= projected)
);

-- A poison fact, and every later fact of its stream behind it. A body that is no fact has no position.
create table bus.parked (
  id        bigint generated always as identity primary key,
  source    text,
  position  bigint,
  stream    uuid,
  stage     text not null check (stage in ('read', 'project', 'react')),
  error     text not null,
  body      bytea not null,
  parked_at timestamptz not null default clock_timestamp(),
  unique (source, position, stage)
);
create index on bus.parked (source, stream);

grant usage on schema bus, readmodel to :service;
grant select, insert, update on bus.cursor to :service;
grant select, insert, delete on bus.parked to :service;
alter default privileges for role :owner in schema readmodel grant select, insert, update, delete on tables to :service;
alter default privileges for role :owner in schema readmodel grant usage on sequences to :service;
reset role;
