-- The mirror of every log, and the decisions in it with what their authority depends on.
set role :owner;
create table readmodel.mirror (
  source text, position bigint, previous bigint, stream uuid not null, version int not null, type text not null,
  leaf_hash bytea not null check (length(leaf_hash) = 32), envelope bytea not null,
  primary key (source, position)
);
-- A mirror that its own service could change would prove nothing.
revoke update, delete on readmodel.mirror from :service;

-- Both fed by cases: where and for what an application was accepted, and what was approved on it.
create table readmodel.acceptance (
  case_id uuid primary key, town_id text, subitem text, filed_at text not null, cross_town boolean not null,
  accepted_at timestamptz not null
);
create table readmodel.approval (
  position bigint primary key, case_id uuid not null, programme_id text not null, item_id text not null,
  org_id text not null, grant_id uuid, decided_at timestamptz not null, recorded_at timestamptz not null,
  town_id text, subitem text, filed_at text not null, cross_town boolean not null, accepted_at timestamptz not null
);
create index on readmodel.approval (item_id, town_id);

-- Fed by delegation: ended grants under which a case in hand may still be finished (R131).
create table readmodel.finishing (grant_id uuid primary key);
reset role;
