-- Holdings by grant or transfer, bitemporal: a row is never changed but for the end of its recorded interval.
set role :owner;
create extension if not exists btree_gist with schema public;
create table readmodel.holding (
  opened_by  bigint not null,          -- position in the delegation log of the fact that opened the interval
  nth        int not null,             -- place among the rows of that fact
  written_by bigint not null,          -- position of the fact that wrote this row: opened, ended or corrected it
  grant_id   uuid not null,
  programme_id text not null,
  item_id    text not null,
  town_id    text not null,            -- for a transfer: the unit
  scope      text[] not null,          -- empty: the whole item
  mode       text not null,
  facet      text not null,
  org_id     text not null,
  capacity   text not null,
  filed_at   text not null,            -- town | district | bureau
  cross_town text not null,            -- any | no | yes
  exclusive  boolean not null,
  instrument jsonb,
  effective_from timestamptz not null,
  effective_to   timestamptz,          -- exclusive; null: open
  known_from     timestamptz not null,
  known_to       timestamptz,          -- when the fact superseded_by was recorded
  effective  tstzrange generated always as (tstzrange(effective_from, effective_to)) stored,
  recorded   tstzrange generated always as (tstzrange(known_from, known_to)) stored,
  closed_by  bigint,                   -- position of the fact that ended the effective interval
  superseded_by bigint,                -- position of the fact after which this row is history
  primary key (opened_by, nth, written_by),
  -- PostgreSQL itself keeps two exclusive holders apart.
  exclude using gist (item_id with =, town_id with =, facet with =, filed_at with =, cross_town with =, effective with &&, recorded with &&)
    where (exclusive and not isempty(effective))
);
create index on readmodel.holding (item_id, town_id, facet);
create index on readmodel.holding (grant_id);
create index on readmodel.holding (org_id);
create table readmodel.started (grant_id uuid primary key, started_at timestamptz not null);
reset role;
