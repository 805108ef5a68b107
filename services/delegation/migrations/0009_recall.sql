-- What recalls touch, and how far each has come.
set role :owner;
-- Fed by the facts of cases: where an open case stands, and with whom.
alter table readmodel.open_case
  add column state text not null default 'accepted', add column with_org_id text;
create index on readmodel.open_case (grant_id);
create index on readmodel.open_case (town_id, item_id);
-- Fed by catalog's facts: where which version of a town's list stands.
create table readmodel.published_channel (
  programme_id text, town_id text, channel text, version int not null, url text, published_at timestamptz not null,
  primary key (programme_id, town_id, channel)
);
-- Fed by delegation's own facts; one per grant.
create table readmodel.recall (
  grant_id uuid primary key, recall_id uuid not null, programme_id text not null, ground text not null,
  proposed_at timestamptz, proposed_by_org_id text, heard_at timestamptz, opinion_ref text,
  decided_on date, decided_by_org_id text, effective_from timestamptz, decision_id uuid,
  list_version int, position bigint not null
);
create index on readmodel.recall (decision_id);
reset role;
